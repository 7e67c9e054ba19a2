// The figures as Markdown.

const SHAPES = {
  page: "agreement page", list: "50 agreements", pull: "500 charges", record: "recording an entry", coverage: "coverage",
};
const NAMES = { remit: "Remit", limit: "the limit", postgraphile: "PostGraphile", yoga: "graphql-yoga" };
const round = (value, digits) => value.toFixed(digits);

const all = ({ cpu, database }) => cpu + database;

function table(head, rows) {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n") + "\n";
}

/** Each shape and server, and what Remit's rate is of the other's: as asked, and as the CPU time of a request says. */
export function shapesTable(results) {
  const head = ["", "server", "requests/s", "p50 ms", "p95 ms", "CPU ms", "PostgreSQL's CPU ms", "statements", "Remit / it", "by CPU"];
  const rows = Object.entries(results).flatMap(([shape, servers]) =>
    Object.entries(servers).map(([name, figures], place) => [
      place ? "" : SHAPES[shape], NAMES[name], round(figures.rate, 0), round(figures.p50, 1), round(figures.p95, 1),
      round(figures.cpu, 2), round(figures.database, 2), round(figures.statements, 1),
      name === "remit" ? "" : round(servers.remit.rate / figures.rate, 2),
      name === "remit" ? "" : round(all(figures) / all(servers.remit), 2),
    ]));
  return table(head, rows);
}

/** What is of Remit alone, and everybody's memory after the load. */
export function remitTable(start, memory) {
  return table(["", ""], [
    ["Remit: from its start to its first answer, median", `${round(start.ready, 0)} ms`],
    ["Remit: resident then", `${round(start.resident, 0)} MB`],
    ...Object.entries(memory).map(([name, megabytes]) => [`${NAMES[name]}: resident after the load`, `${round(megabytes, 0)} MB`]),
    ["Remit: size of the program", `${round(start.size, 1)} MB`],
  ]);
}

/** What should not grow. */
export function flatTable(flatness) {
  const rows = Object.entries(flatness).map(([what, { rate, p50, p95 }]) => [what, round(rate, 0), round(p50, 1), round(p95, 1)]);
  return table(["Remit", "requests/s", "p50 ms", "p95 ms"], rows);
}
