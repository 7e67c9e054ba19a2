// Remit beside its peers: fills a throw-away PostgreSQL, starts the servers on it, measures them in turns, prints tables.
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import pg from "pg";
import { compare } from "./answers.mjs";
import { load } from "./data.mjs";
import { Measurement, ask, median } from "./measure.mjs";
import { cursorBehind, hundredCharges, newestTickets, requests } from "./requests.mjs";
import { cluster, endAll, limit, node, remit, resident, stop } from "./servers.mjs";
import { flatTable, remitTable, shapesTable } from "./tables.mjs";

const { values: options } = parseArgs({
  options: {
    small: { type: "boolean", default: false },
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "3" },
  },
});
const SIZES = options.small
  ? { clients: 100, agreements: 500, tickets: 30_000, entries: 50_000 }
  : { clients: 1_000, agreements: 5_000, tickets: 300_000, entries: 1_000_000 };
const FIRST_TICKETS = 10_000;
const SHAPES = ["page", "list", "pull", "record", "coverage"];
const STARTS = 5;

const { REMIT, LIMIT, LOAD } = process.env;
const folder = mkdtempSync(join(tmpdir(), "remit-peers-"));

for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => tidy().then(() => process.exit(1)));
try {
  await run();
} finally {
  await tidy();
}

async function tidy() {
  await endAll();
  rmSync(folder, { recursive: true, force: true });
}

async function run() {
  const { client, database, postmaster } = await newDatabase(await cluster());
  const measurement = new Measurement(LOAD, folder, client, postmaster, { rounds: Number(options.rounds), seconds: Number(options.seconds) });
  const first = await startRemit(database);
  const fewTickets = await fill(client, first, measurement);
  await stop(first);
  const [ours, start] = await startSeveralTimes(database);
  const servers = [ours, await limit(LIMIT, database), await node("postgraphile", database), await node("yoga", database)];

  const results = {};
  for (const shape of SHAPES) results[shape] = await measureShape(measurement, servers, shape);
  const memory = Object.fromEntries(servers.map((server) => [server.name, resident(server.pid)]));
  const flatness = { [`newest 50 of ${FIRST_TICKETS} tickets`]: fewTickets, ...(await measureFlatness(measurement, ours)) };
  say(heading());
  say(shapesTable(results));
  say(remitTable(start, memory));
  say(flatTable(flatness));
  await client.end();
}

async function newDatabase(base) {
  const creating = await connect(`${base}/postgres`);
  await creating.query("create database peers");
  // Tables are vacuumed when they are filled, and not in the middle of somebody's round; and all is in memory.
  await creating.query("alter system set autovacuum = off");
  await creating.query("alter system set random_page_cost = 1.1");
  await creating.query("select pg_reload_conf()");
  await creating.end();
  const database = `${base}/peers`;
  const client = await connect(database);
  const { rows } = await client.query("select split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::int as pid");
  return { client, database, postmaster: rows[0].pid };
}

/** Loads everything, and between measures a list of tickets while there are few. */
async function fill(client, server, measurement) {
  const begun = performance.now();
  const put = (body) => ask(server, { path: "/graphql", body: JSON.stringify(body) });
  const loadTheRest = await load(client, put, SIZES, FIRST_TICKETS);
  const fewTickets = await flat(measurement, server, newestTickets());
  await loadTheRest();
  say(`filled in ${((performance.now() - begun) / 1000).toFixed(0)} s`);
  return fewTickets;
}

/** A running Remit, and what starting it is like: milliseconds, megabytes. */
async function startSeveralTimes(database) {
  const starts = [];
  for (let times = 1; times < STARTS; times++) {
    const server = await startRemit(database);
    starts.push(server.readyAfter);
    await stop(server);
  }
  const server = await startRemit(database);
  starts.push(server.readyAfter);
  return [server, { ready: median(starts), resident: resident(server.pid), size: statSync(REMIT).size / 1e6 }];
}

/** Lists of Remit that should not get slower with what there is, nor with how far one has read; they take turns too. */
async function measureFlatness(measurement, server) {
  const lastPage = await cursorBehind(SIZES.entries - 100, (request) => ask(server, request));
  const lists = {
    [`newest 50 of ${SIZES.tickets} tickets`]: newestTickets(),
    "100 charges, page 1": hundredCharges(),
    [`100 charges, page ${SIZES.entries / 100}`]: hundredCharges(lastPage),
  };
  const figures = await measurement.compare(Object.values(lists).map((request) => ({ server, requests: [request] })));
  return Object.fromEntries(Object.keys(lists).map((what, place) => [what, figures[place]]));
}

async function connect(database) {
  const client = new pg.Client(database);
  // When a run fails, PostgreSQL is ended before this connection; the failure is what should be read.
  client.on("error", () => {});
  await client.connect();
  return client;
}

async function startRemit(database) {
  const server = await remit(REMIT, database, folder);
  const scopes = "catalogue:read catalogue:write clients:read clients:write agreements:read agreements:write agreements:activate " +
    "tickets:read tickets:write time:read time:write charges:read charges:write coverage:read";
  const where = ["--database-url", database, "--data-dir", folder];
  const token = execFileSync(REMIT, ["token", "--provider", "bench", "--scope", scopes, "--ttl", "1d", ...where]);
  server.headers.push(["authorization", `Bearer ${token.toString().trim()}`]);
  return server;
}

/** All servers that know a shape, by name; their answers are the same. */
async function measureShape(measurement, servers, shape) {
  const contenders = [];
  for (const server of servers) {
    const plan = await requests(server.name, shape, SIZES.agreements, (request) => ask(server, request));
    if (plan) contenders.push({ server, requests: plan });
  }
  const [remits, ...others] = await Promise.all(contenders.map(({ server, requests: [first] }) => ask(server, first)));
  for (const [place, answer] of others.entries()) compare(contenders[place + 1].server.name, shape, answer, remits);
  const figures = await measurement.compare(contenders);
  const named = {};
  for (const [place, contender] of contenders.entries())
    named[contender.server.name] = { ...figures[place], statements: await measurement.statements(contender) };
  say(`${shape}: ${Object.entries(named).map(([name, { rate }]) => `${name} ${rate.toFixed(0)}/s`).join(", ")}`);
  return named;
}

async function flat(measurement, server, request) {
  const [figures] = await measurement.compare([{ server, requests: [request] }]);
  return figures;
}

function heading() {
  const { clients, agreements, tickets, entries } = SIZES;
  return `\n${new Date().toISOString().slice(0, 10)}: ${cpus().length} cores, ${options.rounds} rounds of ${options.seconds} s each; ` +
    `${clients} clients, ${agreements} agreements, ${tickets} tickets, ${entries} time entries and charges.\n`;
}

function say(text) {
  console.log(text);
}
