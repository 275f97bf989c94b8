import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDemoCluster } from '../../src/demo/cluster.ts';
import { folderOf, insight } from '../support/command-line.ts';

let cluster: ReturnType<typeof createDemoCluster>;
let kubeconfig = '';
beforeAll(async () => {
  cluster = createDemoCluster({ port: 0 });
  await cluster.start();
  kubeconfig = join(folderOf({ config: JSON.stringify(cluster.server.kubeconfig()) }), 'config');
});
afterAll(() => cluster.close());

test('export sends from here, and says in one line what it sent', async () => {
  const folder = folderOf({});
  const { status, err } = await insight([
    'export',
    '--kubeconfig',
    kubeconfig,
    '--to',
    `file://${folder}`,
    '--cluster-id',
    'here',
  ]);
  expect([status, err]).toEqual([0, expect.stringMatching(/objects of \d+ types and \d+ relations sent/)]);
  expect(JSON.parse(readFileSync(join(folder, 'here/latest.json'), 'utf8')).cluster.id).toBe('here');
});

test('a dry run prints the objects that are chosen, and nothing else', async () => {
  const { status, out } = await insight([
    'export',
    '--kubeconfig',
    kubeconfig,
    '--dry-run',
    '--relations=false',
    '--types',
    'core/pods',
  ]);
  const lines = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).type);
  expect([status, new Set(lines)]).toEqual([0, new Set(['Pod'])]);
});

test.each([
  [['export'], 'must say where to'],
  [['export', '--too', 'x'], 'is not a flag'],
  [['export', '--to', '-', '--config-dir', 'nowhere'], 'names no folder'],
])('%j ends with 2', async (args, words) => {
  const { status, err } = await insight([...args, '--kubeconfig', kubeconfig]);
  expect([status, err]).toEqual([2, expect.stringContaining(words)]);
});

test.each([
  ['export', '--help'],
  ['help', 'export'],
])('%s %s lists its own flags', async (...words) => {
  const { status, out } = await insight(words);
  expect([status, out]).toEqual([0, expect.stringMatching(/--export-to[^]*--export-dry-run/)]);
});
