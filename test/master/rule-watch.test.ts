import { expect, test } from 'vitest';
import { buildGraph } from '../../master/build-graph.ts';
import { customKind } from '../../master/kinds/custom.ts';
import { RuleWatch } from '../../master/rule-watch.ts';
import { silentLogger } from '../../src/logger.ts';
import type { KubernetesObject } from '../../src/model.ts';
import type { RuleFiles } from '../../src/rule-files.ts';
import { graphOf } from '../support/random-cluster.ts';

const good = '- {from: Backup.example.com, name: spec.secret, to: Secret}\n';

function watched(files: { now: RuleFiles }) {
  const warned: string[] = [];
  const relisted: string[][] = [];
  const failing = { now: false };
  const { engine, writer, declare, store, names } = buildGraph({
    clusterName: 'c',
    version: '0',
    namespaces: [],
    keepValues: false,
    logger: silentLogger,
  });
  let runs = 0;
  const watch = new RuleWatch({
    paths: ['r'],
    graph: engine,
    writer,
    declare,
    relist: (types) => void relisted.push([...types]),
    isWhole: () => true,
    signal: new AbortController().signal,
    async run(steps) {
      runs++;
      if (failing.now) throw new Error('the heap is full');
      for (;;) {
        const step = steps.next();
        if (step.done) return step.value;
      }
    },
    clock: () => 0,
    logger: { info() {}, warn: (...said: unknown[]) => void warned.push(String(said.at(-1))) } as never,
    read: () => files.now,
  });
  return { watch, engine, store, names, warned, failing, relisted, runs: () => runs };
}

const textOf = (text: string): RuleFiles => ({ texts: [{ file: 'r', text }], unread: [] });

test('rules come and go with their files, and what did not change is not taken over again', async () => {
  const files = { now: textOf(good) };
  const { watch, engine, runs } = watched(files);
  await watch.look();
  await watch.look();
  expect(runs()).toBe(1);
  expect(engine.rules.filter(({ declared }) => declared).map(({ name }) => name)).toEqual([
    'backup-example-com-secret',
  ]);
  files.now = textOf('');
  await watch.look();
  expect(engine.rules.some(({ declared }) => declared)).toBe(false);
});

test('a rule at fault costs itself, and is in the completeness until it is mended', async () => {
  const files = { now: textOf(`${good}- {from: X.y.z}\n`) };
  const { watch, engine } = watched(files);
  await watch.look();
  expect([watch.rules, watch.faults]).toEqual([1, 1]);
  expect(engine.sources('rules').get('r:2')).toMatchObject({ state: 'unknown' });
  expect(JSON.parse(engine.completeness())).toMatchObject({ complete: false });
  files.now = textOf(good);
  await watch.look();
  expect([...engine.sources('rules')]).toEqual([]);
});

test('files that cannot be read are told like a rule at fault', async () => {
  const { watch, engine } = watched({ now: { texts: [], unread: [{ file: 'gone', reason: 'no such file' }] } });
  await watch.look();
  expect(engine.sources('rules').get('gone:1')?.reason).toBe('no such file');
});

const backup = customKind({ group: 'example.com', version: 'v1', kind: 'Backup', plural: 'backups', namespaced: true });

test('rules that could not be taken over are told, and tried again until they are', async () => {
  const files = { now: textOf(good) };
  const { watch, engine, store, names, warned, failing, runs } = watched(files);
  names.add(backup);
  const sink = store.sinkOf(backup);
  sink.state('synced');
  const spec = { secret: { name: 's' } };
  sink.event('ADDED', {
    apiVersion: 'example.com/v1',
    kind: 'Backup',
    metadata: { name: 'b', namespace: 'n', uid: 'u' },
    spec,
  } as KubernetesObject);
  const found = () =>
    graphOf(engine).relations.some(({ annotations }) => annotations.rule === 'backup-example-com-secret');
  failing.now = true;
  await watch.look();
  await watch.look();
  expect([runs(), found(), watch.faults]).toEqual([2, false, 1]);
  expect(engine.sources('rules').get('taking over')?.reason).toContain('the heap is full');
  expect(warned.filter((line) => line.includes('tried again'))).toHaveLength(1);
  failing.now = false;
  await watch.look();
  expect([runs(), found(), watch.faults]).toEqual([3, true, 0]);
  expect([...engine.sources('rules')]).toEqual([]);
  await watch.look();
  expect(runs()).toBe(3);
});

test('a kind that may not be listed, or is not served, is reported with the rule that reads it', async () => {
  const files = { now: textOf(good) };
  const { watch, store, names, warned } = watched(files);
  await watch.look();
  expect([watch.unread, warned]).toEqual([
    1,
    ['the rule backup-example-com-secret says nothing of Backup.example.com: no such kind is read'],
  ]);
  names.add(backup);
  store.sinkOf(backup).state('forbidden', 'backups.example.com is forbidden');
  await watch.look();
  await watch.look();
  expect(warned.at(-1)).toContain('Backup.example.com: forbidden: backups.example.com is forbidden');
  expect(warned).toHaveLength(2);
  store.sinkOf(backup).state('synced');
  await watch.look();
  expect(watch.unread).toBe(0);
});

test('a kind is listed again where a text of it is a name now that was taken for a secret', async () => {
  const files = { now: textOf('') };
  const { watch, store, names, relisted } = watched(files);
  names.add(backup);
  store.sinkOf(backup).state('synced');
  await watch.look();
  files.now = textOf('- {from: Backup.example.com, name: spec.location, to: Secret}\n');
  await watch.look();
  expect(relisted).toEqual([]);
  files.now = textOf(good);
  await watch.look();
  expect(relisted).toEqual([['Backup.example.com']]);
  files.now = textOf('- {from: "*.*", name: spec.secret, to: Secret}\n');
  await watch.look();
  expect(relisted).toHaveLength(2);
});
