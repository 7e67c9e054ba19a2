// What each server is asked, for each shape. A plan has the requests that are sent in turns; where the cursor of a page is
// needed, `walk` says how to get the next one.

const NUMBER = "%".repeat(16);
const five = (number) => String(number).padStart(5, "0");
/** Each number once, in no order that a disk or a cache could guess. */
const scattered = (count) => [...Array(count).keys()].map((n) => ((n * 7919) % count) + 1);
const graphql = (query, variables) => ({ path: "/graphql", body: JSON.stringify({ query: query.replace(/\s+/g, " "), variables }) });

/** One moment in office hours of the month before this one, in which most time is recorded. */
const now = new Date();
const monday = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 1, 1, 15));
monday.setUTCDate(monday.getUTCDate() + ((8 - monday.getUTCDay()) % 7));
const STARTED = monday.toISOString().replace(".000Z", "Z");
const ENDED = new Date(monday.getTime() + 50 * 60_000).toISOString().replace(".000Z", "Z");
const micros = (instant) => Date.parse(instant) * 1000;
/** A service that the terms of an agreement include: see world.mjs. */
const service = (number) => `S${(((number - 1) % 20) + 1 + 3) % 24}`;

const PAGE = `query Page($number: String!) { agreement(by: {code: $number}) { number title status client { code name } terms {
  version effectiveFrom calendar { code timeZone } tier { code targets { priority milestone within } }
  services { clause quantity unitPrice { amount currency } service { code name kind } }
  obligations { clause code title standard gatesServices { code } effects graceDays } } } }`;
const LIST = `query List($after: String) { agreements(first: 50, after: $after) { pageInfo { hasNextPage endCursor }
  nodes { number title status terms { version effectiveFrom tier { code targets { priority milestone within } } } } } }`;
const PULL = `query Pull($after: String) { charges(first: 500, after: $after) { pageInfo { hasNextPage endCursor } nodes {
  id kind status client { id code name } agreement { id number title } hoursClass from to worked included charged
  hourlyRate { amount currency } amount { amount currency } reasons { code clause text } invoiceRef } } }`;
const RECORD = `mutation Record($input: RecordTimeEntriesInput!) { recordTimeEntries(input: $input) {
  results { outcome timeEntry { id } errors { code message } } errors { code message } } }`;
const COVERAGE = `query Coverage($input: CoverageInput!) { coverage(input: $input) { verdict responsible liable hoursClass chargeable
  hourlyRate { amount } deadlines { milestone due } reasons { code clause text } } }`;

const entry = (n) => ({
  ref: { system: "PSA", id: NUMBER }, agreement: { code: `A-${five(n)}` }, service: { code: service(n) }, role: "engineer",
  technician: `tech-${n % 200}`, startedAt: STARTED, endedAt: ENDED,
});
const question = (n) => ({
  agreement: { code: `A-${five(n)}` }, service: { code: service(n) }, priority: "P2", scenario: "HARDWARE_FAILURE", at: STARTED,
});

/** Remit's documents, which the yoga server takes too. */
const remit = {
  page: (n) => graphql(PAGE, { number: `A-${five(n)}` }),
  list: (after) => graphql(LIST, { after }),
  pull: (after) => graphql(PULL, { after }),
  record: (n) => graphql(RECORD, { input: { entries: [entry(n)] } }),
  coverage: (n) => graphql(COVERAGE, { input: question(n) }),
};

const { coverage, ...yoga } = remit;

const limit = {
  page: (n) => ({ path: `/page/A-${five(n)}` }),
  list: (after) => ({ path: `/list?after=${after ?? ""}` }),
  pull: (after) => ({ path: `/pull?after=${after ?? ""}` }),
  record: (n) => ({
    path: "/record",
    body: JSON.stringify({
      id: NUMBER, agreement: `A-${five(n)}`, service: service(n), startedAt: micros(STARTED), endedAt: micros(ENDED),
    }),
  }),
  coverage: (n) => ({ path: `/coverage/A-${five(n)}/${service(n)}` }),
};

const POSTGRAPHILE_PAGE = `query Page($number: String!) { agreement: agreementByNumber(number: $number) { number title status
  client: clientByClientId { code name } terms: termByTermsId { version effectiveFrom calendar: calendarByCalendarId { code timeZone }
  tier: tierByTierId { code targets: targetsByTierId { nodes { priority milestone within } } }
  services: includedServicesByTermsId { nodes { clause quantity unitPrice currency service: serviceByServiceId { code name kind } } }
  obligations: obligationsByTermsId { nodes { clause code title standard gatesServices effects graceDays } } } } }`;
const POSTGRAPHILE_LIST = `query List($after: Cursor) { agreements: allAgreements(first: 50, after: $after, orderBy: NUMBER_ASC) {
  pageInfo { hasNextPage endCursor } nodes { number title status terms: termByTermsId { version effectiveFrom
  tier: tierByTierId { code targets: targetsByTierId { nodes { priority milestone within } } } } } } }`;
const POSTGRAPHILE_PULL = `query Pull($after: Cursor) { charges: allCharges(first: 500, after: $after, orderBy: PLACE_ASC) {
  pageInfo { hasNextPage endCursor } nodes { rowId kind status client: clientByClientId { rowId code name }
  agreement: agreementByAgreementId { rowId number title } hoursClass fromAt toAt worked included charged hourlyRate currency amount
  reasons invoiceRef } } }`;
const POSTGRAPHILE_RECORD = `mutation Record($input: RecordTimeInput!) { recordTime(input: $input) { result } }`;

const postgraphile = {
  page: (n) => graphql(POSTGRAPHILE_PAGE, { number: `A-${five(n)}` }),
  list: (after) => graphql(POSTGRAPHILE_LIST, { after }),
  pull: (after) => graphql(POSTGRAPHILE_PULL, { after }),
  record: (n) => graphql(POSTGRAPHILE_RECORD, {
    input: {
      externalId: NUMBER, agreementNumber: `A-${five(n)}`, serviceCode: service(n), startedAt: String(micros(STARTED)),
      endedAt: String(micros(ENDED)),
    },
  }),
};

const ASKED = { remit, limit, postgraphile, yoga };
const PAGES = { list: "agreements", pull: "charges" };

/** The requests of a shape to a server; null if it cannot answer them. `ask` is used to walk through pages. */
export async function requests(server, shape, agreements, ask) {
  const request = ASKED[server][shape];
  if (!request) return null;
  if (!PAGES[shape]) return scattered(agreements).map(request);
  const pages = [];
  let after;
  while (pages.length < 50) {
    pages.push(request(after));
    const { hasNextPage, endCursor } = (await ask(request(after))).data[PAGES[shape]].pageInfo;
    if (!hasNextPage) break;
    after = endCursor;
  }
  return pages;
}

/** The cursor behind so many charges, walked to in the largest steps; a page's worth more where they do not divide. */
export async function cursorBehind(charges, ask) {
  let after;
  for (let passed = 0; passed < charges; passed += 500) {
    const query = "query Walk($after: String) { charges(first: 500, after: $after) { pageInfo { endCursor } } }";
    after = (await ask(graphql(query, { after }))).data.charges.pageInfo.endCursor;
  }
  return after;
}

/** A page of a hundred charges behind a cursor. */
export const hundredCharges = (after) => graphql(PULL.replace("first: 500", "first: 100"), { after });

/** The page of the fifty newest tickets. */
export const newestTickets = () => graphql("{ tickets(last: 50) { nodes { id title priority openedAt clocks { milestone state due } } } }");
