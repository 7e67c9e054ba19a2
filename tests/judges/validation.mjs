// Validation: whatever graphql-js refuses the server refuses, and whatever graphql-js takes the server takes.
//
// One bad document or more per rule, each with what is nearest to it and good; then documents made by changing tokens of
// good ones at random, from a fixed seed.
import { buildSchema, parse, specifiedRules, validate } from 'graphql';
import { readFileSync } from 'node:fs';
import { server, verdict } from './judge.mjs';
import { BAD, GOOD } from './documents.mjs';
import { mutants } from './mutants.mjs';

const { url, authorized } = server();
const schema = buildSchema(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'));
const rules = specifiedRules.filter((rule) => rule.name !== 'MaxIntrospectionDepthRule');

// The names of the rules that refuse a document; `Syntax` when it cannot be read.
function refusedBy(document) {
  let read;
  try {
    read = parse(document);
  } catch {
    return ['Syntax'];
  }
  return rules.filter((rule) => validate(schema, read, [rule]).length > 0).map((rule) => rule.name);
}

// What the server says of documents, ten at a time.
async function answers(documents) {
  const all = [];
  for (let from = 0; from < documents.length; from += 10) {
    const batch = documents.slice(from, from + 10).map((query) => ({ query, ...named(query) }));
    const headers = { 'content-type': 'application/json' };
    const response = await authorized(url, { method: 'POST', headers, body: JSON.stringify(batch) });
    const answered = await response.json();
    if (!Array.isArray(answered)) throw new Error(JSON.stringify(answered));
    all.push(...answered);
  }
  return all;
}

// Of several operations the first is to be run.
function named(document) {
  const name = /^\s*(?:query|mutation)\s+(\w+)/.exec(document)?.[1];
  return name && /\b(query|mutation)\b[^]*\b(query|mutation)\b/.test(document) ? { operationName: name } : {};
}

const NOT_OF_THE_DOCUMENT = ['BAD_USER_INPUT', 'QUERY_TOO_DEEP', 'QUERY_TOO_COMPLEX'];

// Where the server's verdict is not that of graphql-js; undefined where they agree.
function differs(document, answer) {
  const refused = refusedBy(document);
  const codes = (answer.errors ?? []).map((error) => error.extensions?.code);
  const executed = 'data' in answer;
  if (refused.length > 0 && executed) return `executed, against ${refused}: ${document}`;
  const taken = executed || codes.every((code) => NOT_OF_THE_DOCUMENT.includes(code));
  if (refused.length === 0 && !taken) return `refused without need (${answer.errors[0].message}): ${document}`;
  return undefined;
}

const failures = [];
const judged = new Set();
for (const [rule, document] of BAD) {
  if (!refusedBy(document).includes(rule)) failures.push(`not bad by ${rule}: ${document}`);
  judged.add(rule);
}
for (const document of GOOD) {
  const refused = refusedBy(document);
  if (refused.length > 0) failures.push(`not good by ${refused}: ${document}`);
}
if (!schema.getSubscriptionType()) judged.add('SingleFieldSubscriptionsRule');
for (const rule of rules) {
  if (!judged.has(rule.name)) failures.push(`no document is bad by ${rule.name}`);
}
const documents = [...BAD.map(([, document]) => document), ...GOOD, ...mutants(GOOD, 3000)];
const said = await answers(documents);
documents.forEach((document, place) => failures.push(differs(document, said[place]) ?? []));
verdict(failures.flat(), documents.length, 3000);
