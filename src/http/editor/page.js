"use strict";

const at = (id) => document.getElementById(id);
const [token, query, variables, answer, status, run, search, types] =
  ["token", "query", "variables", "answer", "status", "run", "search", "types"].map(at);

const SHAPE = "kind name ofType { kind name ofType { kind name ofType { kind name } } }";
const SCHEMA = `{ __schema { types { kind name description
  fields { name description args { name description defaultValue type { ${SHAPE} } } type { ${SHAPE} } }
  inputFields { name description defaultValue type { ${SHAPE} } }
  enumValues { name description } } } }`;

/** Sends a request; its answer and how the server took it. */
async function send(body) {
  const headers = { "content-type": "application/json", accept: "application/graphql-response+json" };
  if (token.value.trim()) headers.authorization = `Bearer ${token.value.trim()}`;
  const begun = performance.now();
  const response = await fetch("/graphql", { method: "POST", headers, body: JSON.stringify(body) });
  const text = await response.text();
  const took = Math.round(performance.now() - begun);
  let data;
  try { data = JSON.parse(text); } catch { data = text; }
  return { data, said: `${response.status} ${response.statusText}, ${took} ms`, ok: response.ok && !data.errors };
}

function show(text, said, ok) {
  answer.textContent = text;
  answer.classList.toggle("refused", !ok);
  status.textContent = said;
}

async function ask() {
  let given;
  try {
    given = variables.value.trim() ? JSON.parse(variables.value) : {};
  } catch (error) {
    return show(`The variables are not JSON: ${error.message}`, "", false);
  }
  run.disabled = true;
  try {
    const reply = await send({ query: query.value, variables: given });
    const text = typeof reply.data === "string" ? reply.data : JSON.stringify(reply.data, null, 2);
    show(text, reply.said, reply.ok);
  } catch (error) {
    show(`The server does not answer: ${error.message}`, "", false);
  } finally {
    run.disabled = false;
  }
}

/** A type in the words of the schema language. */
function spelled(type) {
  if (type.kind === "NON_NULL") return `${spelled(type.ofType)}!`;
  if (type.kind === "LIST") return `[${spelled(type.ofType)}]`;
  return type.name;
}

function element(name, text, ...children) {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  made.append(...children);
  return made;
}

function line(field) {
  const given = (input) => `${input.name}: ${spelled(input.type)}${input.defaultValue ? ` = ${input.defaultValue}` : ""}`;
  if (!field.type) return field.name;
  const args = field.args && field.args.length ? `(${field.args.map(given).join(", ")})` : "";
  return field.args ? `${field.name}${args}: ${spelled(field.type)}` : given(field);
}

function drawn(type, wanted) {
  const fields = type.fields || type.inputFields || type.enumValues || [];
  const whole = !wanted || type.name.toLowerCase().includes(wanted);
  const shown = whole ? fields : fields.filter((field) => field.name.toLowerCase().includes(wanted));
  if (!whole && !shown.length) return null;
  const list = element("dl", "", ...shown.flatMap((field) => [element("dt", line(field)), element("dd", field.description)]));
  const details = element("details", "", element("summary", `${type.kind.toLowerCase().replace("_object", "")} ${type.name}`), element("p", type.description), list);
  details.open = Boolean(wanted) && shown.length < 40;
  return details;
}

let schema = null;
let readWith = null;

async function draw() {
  if (!token.value.trim()) return types.replaceChildren();
  if (readWith !== token.value) {
    readWith = token.value;
    const reply = await send({ query: SCHEMA }).catch(() => null);
    schema = reply && reply.ok ? reply.data.data.__schema.types.filter((type) => !type.name.startsWith("__")) : null;
  }
  if (!schema) return types.replaceChildren(element("p", "The schema can be read with a token that holds."));
  const first = (type) => ["Query", "Mutation", "Subscription"].indexOf(type.name) + 1 || 9;
  const sorted = [...schema].sort((a, b) => first(a) - first(b) || a.name.localeCompare(b.name));
  const wanted = search.value.trim().toLowerCase();
  types.replaceChildren(...sorted.map((type) => drawn(type, wanted)).filter(Boolean));
}

token.value = sessionStorage.getItem("token") || "";
query.value = sessionStorage.getItem("query") || query.value;
token.addEventListener("change", () => { sessionStorage.setItem("token", token.value); draw(); });
query.addEventListener("change", () => sessionStorage.setItem("query", query.value));
search.addEventListener("input", draw);
run.addEventListener("click", ask);
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); ask(); }
});
draw();
