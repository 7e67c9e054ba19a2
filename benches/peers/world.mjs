// The objects that everything else is made of by SQL, put through Remit's own API.

export const SERVICES = 24;
export const TEMPLATES = 20;

const days = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"];
const zones = ["America/New_York", "America/Chicago", "Europe/Berlin", "Europe/London"];
const priorities = ["P1", "P2", "P3", "P4"];
const five = (number) => String(number).padStart(5, "0");
const usd = (amount) => ({ amount, currency: "USD" });

/** Puts the catalogue, one client and the agreements with tickets and time that are multiplied later. */
export async function putTemplates(ask, month) {
  const put = putter(ask);
  await put("putClient", { code: "C00001", name: "Client 00001" });
  for (let n = 0; n < SERVICES; n++)
    await put("putService", { code: `S${n}`, name: `Service ${n}`, kind: "SUPPORT" });
  for (const [n, timeZone] of zones.entries()) {
    await put("putCalendar", calendar(n, timeZone));
    await put("putSlaTier", tier(n));
  }
  for (let n = 1; n <= TEMPLATES; n++) await agreement(put, n, month);
  for (let n = 1; n <= TEMPLATES; n++) {
    await put("recordTickets", { tickets: tickets(n, month) }, "results { outcome }");
    await put("recordTimeEntries", { entries: entries(n, month) }, "results { outcome }");
  }
}

function putter(ask) {
  return async (mutation, input, selection = "") => {
    const kind = `${mutation[0].toUpperCase()}${mutation.slice(1)}Input`;
    const query = `mutation ($input: ${kind}!) { ${mutation}(input: $input) { ${selection} errors { code message path } } }`;
    const answer = await ask({ query, variables: { input } });
    const said = answer.data?.[mutation];
    const refused = said?.results?.some((result) => result.outcome === "REJECTED");
    if (!said || said.errors.length || refused) throw new Error(`${mutation}: ${JSON.stringify(answer)}`);
  };
}

function calendar(n, timeZone) {
  const weekly = days.map((weekday) => ({ weekday, opens: "08:00", closes: "17:00" }));
  return { code: `CAL${n}`, name: `Hours in ${timeZone}`, timeZone, weekly };
}

function tier(n) {
  const target = (priority) => ({ priority, milestone: "RESPONSE", within: `PT${n + 1}H` });
  return { code: `TIER${n}`, name: `Tier ${n}`, targets: priorities.map(target) };
}

async function agreement(put, n, month) {
  const number = `A-${five(n)}`;
  const of = { agreement: { code: number } };
  await put("createAgreement", { number, title: `Agreement ${five(n)}`, client: { code: "C00001" }, currency: "USD" });
  await put("draftTerms", draft(n, of, `${Number(month.slice(0, 4)) - 2}-01-01`));
  await put("offerTerms", of);
  await put("activateTerms", { ...of, acceptedBy: "the client's board" });
  await put("closeBillingPeriod", { ...of, from: before(month), withEarlier: true });
}

/** The first day of the month before. */
function before(month) {
  const day = new Date(`${month}-01T00:00:00Z`);
  day.setUTCMonth(day.getUTCMonth() - 1);
  return day.toISOString().slice(0, 10);
}

/** Twelve of the services, six obligations, and something in each of the other sections. */
function draft(n, of, effectiveFrom) {
  const service = (place) => ({ code: `S${(n + place) % SERVICES}` });
  const places = [...Array(12).keys()];
  const services = places.map((place) => ({ service: service(place), quantity: place + 1, unitPrice: usd("25.00") }));
  const obligations = places.slice(0, 6).map((place) => ({
    code: `O${place}`, title: `Standard ${place}`, standard: "Is met.", gatesServices: [service(place)], graceDays: 7,
  }));
  const responsible = (scenario) => ({ scenario, party: "PROVIDER", duties: "Mends it." });
  const expected = (component) => ({
    component, metric: "uptime", comparator: "AT_LEAST", value: "99", unit: "%", window: "CALENDAR_MONTH", measuredBy: "PROVIDER",
  });
  const rate = (hoursClass, multiplier) => ({ hoursClass: [hoursClass], treatment: "MULTIPLIER", multiplier });
  return {
    ...of, effectiveFrom, calendar: { code: `CAL${n % zones.length}` }, tier: { code: `TIER${n % zones.length}` },
    services, obligations,
    exclusions: [{ title: "Consumables", reason: "Bought by the client." }],
    responsibilities: ["HARDWARE_FAILURE", "NETWORK_FAILURE", "SOFTWARE_GLITCH", "SYSTEM_FAILURE"].map(responsible),
    extraHours: {
      roles: [{ role: "engineer", hourly: usd("150") }], rounding: { increment: "PT15M" },
      rates: [rate("HOLIDAY", "2"), rate("WEEKEND", "2"), rate("AFTER_HOURS", "1.5"), rate("BUSINESS", "1")],
    },
    performance: ["HARDWARE", "THIRD_PARTY_SYSTEM", "WORKSTATION"].map(expected),
    recovery: [{ scenario: "SYSTEM_FAILURE", fixWithin: "PT8H" }],
    backups: [{ subject: "Servers", every: "PT24H", retentionDays: 30 }],
  };
}

/** Three tickets that are over, one of each of the first priorities. */
function tickets(n, month) {
  return [1, 2, 3].map((place) => ({
    ref: { system: "PSA", id: `T-${n}-${place}` }, agreement: { code: `A-${five(n)}` }, title: "A printer does not print",
    service: { code: `S${(n + place) % SERVICES}` }, priority: `P${place}`, openedAt: `${month}-0${place}T15:00:00Z`,
    events: [
      { id: "1", kind: "RESPONDED", at: `${month}-0${place}T15:20:00Z` }, { id: "2", kind: "RESOLVED", at: `${month}-0${place}T18:00:00Z` },
    ],
  }));
}

/** Ten pieces of work, each wholly within one class of hours, so that each has one charge. */
function entries(n, month) {
  return [...Array(10).keys()].map((place) => ({
    ref: { system: "PSA", id: `E-${n}-${place}` }, agreement: { code: `A-${five(n)}` }, service: { code: `S${(n + place) % SERVICES}` },
    role: "engineer", technician: `tech-${place}`, startedAt: `${month}-${11 + place}T15:00:00Z`, endedAt: `${month}-${11 + place}T15:50:00Z`,
  }));
}
