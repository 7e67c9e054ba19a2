// Fills an empty database of Remit with what is measured on.
import { readFileSync } from "node:fs";
import { putTemplates } from "./world.mjs";

const script = (name) => readFileSync(new URL(name, import.meta.url), "utf8");

/** The objects, and the first tickets. Returns a function that loads all the rest. */
export async function load(client, ask, sizes, firstTickets) {
  await putTemplates(ask, monthBefore(new Date()));
  for (const [name, value] of Object.entries(sizes)) await client.query(`set peers.${name} = ${value}`);
  await client.query(script("multiply.sql"));
  await tickets(client, 1, firstTickets);
  await client.query("vacuum analyze");
  return async () => {
    await tickets(client, firstTickets + 1, sizes.tickets);
    await client.query(`begin; ${script("work.sql")} commit;`);
    await client.query("vacuum analyze");
    await client.query(script("schema.sql"));
    await client.query("checkpoint");
  };
}

async function tickets(client, from, until) {
  await client.query(`set peers.first = ${from}; set peers.tickets = ${until}`);
  await client.query(`begin; ${script("tickets.sql")} commit;`);
}

function monthBefore(day) {
  return new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() - 1, 1)).toISOString().slice(0, 7);
}
