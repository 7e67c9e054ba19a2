// Webhooks: what arrives is verified by npm standardwebhooks, and Ed25519 signatures, which it does not know, by Node itself.
import { createPublicKey, verify } from 'node:crypto';
import { createServer } from 'node:http';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import { server, verdict } from './judge.mjs';

const { url, authorized, now } = server();
// It is the server's time for the library too, which takes no message that is older than five minutes.
Date.now = () => now;
const failed = [];
let judged = 0;

function judge(what, holds) {
  judged += 1;
  if (!holds) failed.push(what);
}

async function ask(query, variables) {
  const headers = { 'content-type': 'application/json' };
  const answer = await authorized(url, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
  const { data, errors } = await answer.json();
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

// The receiver: every message with its headers, as a receiver of a user would have them.
const messages = [];
const receiver = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    messages.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
    response.writeHead(204).end();
  });
});
await new Promise((listening) => receiver.listen(0, '127.0.0.1', listening));

async function message(number) {
  for (let tries = 0; tries < 600; tries += 1) {
    if (messages.length >= number) return messages[number - 1];
    await new Promise((later) => setTimeout(later, 50));
  }
  throw new Error(`message ${number} did not arrive`);
}

const put = 'mutation ($input: PutWebhookInput!) { putWebhook(input: $input) { secret webhook { keys { publicKey } } errors { message } } }';
const rotate = 'mutation ($input: RotateWebhookSecretInput!) { rotateWebhookSecret(input: $input) { secret webhook { keys { publicKey } } errors { message } } }';
const rename = (name) => ask('mutation ($input: PutClientInput!) { putClient(input: $input) { client { id } } }', { input: { code: 'ÄRGER', name } });

const accepts = (secret, { headers, body }) => {
  try {
    return new Webhook(secret).verify(body, headers);
  } catch (error) {
    if (error instanceof WebhookVerificationError) return null;
    throw error;
  }
};

const hook = `http://127.0.0.1:${receiver.address().port}/hook`;
const { putWebhook: { secret } } = await ask(put, { input: { code: 'JUDGE', url: hook, selection: '{ event subject { ... on Client { code name } } }' } });
await rename('Müller & Söhne 客户 🦀');
const first = await message(1);
const read = accepts(secret, first);
judge('a message is accepted', read?.data?.subject?.name === 'Müller & Söhne 客户 🦀');
judge('its type is the event', read?.type === 'client.put');
judge('another secret does not accept it', accepts('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', first) === null);
judge('nor does it accept another body', accepts(secret, { ...first, body: first.body.replace('client.put', 'client.get') }) === null);
Date.now = () => now + 6 * 60_000;
judge('nor does it accept it six minutes later', accepts(secret, first) === null);
Date.now = () => now;
judge('nor another id', accepts(secret, { ...first, headers: { ...first.headers, 'webhook-id': 'msg_1' } }) === null);

const { rotateWebhookSecret: second } = await ask(rotate, { input: { webhook: { code: 'JUDGE' } } });
await rename('two');
const both = await message(2);
judge('the old secret accepts while it goes on', accepts(secret, both) !== null);
judge('the new secret accepts', accepts(second.secret, both) !== null);

const { rotateWebhookSecret: third } = await ask(rotate, { input: { webhook: { code: 'JUDGE' }, signature: 'ED25519', keepOldFor: 'PT0S' } });
await rename('three');
const asymmetric = await message(3);
judge('the old secrets accept no more', accepts(secret, asymmetric) === null && accepts(second.secret, asymmetric) === null);
const raw = Buffer.from(third.webhook.keys[0].publicKey.slice('whpk_'.length), 'base64');
const key = createPublicKey({ key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw]), format: 'der', type: 'spki' });
const signed = ({ headers, body }) => Buffer.from(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`);
const [version, signature] = asymmetric.headers['webhook-signature'].split(',');
judge('Ed25519 signatures are v1a', version === 'v1a' && third.secret === null);
judge('the public key verifies', verify(null, signed(asymmetric), key, Buffer.from(signature, 'base64')));
judge('but no other body', !verify(null, signed({ ...asymmetric, body: `${asymmetric.body} ` }), key, Buffer.from(signature, 'base64')));

receiver.close();
receiver.closeAllConnections();
verdict(failed, judged, 12);
