// Serves the page. REMIT_URL says where Remit is, REMIT_TOKEN is a token that is bound to the client, PORT is ours.
import { createServer } from 'node:http';

import { ask, type Remit } from './ask.js';
import { page } from './page.js';
import { OPEN_TICKETS, PROMISED } from './questions.js';

const DAY = 86_400_000;

function remit(): Remit {
  const { REMIT_URL: url, REMIT_TOKEN: token } = process.env;
  if (!url || !token) throw new Error('REMIT_URL and REMIT_TOKEN say where Remit is, and who asks');
  return { url, token };
}

async function portal(from: Remit): Promise<string> {
  const now = Date.now();
  const at = (days: number) => new Date(now + days * DAY).toISOString();
  const [promised, tickets] = await Promise.all([
    ask(from, PROMISED, { from: at(-30), to: at(0) }),
    ask(from, OPEN_TICKETS, { dueBefore: at(30) }),
  ]);
  return page(promised, tickets);
}

const from = remit();
const server = createServer(async (request, response) => {
  if (request.url !== '/') {
    response.writeHead(404).end();
    return;
  }
  try {
    const body = await portal(from);
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }).end(body);
  } catch (error) {
    // What went wrong is for us, not for whoever looks at the page.
    console.error(error);
    response.writeHead(502, { 'content-type': 'text/plain' }).end('The portal cannot be shown now. Try again in a while.');
  }
});
server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  const address = server.address();
  if (address && typeof address === 'object') console.log(`http://127.0.0.1:${address.port}/`);
});
