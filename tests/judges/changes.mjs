// No change of the schema breaks whoever was built against the released one.
//
// `released.graphql` is the schema of the last release. What a release means to break goes into `BREAKS`, with its reason;
// the list is emptied when a release replaces the file.
import { CriticalityLevel, diff } from '@graphql-inspector/core';
import { buildSchema } from 'graphql';
import { readFileSync } from 'node:fs';
import { verdict } from './judge.mjs';

const BREAKS = [];

const read = (path) => buildSchema(readFileSync(new URL(path, import.meta.url), 'utf8'));
const changes = await diff(read('released.graphql'), read('../../schema.graphql'));
const breaking = changes.filter(({ criticality }) => criticality.level === CriticalityLevel.Breaking);
const meant = ({ path }) => BREAKS.some((allowed) => allowed.path === path);
const failures = breaking.filter((change) => !meant(change)).map(({ path, message }) => `${path}: ${message}`);
for (const { path } of BREAKS.filter(({ path }) => !breaking.some((change) => change.path === path))) {
  failures.push(`${path} is said to break, and does not`);
}
verdict(failures, 1, 1);
