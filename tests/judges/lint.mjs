// The published schema, by the recommended rules of graphql-eslint, those of Relay, and those of graphql-schema-linter.
//
// Where a rule has options they are set as the API is made: lists that a contract bounds are plain lists, what is part of a
// document, a page or an answer has no id of its own, and a change is no object: it is read forward, once. graphql-schema-linter is told in .graphql-schema-linterrc at the
// top, which leaves out the rules that sort by the alphabet: priorities and weekdays have an order of their own.
import graphql from '@graphql-eslint/eslint-plugin';
import { ESLint } from 'eslint';
import { parse } from 'graphql';
import { readFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { verdict } from './judge.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));
const schema = join(root, 'schema.graphql');

const rules = {
  ...graphql.configs['flat/schema-recommended'].rules,
  ...graphql.configs['flat/schema-relay'].rules,
  '@graphql-eslint/relay-edge-types': ['error', { listTypeCanWrapOnlyEdgeType: false, shouldImplementNode: false }],
  '@graphql-eslint/relay-arguments': ['error', { includeBoth: false }],
  '@graphql-eslint/strict-id-in-types': ['error', { exceptions: { types: values() } }],
};

// The types that are no nodes.
function values() {
  const document = parse(readFileSync(schema, 'utf8'));
  const objects = document.definitions.filter(({ kind }) => kind === 'ObjectTypeDefinition');
  const isNode = ({ interfaces }) => interfaces.some(({ name }) => name.value === 'Node');
  return objects.filter((object) => !isNode(object)).map(({ name }) => name.value);
}
const eslint = new ESLint({
  cwd: root,
  overrideConfigFile: true,
  overrideConfig: [
    {
      files: ['**/*.graphql'],
      plugins: { '@graphql-eslint': graphql },
      languageOptions: { parser: graphql.parser, parserOptions: { graphQLConfig: { schema } } },
      rules,
    },
  ],
});
// `worked`, `included` and `charged` are what becomes of time; the last is no prefix.
const words = ['Field "charged" starts with the name of the parent type "Charge"'];
const failures = [];
for (const { messages } of await eslint.lintFiles([schema])) {
  const wrong = messages.filter(({ message }) => !words.includes(message));
  failures.push(...wrong.map(({ ruleId, message, line }) => `${ruleId} ${line}: ${message}`));
}

const linted = spawnSync(
  process.execPath,
  [join(here, 'node_modules/.bin/graphql-schema-linter'), schema],
  { cwd: root, encoding: 'utf8' },
);
if (linted.status !== 0) failures.push(`graphql-schema-linter: ${linted.stdout}${linted.stderr}`);

verdict(failures, Object.keys(rules).length, 20);
