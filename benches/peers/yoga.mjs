// graphql-yoga with pg and dataloader on Remit's own tables: `node yoga.mjs PORT DATABASE`. It takes the documents that Remit
// takes. No tokens, one tenant, no rules: recording writes two rows.
import { createServer } from "node:http";
import DataLoader from "dataloader";
import { createSchema, createYoga } from "graphql-yoga";
import pg from "pg";

const [port, database] = process.argv.slice(2);
const pool = new pg.Pool({ connectionString: database, max: 16 });

const typeDefs = /* GraphQL */ `
  type Query {
    agreement(by: Ref!): Agreement
    agreements(first: Int!, after: String): AgreementConnection!
    charges(first: Int!, after: String): ChargeConnection!
  }
  type Mutation { recordTimeEntries(input: RecordTimeEntriesInput!): RecordTimeEntriesPayload! }
  input Ref { code: String! }
  type PageInfo { hasNextPage: Boolean! endCursor: String }
  type AgreementConnection { pageInfo: PageInfo! nodes: [Agreement!]! }
  type Agreement { id: ID! number: String! title: String! status: String! client: Client! terms: Terms }
  type Client { id: ID! code: String! name: String! }
  type Terms {
    version: Int! effectiveFrom: String calendar: Calendar! tier: Tier! services: [IncludedService!]! obligations: [Obligation!]!
  }
  type Calendar { code: String! timeZone: String! }
  type Tier { code: String! targets: [Target!]! }
  type Target { priority: String! milestone: String! within: String! }
  type IncludedService { clause: String! quantity: Int! unitPrice: Money! service: Service! }
  type Service { code: String! name: String! kind: String! }
  type Money { amount: String! currency: String! }
  type Obligation {
    clause: String! code: String! title: String! standard: String! gatesServices: [Service!]! effects: [String!]! graceDays: Int!
  }
  type ChargeConnection { pageInfo: PageInfo! nodes: [Charge!]! }
  type Charge {
    id: ID! kind: String! status: String! client: Client! agreement: Agreement! hoursClass: String from: String to: String
    worked: String! included: String! charged: String! hourlyRate: Money amount: Money! reasons: [Reason!]! invoiceRef: String
  }
  type Reason { code: String! clause: String text: String! }
  input RecordTimeEntriesInput { entries: [TimeEntryInput!]! }
  input TimeEntryInput {
    ref: ExternalRefInput! agreement: Ref! service: Ref! role: String! technician: String startedAt: String! endedAt: String!
  }
  input ExternalRefInput { system: String! id: String! }
  type RecordTimeEntriesPayload { results: [TimeEntryResult!]! errors: [UserError!]! }
  type TimeEntryResult { outcome: String! timeEntry: TimeEntry errors: [UserError!]! }
  type TimeEntry { id: ID! }
  type UserError { code: String! message: String! }
`;

// A statement with a name is prepared once for each connection.
const rows = async (name, text, values) => (await pool.query({ name, text, values })).rows;

const byKey = (name, text, key) =>
  new DataLoader(async (keys) => {
    const found = new Map((await rows(name, text, [keys])).map((row) => [row[key], row]));
    return keys.map((wanted) => found.get(wanted));
  });

const loaders = () => ({
  clients: byKey("clients", "select id, code, name from client where provider_id = 'bench' and id = any($1)", "id"),
  agreements: byKey("agreements", "select id, number, title from agreement where provider_id = 'bench' and id = any($1)", "id"),
  terms: byKey("terms", "select id, version, effective_from, sections from agreement_terms where provider_id = 'bench' and id = any($1)", "id"),
  services: byKey("services", "select code, name, kind from service where provider_id = 'bench' and code = any($1)", "code"),
  calendars: byKey("calendars", `select c.code || ' ' || r.revision as pinned, c.code, r.hours from calendar c join calendar_revision r
    on r.provider_id = c.provider_id and r.calendar_id = c.id where c.provider_id = 'bench' and c.code || ' ' || r.revision = any($1)`, "pinned"),
  tiers: byKey("tiers", `select c.code || ' ' || r.revision as pinned, c.code, r.definition from sla_tier c join sla_tier_revision r
    on r.provider_id = c.provider_id and r.tier_id = c.id where c.provider_id = 'bench' and c.code || ' ' || r.revision = any($1)`, "pinned"),
});

const AGREEMENT = "id, number, title, client_id, current_terms, accepted_version, ends_at, terminated_at";
const pinned = ({ code, revision }) => `${code} ${revision}`;
const id = (prefix, uuid) => `${prefix}_${uuid.replaceAll("-", "")}`;
const money = (amount, currency) => ({ amount: Number(amount).toFixed(2), currency: currency.slice(0, 3) });
const instant = (micros) => micros && new Date(Number(micros) / 1000).toISOString().replace(".000Z", "Z");
const micros = (instant) => Date.parse(instant) * 1000;

function duration(micros) {
  const seconds = Number(micros) / 1e6;
  const parts = [[Math.floor(seconds / 3600), "H"], [Math.floor(seconds / 60) % 60, "M"], [seconds % 60, "S"]];
  return `PT${parts.map(([count, unit]) => (count ? count + unit : "")).join("") || "0S"}`;
}

function status(agreement) {
  if (agreement.accepted_version === null) return "DRAFT";
  const ends = [agreement.ends_at, agreement.terminated_at].filter((at) => at !== null).map(Number);
  return Math.min(...ends) <= Date.now() * 1000 ? "ENDED" : "ACTIVE";
}

function page(found, first, cursor) {
  const nodes = found.slice(0, first);
  return { nodes, pageInfo: { hasNextPage: found.length > first, endCursor: nodes.at(-1)?.[cursor] } };
}

const record = async ({ ref, agreement, service, startedAt, endedAt }) => {
  const values = [ref.id, agreement.code, service.code, micros(startedAt), micros(endedAt)];
  const [entry] = await rows("record", "select peers.record_time($1, $2, $3, $4, $5) as id", values);
  return { outcome: "CREATED", timeEntry: { id: id("time", entry.id) }, errors: [] };
};

const resolvers = {
  Query: {
    agreement: async (_, { by }) =>
      (await rows("agreement", `select ${AGREEMENT} from agreement where provider_id = 'bench' and number = $1`, [by.code]))[0],
    agreements: async (_, { first, after }) => page(await rows("list",
      `select ${AGREEMENT} from agreement where provider_id = 'bench' and number > $1 order by number limit $2`,
      [after ?? "", first + 1]), first, "number"),
    charges: async (_, { first, after }) => page(await rows("charges",
      "select * from charge where provider_id = 'bench' and place > $1 order by place limit $2", [after ?? "", first + 1]), first, "place"),
  },
  Mutation: {
    recordTimeEntries: async (_, { input }) => ({ results: await Promise.all(input.entries.map(record)), errors: [] }),
  },
  Agreement: {
    id: (agreement) => id("agr", agreement.id),
    status,
    client: (agreement, _, load) => load.clients.load(agreement.client_id),
    terms: async (agreement, _, load) => {
      const terms = await load.terms.load(agreement.current_terms);
      return { ...terms, ...JSON.parse(terms.sections) };
    },
  },
  Client: { id: (client) => id("cli", client.id) },
  Terms: {
    effectiveFrom: (terms) => terms.effective_from,
    calendar: (terms, _, load) => load.calendars.load(pinned(terms.calendar)),
    tier: (terms, _, load) => load.tiers.load(pinned(terms.tier)),
    services: (terms) => terms.services.map((line, place) => ({ ...line, clause: `1.1.${place + 1}` })),
    obligations: (terms) => terms.obligations.map((line, place) => ({ ...line, clause: `4.${place + 1}` })),
  },
  Calendar: { timeZone: (calendar) => JSON.parse(calendar.hours).zone },
  Tier: { targets: (tier) => JSON.parse(tier.definition).targets },
  Target: { within: (target) => target.limit.WITHIN.time },
  IncludedService: {
    unitPrice: (line) => money(line.unit_price.amount, line.unit_price.currency),
    service: (line, _, load) => load.services.load(line.service),
  },
  Obligation: {
    gatesServices: (line, _, load) => load.services.loadMany(line.gates_services),
    graceDays: (line) => line.grace_days,
  },
  Charge: {
    id: (charge) => id("chg", charge.id),
    client: (charge, _, load) => load.clients.load(charge.client_id),
    agreement: (charge, _, load) => load.agreements.load(charge.agreement_id),
    hoursClass: (charge) => charge.hours_class,
    from: (charge) => instant(charge.from_at),
    to: (charge) => instant(charge.to_at),
    worked: (charge) => duration(charge.worked),
    included: (charge) => duration(charge.included),
    charged: (charge) => duration(charge.charged),
    hourlyRate: (charge) => charge.hourly_rate && money(charge.hourly_rate, charge.currency),
    amount: (charge) => money(Number(charge.amount) / 100, charge.currency),
    reasons: (charge) => JSON.parse(charge.reasons),
    invoiceRef: (charge) => charge.invoice_ref,
  },
};

const schema = createSchema({ typeDefs, resolvers });
const yoga = createYoga({ schema, context: loaders, graphiql: false, landingPage: false, logging: "error" });
createServer(yoga).listen(Number(port), "127.0.0.1");
