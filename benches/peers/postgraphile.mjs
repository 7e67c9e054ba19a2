// PostGraphile on the schema `peers`: `node postgraphile.mjs PORT DATABASE`. One process, as it comes, for production.
import { createServer } from "node:http";
import { grafserv } from "postgraphile/grafserv/node";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";

const [port, database] = process.argv.slice(2);
const preset = {
  extends: [PostGraphileAmberPreset],
  pgServices: [makePgService({ connectionString: database, schemas: ["peers"], poolConfig: { max: 16 } })],
  grafserv: { graphiql: false, watch: false },
  grafast: { explain: false },
};
const server = createServer();
server.on("error", (error) => console.error(error));
const served = postgraphile(preset).createServ(grafserv);
await served.addTo(server);
server.listen(Number(port), "127.0.0.1");
