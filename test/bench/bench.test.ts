// The quick form of the bench: a hundredth of each cluster. It checks shapes and invariants, never times.
import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildGraph } from '../../master/build-graph.ts';
import { kinds } from '../../master/kinds/index.ts';
import { startApiServer } from '../../src/demo/api-server.ts';
import { silentLogger } from '../../src/logger.ts';
import type { KubernetesObject } from '../../src/model.ts';
import { createChurn, markPattern } from './churn.ts';
import { generate } from './generate.ts';
import { hubRows } from './hubs.ts';
import { clusterNames, sizeOf } from './sizes.ts';
import { type Row, table } from './table.ts';

type Fields = { readonly [field: string]: unknown };

function objectsOf(name: (typeof clusterNames)[number], seed = 1) {
  return generate(sizeOf(name, 100), seed).flatMap(({ resource, count, object }) => {
    const [plural = '', ...group] = resource.split('.');
    const kind = kinds.find((each) => each.plural === plural && each.group === group.join('.'));
    if (!kind) throw new Error(`${resource} is not a kind of the registry`);
    const apiVersion = kind.group ? `${kind.group}/${kind.versions[0]}` : (kind.versions[0] as string);
    const read = (i: number) => JSON.parse(object(i).toString()) as KubernetesObject & Fields;
    return Array.from({ length: count }, (_, i) => ({ kind, object: { ...read(i), apiVersion, kind: kind.kind } }));
  });
}

function graphOf(name: (typeof clusterNames)[number]) {
  const graph = buildGraph({
    clusterName: name,
    version: '0',
    namespaces: [],
    keepValues: false,
    logger: silentLogger,
  });
  for (const { kind, object } of objectsOf(name)) graph.store.sinkOf(kind).event('ADDED', structuredClone(object));
  for (const kind of kinds) graph.store.sinkOf(kind).state('synced');
  return graph;
}

describe.each(clusterNames)('a hundredth of %s', (name) => {
  let engine: ReturnType<typeof graphOf>['engine'];
  beforeAll(() => {
    ({ engine } = graphOf(name));
  });

  it('is the same for the same seed and another for another', () => {
    const digest = (seed: number) => {
      const hash = createHash('sha1');
      for (const { count, object } of generate(sizeOf(name, 100), seed)) {
        for (let i = 0; i < count; i++) hash.update(object(i));
      }
      return hash.digest('hex');
    };
    expect(digest(1)).toBe(digest(1));
    expect(digest(2)).not.toBe(digest(1));
  });

  it('names what exists: owners, endpoints, claims, ConfigMaps, Secrets, ServiceAccounts', () => {
    const missing = new Map<string, number>();
    for (const { leaves } of engine.order.types()) {
      for (const { entries } of leaves) {
        for (const { id } of entries) {
          const vertex = engine.get(id);
          if (vertex && engine.standingOf(vertex) !== '') missing.set(vertex.type, (missing.get(vertex.type) ?? 0) + 1);
        }
      }
    }
    expect(Object.fromEntries(missing)).toEqual({});
  });

  it('has every kind of relation that a cluster lives by', () => {
    const found = new Set<string>();
    for (const { leaves } of engine.order.types()) {
      for (const { entries } of leaves) {
        for (const { out } of entries) for (const { edges } of out) for (const { type } of edges) found.add(type);
      }
    }
    for (const type of ['contains', 'runs', 'monitors', 'owns', 'loadBalances', 'createdFrom', 'uses']) {
      expect(found, type).toContain(type);
    }
    expect(engine.relations).toBeGreaterThan(engine.order.size);
  });

  it('is realistic: managedFields, status and conditions, several kilobytes a Pod', () => {
    const pods = objectsOf(name).filter(({ kind }) => kind.kind === 'Pod');
    expect(pods.length).toBeGreaterThan(200);
    for (const { object } of pods) {
      expect((object.metadata as Fields)['managedFields']).toHaveLength(2);
      expect(JSON.stringify(object).length).toBeGreaterThan(2500);
      expect(((object as unknown as Fields)['status'] as Fields)['conditions']).toHaveLength(4);
    }
  });
});

describe('churn', () => {
  it('marks what it writes, and every write is an event', async () => {
    const server = await startApiServer();
    try {
      const generated = generate(sizeOf('census', 100), 1);
      for (const { resource, count, object } of generated) {
        server.load(
          resource,
          Array.from({ length: count }, (_, i) => object(i)),
        );
      }
      const before = server.version();
      let report: Parameters<Parameters<ReturnType<typeof createChurn>['run']>[2]>[0] | undefined;
      await createChurn(server, generated).run(2000, 0.1, (each) => (report = each));
      if (report?.kind !== 'churned') throw new Error('no report');
      expect(report.writes).toBeGreaterThan(report.marked);
      expect(server.version() - before).toBe(report.writes);
      const marks = server.list('pods').flatMap((pod) => [...JSON.stringify(pod).matchAll(markPattern)]);
      expect(marks.length).toBeGreaterThan(50);
    } finally {
      await server.stop();
    }
  });
});

describe('the hubs', () => {
  it('are each measured beside smaller ones, every figure once', async () => {
    const rows: Row[] = [];
    await hubRows((row) => void rows.push(row), 1000, 2);
    expect(rows.length).toBeGreaterThan(30);
    expect(new Set(rows.map(({ figure }) => figure)).size).toBe(rows.length);
    for (const { figure, ratio } of rows) expect(ratio, figure).toBeTypeOf('number');
  });
});

describe('the table', () => {
  it('says what was met, what was missed and what could not be measured', () => {
    const row = { figure: 'a', target: '≤ 1', measured: '2', yardstick: 'b' };
    const text = table([
      { ...row, ratio: 2, met: false },
      { ...row, met: true },
      { ...row, met: undefined },
    ]);
    expect(text.split('\n').map((line) => line.split('|').at(-2)?.trim())).toEqual([
      '',
      '------------',
      'MISSED',
      'met',
      'not measured',
    ]);
  });
});
