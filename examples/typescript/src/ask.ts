// Asking Remit: one POST, and either the data or an error that says what is wrong.
import type { TypedDocumentString } from './remit/graphql.js';

interface Answer<Data> {
  data?: Data | null;
  errors?: { message: string; extensions?: { code?: string } }[];
}

export interface Remit {
  url: string;
  token: string;
}

export async function ask<Data, Variables>(
  remit: Remit,
  query: TypedDocumentString<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  const response = await fetch(new URL('/graphql', remit.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${remit.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query: query.toString(), variables }),
    signal: AbortSignal.timeout(10_000),
  });
  const answer = (await response.json()) as Answer<Data>;
  const [error] = answer.errors ?? [];
  if (error) throw new Error(`${error.extensions?.code ?? response.status}: ${error.message}`);
  if (!answer.data) throw new Error(`no data, status ${response.status}`);
  return answer.data;
}
