// Subscriptions: the clients of npm graphql-ws and graphql-sse follow the feed, query, and are refused as they expect.
import { createClient as overWebSocket } from 'graphql-ws';
import { createClient as overEvents } from 'graphql-sse';
import WebSocket from 'ws';
import { server, verdict } from './judge.mjs';

const { url, token, authorized } = server();
const authorization = `Bearer ${token}`;
const found = [];
let judged = 0;

function expect(what, is, wanted) {
  judged += 1;
  const [seen, asked] = [JSON.stringify(is), JSON.stringify(wanted)];
  if (seen !== asked) found.push(`${what}: ${seen}, not ${asked}`);
}

async function put(code) {
  const query = 'mutation ($input: PutClientInput!) { putClient(input: $input) { errors { code } } }';
  const body = JSON.stringify({ query, variables: { input: { code, name: code } } });
  await authorized(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
}

// The first answers to an operation, up to so many.
async function first(client, count, request, meanwhile = async () => {}) {
  const answers = [];
  const results = client.iterate(request);
  const reading = (async () => {
    for await (const result of results) {
      // What it cost is told beside it.
      const { extensions, ...answer } = result;
      answers.push(answer);
      if (answers.length >= count) break;
    }
  })();
  await new Promise((done) => setTimeout(done, 500));
  await meanwhile();
  await reading;
  return answers;
}

// What an operation fails with, as clients see it.
async function failure(client, request) {
  try {
    for await (const result of client.iterate(request)) return result.errors?.map((error) => error.extensions.code);
    return 'nothing';
  } catch (thrown) {
    return Array.isArray(thrown) ? thrown.map((error) => error.extensions.code) : `${thrown?.code ?? thrown}`;
  }
}

async function judge(name, make) {
  const client = make();
  const one = await first(client, 1, { query: '{ viewer { provider } }' });
  expect(`${name}: a query`, one, [{ data: { viewer: { provider: 'acme' } } }]);
  const changed = 'subscription ($types: [SubjectType!]) { changed(types: $types) { node { event } } }';
  const told = await first(client, 2, { query: changed, variables: { types: ['CLIENT'] } }, async () => {
    await put(`${name}-1`);
    await put(`${name}-2`);
  });
  const event = { data: { changed: { node: { event: 'client.put' } } } };
  expect(`${name}: a subscription`, told, [event, event]);
  expect(`${name}: an invalid document`, await failure(client, { query: '{ nothing }' }), ['GRAPHQL_VALIDATION_FAILED']);
  expect(`${name}: no GraphQL`, await failure(client, { query: '{' }), ['GRAPHQL_PARSE_FAILED']);
  expect(`${name}: a bad value`, await failure(client, { query: 'subscription { changed(after: "x") { cursor } }' }), ['BAD_USER_INPUT']);
  client.dispose();
}

const socketUrl = `${url.replace(/^http/, 'ws')}/ws`;
const webSocket = (connectionParams) => () =>
  overWebSocket({ url: socketUrl, webSocketImpl: WebSocket, retryAttempts: 0, connectionParams, keepAlive: 200 });
await judge('ws', webSocket({ authorization }));
const stranger = webSocket({ authorization: 'Bearer x' })();
expect('ws: a stranger', await failure(stranger, { query: '{ viewer { provider } }' }), '4403');
stranger.dispose();

const events = (headers, path) => () => overEvents({ url: `${url}${path}`, retryAttempts: 0, headers });
await judge('sse', events({ authorization }, ''));
await judge('stream', events({ authorization }, '/stream'));
const nobody = events({}, '')();
expect('sse: a stranger', await failure(nobody, { query: '{ viewer { provider } }' }), 'NetworkError: Server responded with 401: Unauthorized');
nobody.dispose();
verdict(found, judged, 17);
process.exit();
