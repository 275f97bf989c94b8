// Answers fit a context: text and data stay within the budget for any question and graph, and what was left out is counted and
// can be requested.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kinds } from '../../../master/kinds/index.ts';
import type { KubernetesObject } from '../../../src/model.ts';
import { generate } from '../../bench/generate.ts';
import { sizeOf } from '../../bench/sizes.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { allRows, call, message } from '../../support/mcp-call.ts';
import { kindNamed } from '../../support/random-cluster.ts';

let one: TestApp;
const long = '😀'.repeat(63);

beforeAll(() => {
  one = createTestApp();
  for (const { resource, count, object } of generate(sizeOf('census', 40), 1)) {
    const [plural = '', ...group] = resource.split('.');
    const kind = kinds.find((each) => each.plural === plural && each.group === group.join('.'));
    if (kind === undefined) throw new Error(`${resource} is not a kind`);
    const apiVersion = kind.group ? `${kind.group}/${kind.versions[0]}` : String(kind.versions[0]);
    const sink = one.store.sinkOf(kind);
    const put = (i: number) => {
      const read = JSON.parse(object(i).toString()) as object;
      sink.event('ADDED', { ...read, apiVersion, kind: kind.kind } as KubernetesObject);
    };
    one.engine.transact(() => Array.from({ length: count }, (_, i) => put(i)));
  }
  const pods = one.store.sinkOf(kindNamed('Pod'));
  one.engine.transact(() => {
    for (let i = 0; i < 400; i++)
      pods.event('ADDED', {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: `${'n'.repeat(240)}${i}`, namespace: 'wide', labels: { [long]: long } },
        spec: { nodeName: 'wide', containers: [{ name: 'c', envFrom: [{ configMapRef: { name: long } }] }] },
        status: { phase: 'Failed', reason: long },
      } as unknown as KubernetesObject);
  });
}, 240_000);

afterAll(() => one.app.close());

const calls = [
  ['groups', {}],
  ['groups', { state: '*' }],
  ['search', { text: 'app' }],
  ['search', { text: 'n' }],
  ['get', { id: 'Node:node-0001' }],
  ['get', { id: 'Node:wide' }],
  ['get', { id: `ConfigMap:wide/${long}` }],
  ['get', { id: `Pod:wide/${'n'.repeat(240)}7`, field: 'metadata' }],
  ['around', { id: 'Node:node-0001', depth: 2 }],
  ['around', { id: 'Namespace:team-001', depth: 2 }],
  ['impact', { id: 'Node:node-0001' }],
  ['impact', { id: `ConfigMap:wide/${long}` }],
  ['impact', { id: 'Namespace:team-001' }],
  ['path', { from: 'Node:wide', to: `ConfigMap:wide/${long}` }],
] as const;

describe.each(calls)('%s %j', (name, given) => {
  test.each([undefined, 2048, 5000, 16_384])('in %s bytes', async (budget) => {
    const asked = budget === undefined ? given : { ...given, budget };
    const { text, structured, isError } = await call(one.app, name, asked);
    expect(isError, text).toBe(false);
    const most = budget ?? 8192;
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(most);
    expect(Buffer.byteLength(JSON.stringify(structured))).toBeLessThanOrEqual(most);
    expect(structured.rows.length).toBe(structured.shown);
    expect(structured.total === 0 || structured.shown > 0).toBe(true);
    expect(structured.omitted?.count ?? 0).toBe(structured.total - structured.shown);
    if (structured.omitted) expect(text).toContain(`${structured.omitted.count} more rows are left out`);
  });
});

test('the pages of a search hold each row once', async () => {
  const rows = await allRows(one.app, 'search', { text: 'app-1' });
  expect(rows.length).toBeGreaterThan(300);
  expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
});

test('a caller who asks for the next page after the graph changed is told so', async () => {
  const { structured } = await call(one.app, 'search', { text: 'app', budget: 2048 });
  const next = structured.omitted?.next;
  one.store.sinkOf(kindNamed('ConfigMap')).event('ADDED', { metadata: { name: 'x', namespace: 'x' } } as never);
  const later = await call(one.app, 'search', next?.arguments);
  expect(later.text).toContain(
    `the graph went on from revision ${structured.revision}: rows may be skipped or repeated`,
  );
  expect(later.structured).toHaveProperty('moved');
});

test('the lists of tools, documents and prompts are short', async () => {
  const sizeOfList = async (method: string) => JSON.stringify((await message(one.app, method)).result).length;
  const { result } = await message<{ tools: { name: string; inputSchema: object; outputSchema: object }[] }>(
    one.app,
    'tools/list',
  );
  const tools = result?.tools ?? [];
  expect(tools.length).toBeGreaterThanOrEqual(6);
  for (const tool of tools) {
    expect(tool).toMatchObject({ annotations: { readOnlyHint: true, destructiveHint: false, openWorldHint: false } });
    expect(tool).toMatchObject({ inputSchema: { type: 'object', additionalProperties: false } });
    expect(JSON.stringify(tool).length, tool.name).toBeLessThan(1600);
  }
  for (const method of ['resources/list', 'resources/templates/list', 'prompts/list'])
    expect(await sizeOfList(method), method).toBeLessThan(1024);
});
