// Measuring: rounds of load, how many statements a request sends, and medians.
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { childrensCpu, cpu } from "./servers.mjs";

const CONNECTIONS = 32;

export const median = (values) => values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)];

/** Asks a server once; anything but success is an error. */
export async function ask(server, { path, body }) {
  const headers = { "content-type": "application/json", ...Object.fromEntries(server.headers) };
  // A number of its own, as `load` gives one.
  const numbered = body?.replace("%".repeat(16), String(process.hrtime.bigint()).padStart(16, "0").slice(-16));
  const response = await fetch(`http://${server.address}${path}`, { method: body ? "POST" : "GET", headers, body: numbered });
  const text = await response.text();
  if (response.status !== 200 || text.includes('"errors":[{')) throw new Error(`${server.name}: ${path} ${body} ${text.slice(0, 500)}`);
  return JSON.parse(text);
}

/** Measures servers with requests, one after another in rounds whose order rotates. */
export class Measurement {
  constructor(program, folder, client, postmaster, { rounds, seconds }) {
    Object.assign(this, { program, folder, client, postmaster, rounds, seconds });
  }

  /** For each contender, a server with requests, what the median of its rounds is. */
  async compare(contenders) {
    const plans = contenders.map((contender, place) => ({ ...contender, file: this.plan(contender, place), rounds: [] }));
    for (const plan of plans) await this.round(plan, Math.min(1, this.seconds));
    for (let round = 0; round < this.rounds; round++) {
      for (let place = 0; place < plans.length; place++) {
        const plan = plans[(place + round) % plans.length];
        plan.rounds.push(await this.round(plan, this.seconds));
      }
    }
    return plans.map(({ rounds }) => {
      const figure = (name) => median(rounds.map((round) => round[name]));
      return { rate: figure("rate"), p50: figure("p50"), p95: figure("p95"), cpu: figure("cpu"), database: figure("database") };
    });
  }

  plan({ server, requests }, place) {
    const file = `${this.folder}/plan-${place}.json`;
    writeFileSync(file, JSON.stringify({ headers: server.headers, requests }));
    return file;
  }

  async round({ server, file }, seconds) {
    const used = () => [cpu(server.pid), childrensCpu(this.postmaster)];
    const [before, before_database] = used();
    const { stdout } = await promisify(execFile)(this.program, [server.address, String(CONNECTIONS), String(seconds), file]);
    const [after, after_database] = used();
    const said = JSON.parse(stdout);
    if (said.failed) throw new Error(`${server.name}: ${said.failed} of ${said.requests} requests failed`);
    return {
      rate: said.requests / said.seconds, p50: said.p50, p95: said.p95,
      cpu: (after - before) / said.requests, database: (after_database - before_database) / said.requests,
    };
  }

  /** How many statements a request sends, BEGIN and COMMIT among them: PostgreSQL's log says. */
  async statements({ server, requests }) {
    const asked = requests.slice(0, 20);
    await this.logEach("0");
    const before = await this.logged();
    for (const request of asked) await ask(server, request);
    const after = await this.logged();
    await this.logEach("-1");
    return (after - before - 1) / asked.length;
  }

  async logEach(duration) {
    await this.client.query(`alter system set log_min_duration_statement = ${duration}`);
    await this.client.query("select pg_reload_conf()");
    // Connections heed it before their next statement, once the signal has come.
    await sleep(500);
  }

  async logged() {
    const { rows } = await this.client.query(`select count(*)::int as count
      from regexp_matches(pg_read_file(current_setting('data_directory') || '/../log'), 'LOG:  duration: [0-9.]+ ms  (execute|statement)', 'g')`);
    return rows[0].count;
  }
}
