// A canary in every kind's object, in files: no form in which the command prints them shows it.
import { expect, test } from 'vitest';
import { everyKind, objectOf, spellings } from '../support/canaries.ts';
import { insightHere } from '../support/command-here.ts';
import { folderOf } from '../support/command-line.ts';

const items = everyKind.map((kind) => objectOf(kind));
const file = folderOf({ 'objects.json': JSON.stringify({ apiVersion: 'v1', kind: 'List', items }) });

test.each([
  ['get', '-A', '-o', 'json'],
  ['get', '-A', '-o', 'yaml'],
  ['get', '-A', '-o', 'wide'],
  ['tree', 'pod/canary', '-n', 'mine'],
  ['impact', 'pod/canary', '-n', 'mine'],
])('%s %s %s shows no secret', async (...args) => {
  const { out, err } = await insightHere([...args, '-f', file]);
  expect(out + err).toContain('canary');
  expect(spellings.filter((one) => (out + err).includes(one))).toEqual([]);
});
