// Whether all servers say the same of the same data: who leaves something out is fast for nothing.
import { deepEqual } from "node:assert/strict";

/** PostGraphile's answer in Remit's form, as far as it differs. */
const FROM_POSTGRAPHILE = {
  page({ agreement }) {
    const { tier, services, obligations, ...terms } = agreement.terms;
    const unitPrice = ({ unitPrice: amount, currency }) => ({ amount, currency });
    return {
      agreement: {
        ...agreement,
        terms: {
          ...terms, tier: targets(tier), services: services.nodes.map((line) => ({ ...line, currency: null, unitPrice: unitPrice(line) })),
          obligations: obligations.nodes.map((line) => ({ ...line, gatesServices: line.gatesServices.map((code) => ({ code })) })),
        },
      },
    };
  },
  list({ agreements }) {
    const nodes = agreements.nodes.map((node) => ({ ...node, terms: { ...node.terms, tier: targets(node.terms.tier) } }));
    return { agreements: { ...agreements, nodes } };
  },
  pull({ charges }) {
    return { charges: { ...charges, nodes: charges.nodes.map(charge) } };
  },
};

function charge({ rowId, fromAt, toAt, currency, ...node }) {
  const named = (prefix, { rowId, ...same }) => ({ id: id(prefix, rowId), ...same });
  return {
    ...node, id: id("chg", rowId), from: instant(fromAt), to: instant(toAt),
    client: named("cli", node.client), agreement: named("agr", node.agreement),
    worked: duration(node.worked), included: duration(node.included), charged: duration(node.charged),
    hourlyRate: money(node.hourlyRate, currency), amount: money(Number(node.amount) / 100, currency),
  };
}

const targets = ({ code, targets }) => ({ code, targets: targets.nodes });
const id = (prefix, uuid) => `${prefix}_${uuid.replaceAll("-", "")}`;
const instant = (micros) => new Date(Number(micros) / 1000).toISOString().replace(".000Z", "Z");
const money = (amount, currency) => ({ amount: Number(amount).toFixed(2), currency: currency.slice(0, 3) });

function duration(micros) {
  const minutes = Number(micros) / 60e6;
  const parts = [[Math.floor(minutes / 60), "H"], [minutes % 60, "M"]];
  return `PT${parts.map(([count, unit]) => (count ? count + unit : "")).join("") || "0S"}`;
}

/** Without what is null, which some leave out, and without cursors, which are each server's own. */
function facts(value) {
  if (Array.isArray(value)) return value.map(facts);
  if (value === null || typeof value !== "object") return value;
  const said = Object.entries(value).filter(([name, inner]) => inner !== null && name !== "endCursor");
  return Object.fromEntries(said.map(([name, inner]) => [name, facts(inner)]));
}

/** Holds a server's answer against Remit's. What recording and coverage say is each server's own. */
export function compare(server, shape, answer, remits) {
  if (!FROM_POSTGRAPHILE[shape]) return;
  const translated = server === "postgraphile" ? FROM_POSTGRAPHILE[shape](answer.data) : answer.data;
  deepEqual(facts(translated), facts(remits.data), `${server} says something else of ${shape}`);
}
