// The subgraph composes, alone and with one that extends every entity, by both compositions that are in use.
import { composeServices as apollo } from '@apollo/composition';
import { composeServices as guild } from '@theguild/federation-composition';
import { parse } from 'graphql';
import { server, verdict } from './judge.mjs';

const { url, authorized } = server();
const headers = { 'content-type': 'application/json' };
const body = JSON.stringify({ query: '{ _service { sdl } }' });
const answer = await (await authorized(url, { method: 'POST', headers, body })).json();
const sdl = answer.data._service.sdl;

const objects = parse(sdl).definitions.filter(({ kind }) => kind === 'ObjectTypeDefinition');
const entities = objects.filter(({ directives }) => directives.some(({ name }) => name.value === 'key'));
const names = entities.map(({ name }) => name.value);

// Another service, which knows something more of each object and can name them.
const extending = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable"])
  type Query { notes: [Note!]! pages: PageInfo }
  type PageInfo @shareable { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
  type Note { text: String! ${names.map((name) => `on${name}: ${name}`).join(' ')} }
  ${names.map((name) => `type ${name} @key(fields: "id") { id: ID! notes: [Note!]! }`).join('\n')}
`;

const failures = names.length < 8 ? [`only ${names.length} entities: ${names}`] : [];
const service = (name, text) => ({ name, url: `http://${name}.example`, typeDefs: parse(text) });
for (const [what, services] of [
  ['alone', [service('remit', sdl)]],
  ['with another', [service('remit', sdl), service('notes', extending)]],
]) {
  const composed = apollo(services);
  failures.push(...(composed.errors ?? []).map((error) => `@apollo/composition, ${what}: ${error.message}`));
  const also = guild(services);
  failures.push(...(also.errors ?? []).map((error) => `@theguild/federation-composition, ${what}: ${error.message}`));
  for (const supergraph of [composed.supergraphSdl, also.supergraphSdl]) {
    for (const name of supergraph ? names : []) {
      if (!supergraph.includes(`type ${name}`)) failures.push(`${what}: ${name} is not in the supergraph`);
    }
  }
}
verdict(failures, names.length * 2, 16);
