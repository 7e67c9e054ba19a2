// The servers that are measured, each a process of its own, and PostgreSQL.
import { spawn } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

const here = new URL(".", import.meta.url).pathname;
const running = [];
// Whatever ends this process ends the servers, and PostgreSQL by its standard input.
process.on("exit", () => running.forEach((child) => child.kill()));

/** Ends everything that was started here, the last first. */
export async function endAll() {
  for (const child of running.splice(0).reverse()) await end(child);
}

async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  // The cluster ends with its standard input, the servers are told to.
  if (child.stdin) child.stdin.end();
  else child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), 30_000);
  await ended;
  clearTimeout(timer);
}

function start(program, args, options = {}) {
  const child = spawn(program, args, { stdio: ["ignore", "inherit", "inherit"], ...options });
  child.on("error", (error) => { throw error; });
  running.push(child);
  return child;
}

/** A throw-away PostgreSQL, as the tests have it; its address. */
export async function cluster() {
  const child = start("cargo", ["xtask", "cluster"], { cwd: `${here}../..`, stdio: ["pipe", "pipe", "inherit"] });
  for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error("PostgreSQL does not start");
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A server: its name, process and address, and how long it took until it answered. */
async function server(name, ready, command) {
  const port = await freePort();
  const [program, ...args] = command(port);
  const begun = performance.now();
  const child = start(program, args, { env: { ...process.env, NODE_ENV: "production" } });
  const address = `127.0.0.1:${port}`;
  while (child.exitCode === null) {
    const answer = await fetch(`http://${address}${ready}`).catch(() => null);
    if (answer) return { name, child, pid: child.pid, address, readyAfter: performance.now() - begun, headers: [] };
    await sleep(1);
  }
  throw new Error(`${name} does not start`);
}

export const remit = (program, database, keys) =>
  server("remit", "/healthz", (port) => [
    program, "serve", "--database-url", database, "--listen", `127.0.0.1:${port}`, "--data-dir", keys, "--webhooks", "false", "--log", "warn",
  ]);
export const limit = (program, database) => server("limit", "/", (port) => [program, `127.0.0.1:${port}`, database]);
export const node = (name, database) => server(name, "/", (port) => [process.execPath, `${here}${name}.mjs`, String(port), database]);
export const stop = async ({ child }) => {
  running.splice(running.indexOf(child), 1);
  await end(child);
};

/** CPU time that a process has used, in milliseconds. Linux counts in hundredths of a second. */
export const cpu = (pid) => stat(pid).used;

/** The same of all children of a process, those that have ended too: for PostgreSQL its connections and what it does by itself. */
export function childrensCpu(pid) {
  const processes = readdirSync("/proc").filter((entry) => /^\d+$/.test(entry)).map(stat);
  return processes.filter(({ parent }) => parent === pid).reduce((sum, { used }) => sum + used, stat(pid).ofEnded);
}

function stat(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1).split(" ");
    const hundredths = (place) => Number(fields[place]) + Number(fields[place + 1]);
    return { parent: Number(fields[1]), used: hundredths(11) * 10, ofEnded: hundredths(13) * 10 };
  } catch {
    // It has ended meanwhile.
    return { used: 0 };
  }
}

/** Resident memory of a process, in megabytes. */
export function resident(pid) {
  const line = readFileSync(`/proc/${pid}/status`, "utf8").match(/VmRSS:\s+(\d+)/);
  return Number(line[1]) / 1024;
}
