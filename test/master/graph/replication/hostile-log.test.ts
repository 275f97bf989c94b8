// What anyone who may write to the log of a cluster can say there: it is refused, or applied as far as it goes, and answers go on.

import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import fc from 'fast-check';
import { Registry } from 'prom-client';
import { afterEach, describe, expect, test } from 'vitest';
import { createApp } from '../../../../master/app.ts';
import { LineReader, type LogLine, type RulesByName } from '../../../../master/graph/replication/log-lines.ts';
import { type LogMessage, pack, Unpacker } from '../../../../master/graph/replication/messages.ts';
import type { Origin } from '../../../../master/graph/replication/origin.ts';
import { Replica } from '../../../../master/graph/replication/replica.ts';
import { createRetention } from '../../../../master/graph/revisions/retention.ts';
import { ReplicaGraph } from '../../../../master/replica/replica-graph.ts';
import { runSteps } from '../../../../master/replica/run-steps.ts';
import type { MonotonicTime } from '../../../../src/clock.ts';
import { Fault } from '../../../../src/errors.ts';
import { silentLogger } from '../../../../src/logger.ts';
import type { KubernetesObject } from '../../../../src/model.ts';
import { createTestApp, type TestApp } from '../../../support/app.ts';
import { hostile, recordedObjects } from '../../../support/hostile-objects.ts';
import { createMemoryLog, createTestReplica, usualKinds } from '../../../support/input-logs.ts';
import { graphOf, kindNamed } from '../../../support/random-cluster.ts';

const at = '2026-01-01T00:00:00.000Z';
const slice = `{"slice":"${at}"}\n`;
const opened: TestApp[] = [];
afterEach(async () => {
  for (const each of opened.splice(0)) await each.app.close();
});

/** The text of a small keyframe, each line one statement: a `put` with its properties. */
async function keyframe(): Promise<{ readonly lines: readonly string[]; readonly messages: readonly LogMessage[] }> {
  const master = createTestApp({ mirrored: true, clock: () => Date.parse(at) });
  opened.push(master);
  const { engine, mirror, store } = master;
  if (!mirror) throw new Error('it is mirrored');
  for (const kind of usualKinds.values()) store.sinkOf(kind).state('synced');
  const labels = { app: 'a', 'app.kubernetes.io/name': 'shop' };
  store.sinkOf(kindNamed('Service')).event('ADDED', {
    metadata: { name: 's', namespace: 'shop', uid: 's' },
    spec: { selector: { app: 'a' }, clusterIP: '10.0.0.1' },
  } as never);
  store.sinkOf(kindNamed('Pod')).event('ADDED', {
    metadata: { name: 'a', namespace: 'shop', uid: 'a', labels },
    spec: {
      nodeName: 'n1',
      containers: [{ name: 'main', image: 'redis', envFrom: [{ configMapRef: { name: 'c' } }] }],
    },
    status: { phase: 'Running', podIPs: [{ ip: '10.1.0.1' }] },
  } as never);
  const memory = createMemoryLog({ engine, mirror });
  await memory.keyframe();
  const all = memory.messages.map(({ body }) => zstdDecompressSync(body).toString()).join('');
  const texts = all.split('\n').filter(Boolean);
  const lines: string[] = [];
  for (let i = 0; i < texts.length; i++)
    lines.push(texts[i]?.startsWith('{"put"') ? `${texts[i]}\n${texts[++i]}` : (texts[i] ?? ''));
  return { lines, messages: memory.messages };
}

const head = { kind: 'begin', epoch: 'e1', term: '1', number: 0, revision: 0 } as const;
const messageOf = (lines: readonly string[], revision = 0) => pack({ ...head, revision }, `${lines.join('\n')}\n`);

type Path = readonly (string | number)[];

/** Where a value may be replaced: all of it, once for equal shapes. */
function* pathsIn(value: unknown, path: Path = []): Generator<Path> {
  yield path;
  if (Array.isArray(value)) for (const [i, each] of value.slice(0, 3).entries()) yield* pathsIn(each, [...path, i]);
  else if (typeof value === 'object' && value !== null)
    for (const [name, each] of Object.entries(value)) yield* pathsIn(each, [...path, name]);
}

function replaced(value: unknown, [first, ...rest]: Path, by: unknown): unknown {
  if (first === undefined) return by;
  if (Array.isArray(value)) return value.map((each, i) => (i === first ? replaced(each, rest, by) : each));
  const named = value as { readonly [name: string]: unknown };
  return { ...named, [first]: replaced(named[String(first)], rest, by) };
}

const values: readonly unknown[] = [null, 7, 'x', '@other/Pod:shop/a', [], [null], {}, { x: {} }, true];

const questions = [
  '/cluster',
  '/cluster?completeness=full',
  '/cluster?format=dot',
  '/cluster/completeness',
  '/cluster/resources/pods?label=app',
  '/cluster/groups?by=namespace',
  '/cluster/groups?by=application',
  '/cluster/findings',
  '/cluster/search?q=m1',
  '/cluster/impact/pod/shop/a',
  '/cluster/debug/pod/shop/a',
];

/** What a reader of lines makes of each; undefined where it refuses them. */
function readAll(text: string, rules: RulesByName): readonly LogLine[] | undefined {
  const reader = new LineReader();
  try {
    return text.split('\n').flatMap((line) => reader.read(Buffer.from(line), rules) ?? []);
  } catch {
    return undefined;
  }
}

describe('a line of another shape', () => {
  test('is refused or applied, whatever of it is replaced by whatever, and questions are answered afterwards', async () => {
    const { lines } = await keyframe();
    const { begin } = JSON.parse(lines[0] ?? '') as { readonly begin: Origin };
    const rules: RulesByName = new Map(begin.rules.map((rule) => [rule.name, { ...rule, infer: () => undefined }]));
    const graph = new ReplicaGraph({ origin: begin, rules: [...rules.values()], retention: createRetention() });
    const apply = (some: readonly LogLine[]) => graph.apply(at, some);
    for (const line of lines.slice(1, -1)) apply(readAll(line, rules)?.filter(({ what }) => what !== 'slice') ?? []);
    let [refused, taken] = [0, 0];
    const failed: string[] = [];
    const forge = (line: string, paths: Iterable<Path>) => {
      const [text = '', ...more] = line.split('\n');
      for (const path of paths)
        for (const value of values) {
          const said: unknown = JSON.parse(text.replaceAll('shop/a"', `shop/m${taken + refused}"`));
          const read = readAll([JSON.stringify(replaced(said, path, value)), ...more].join('\n'), rules);
          if (!read) refused++;
          else
            try {
              apply(read);
              taken++;
            } catch (error) {
              // It is of a right shape, and not about this graph.
              if (error instanceof Fault) refused++;
              else failed.push(`${path.join('.')} ${JSON.stringify(value)}: ${String(error)}`);
            }
        }
    };
    const pod = lines.find((line) => line.startsWith('{"put":{"id":"Pod:')) ?? '';
    const others = [
      '{"key":{"index":"image","key":"redis","id":"Pod:shop/a"}}',
      `{"source":{"family":"minions","name":"n1","state":{"state":"stale","since":"${at}","reason":"x"}}}`,
      `{"source":{"family":"kinds","name":"Pod","state":{"state":"synced","since":"${at}"}}}`,
      `{"stamps":{"id":"Pod:shop/a","resource":"${at}","relations":"${at}"}}`,
      '{"annotate":{"id":"Pod:shop/a","name":"events","value":{"count":1}}}',
      '{"remove":{"id":"Pod:shop/none","type":"Pod","namespace":"shop"}}',
      '{"renew":{"id":"Pod:shop/a","resourceVersion":"1"}}\n{}',
    ];
    for (const line of [pod, ...others]) forge(line, pathsIn(JSON.parse(line.split('\n')[0] ?? '')));
    expect({ refused: refused > 100, taken: taken > 100, failed }).toEqual({ refused: true, taken: true, failed: [] });
    const synced = readAll(lines.at(-1) ?? '', rules)?.[0];
    if (synced?.what === 'synced') await runSteps(graph.finish(synced.synced));
    const app = createApp({
      ...{ graph: graph.engine, typesNamed: graph.names.meant, epoch: 'e1', metrics: new Registry() },
      ...{ build: { version: '0.0.0' }, live: [], ready: [], server: { logger: silentLogger } },
    });
    for (const question of questions) {
      const { statusCode, payload } = await app.inject(question);
      expect([question, statusCode < 500 ? '' : payload]).toEqual([question, '']);
    }
    await app.close();
  });
});

describe('what masters tell of hostile objects', () => {
  test('is never refused: a copy is the same, whatever objects say', async () => {
    const recorded = recordedObjects();
    await fc.assert(
      fc.asyncProperty(fc.array(hostile, { minLength: 20, maxLength: 40 }), async (guests) => {
        const master = createTestApp({ mirrored: true, clock: () => Date.parse(at) });
        opened.push(master);
        const { engine, mirror, store, engineOptions } = master;
        if (!mirror || !engineOptions.limit) throw new Error('it is mirrored, and has a limit');
        engine.changes.record();
        const createdBy = 'cluster-insight 0.0.0';
        const memory = createMemoryLog({ engine, mirror, createdBy, limit: engineOptions.limit });
        await memory.keyframe();
        for (const { kind, object } of [...recorded, ...guests])
          store.sinkOf(kind).event('ADDED', structuredClone(object) as KubernetesObject);
        const replica = createTestReplica();
        for (const message of memory.messages) expect(await replica.receive(message)).toBe('taken');
        const copy = replica.served?.target.engine;
        expect(copy && graphOf(copy)).toEqual(graphOf(engine));
      }),
      { numRuns: 5 },
    );
  });
});

describe('what is of another cluster', () => {
  test('is not spoken for: resources, ends of relations, keys, annotations and times', async () => {
    const { messages } = await keyframe();
    const item = { id: 'Pod:shop/b', type: 'Pod', namespace: 'shop', name: 'b', label: 'b', references: [] };
    const put = (more: object) => `${JSON.stringify({ put: { ...item, ...more } })}\n{}\n${slice}`;
    const reference = { rule: 'node-runs-pod', field: 'spec.nodeName' };
    const end = (target: object) => put({ references: [{ ...reference, target }] });
    const hostile = [
      put({ id: '@prod-us/Pod:shop/b' }),
      put({ id: '@prod-us/Pod:shop/b', type: '@prod-us/Pod' }),
      put({ id: '@prod-us/Pod:shop/b', type: 'Image', name: 'sha256:x' }),
      put({ id: 'Pod:shop/b', type: 'Image', name: 'sha256:x' }),
      put({ id: 'Secret:shop/b' }),
      end({ by: 'name', type: 'Image', name: 'x', id: '@prod-us/Pod:shop/b' }),
      end({ by: 'name', type: 'Image', name: 'x', id: 'Pod:shop/b' }),
      end({ by: 'name', type: 'Node', name: 'x', id: 5 }),
      `{"annotate":{"id":"@prod-us/Pod:shop/b","name":"note","value":1}}\n${slice}`,
      `{"key":{"index":"image","key":"x","id":"@prod-us/Pod:shop/b"}}\n${slice}`,
      `{"stamps":{"id":"@prod-us/Pod:shop/b","resource":"${at}"}}\n${slice}`,
      `{"remove":{"id":"@prod-us/Pod:shop/b","type":"Pod","namespace":"shop"}}\n${slice}`,
      `{"renew":{"id":"@prod-us/Pod:shop/b"}}\n{}\n${slice}`,
    ];
    const last = messages.at(-1) as LogMessage;
    for (const text of hostile) {
      const replica = createTestReplica();
      for (const each of messages.slice(0, -1)) await replica.receive(each);
      expect(await replica.receive({ ...last, body: zstdCompressSync(text) }), text).toBe('hole');
    }
    const replica = createTestReplica();
    for (const each of messages.slice(0, -1)) await replica.receive(each);
    expect(await replica.receive({ ...last, body: zstdCompressSync(put({})) })).toBe('taken');
  });
});

describe('too much of it', () => {
  test('a term that begins twice, or whose keyframe ends twice, is refused: each would open another graph', async () => {
    const { lines } = await keyframe();
    const [begin = '', synced = ''] = [lines[0], lines.at(-1)];
    expect([begin.slice(0, 8), synced.slice(0, 9)]).toEqual(['{"begin"', '{"synced"']);
    for (const forged of [
      [begin, ...lines],
      [...lines, begin],
      [...lines, synced],
    ]) {
      const replica = createTestReplica();
      const verdicts = [];
      for (const message of messageOf(forged)) verdicts.push(await replica.receive(message));
      expect(verdicts).toContain('hole');
    }
  });

  test('a pack of a hundred thousand lines that say nothing is read with pauses', async () => {
    const { lines } = await keyframe();
    let pauses = 0;
    const replica = new Replica({
      open: (origin, rules) => new ReplicaGraph({ origin, rules, retention: createRetention() }),
      async run(steps) {
        while (!steps.next().done) pauses++;
      },
      ...{ clock: () => 0 as MonotonicTime, now: () => 0, logger: silentLogger },
    });
    for (const message of messageOf([lines[0] ?? '', ...Array<string>(100_000).fill('{}')]))
      await replica.receive(message);
    expect(pauses).toBeGreaterThan(1_000);
  });

  test('parts that never end are refused before they fill the memory', () => {
    const body = new Uint8Array(1 << 20);
    const unpacker = new Unpacker();
    let taken = 0;
    expect(() => {
      for (let part = 1; part <= 1024; part++, taken++) unpacker.take({ part, parts: 1024, body });
    }).toThrow('more than');
    expect(taken).toBe(64);
  });

  test('what unpacks to more than this process has room for is refused', () => {
    const bomb = zstdCompressSync(Buffer.alloc(2 << 20));
    expect(bomb.length).toBeLessThan(1_000);
    expect(() => new Unpacker(1 << 20).take({ part: 1, parts: 1, body: bomb })).toThrow('unpacked');
  });
});
