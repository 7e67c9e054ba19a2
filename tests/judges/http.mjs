// GraphQL over HTTP: the audits of npm graphql-http, warnings and notices included.
import { serverAudits } from 'graphql-http';
import { server, verdict } from './judge.mjs';

const { url, authorized } = server();
const fetchFn = (target, init = {}) => authorized(target, init);
const audits = serverAudits({ url, fetchFn });
const failed = [];
for (const audit of audits) {
  const result = await audit.fn();
  if (result.status !== 'ok') failed.push(`${audit.id} ${audit.name}: ${result.status}: ${result.reason}`);
}
verdict(failed, audits.length, 61);
