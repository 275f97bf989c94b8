import { expect, test } from 'vitest';
import { createEngine, type Engine } from '../../../../master/graph/engine/engine.ts';
import { createMirror, type Told } from '../../../../master/graph/replication/mirror.ts';

const options = { clusterName: 'c', createdBy: 'test', rules: [], virtualTypes: new Set<string>(), clock: () => 0 };
const state = { state: 'synced', since: '' } as const;
const words = (told: readonly Told[]) => told.map(({ what }) => what);

function mirrored(): { readonly engine: Engine; readonly batches: Told[][] } & ReturnType<typeof createMirror> {
  const engine = createEngine(options);
  return { engine, batches: [], ...createMirror(engine) };
}

test('what a transaction told is handed on when its revision is made, with what hooks add to it', () => {
  const { engine, writer, follow } = mirrored();
  const batches: [number, string[]][] = [];
  writer.beforeCommit(() => writer.annotate('Thing:a', 'note', 1));
  follow((told) => batches.push([engine.revision, words(told)]));
  writer.transact(() => {
    writer.setSource('kinds', 'Thing', state);
    writer.transact(() => writer.setKey('image', 'x', 'Thing:a'));
  });
  expect(batches).toEqual([[1, ['source', 'key', 'annotate']]]);
});

test('only existing resources are reported as removed, and a removed follower gets nothing', () => {
  const { writer, follow } = mirrored();
  const told: Told[] = [];
  const leave = follow((batch) => told.push(...batch));
  writer.transact(() => writer.remove('Thing:never'));
  leave();
  writer.transact(() => writer.setSource('minions', 'n1', state));
  expect(told).toEqual([]);
});

test('unchanged absent annotations are not reported; removed ones are, also for resources that do not exist yet', () => {
  const { writer, follow } = mirrored();
  const told: string[] = [];
  follow((batch) =>
    told.push(
      ...batch.map((each) => (each.what === 'annotate' ? `${each.id} ${each.name} ${String(each.value)}` : each.what)),
    ),
  );
  const item = { type: 'Thing', namespace: '', label: 'a', references: [], properties: '{}' };
  writer.transact(() => {
    writer.put({ ...item, id: 'Thing:a', name: 'a' });
    writer.annotate('Thing:a', 'stale', undefined);
    writer.annotate('Thing:later', 'stale', undefined);
  });
  writer.transact(() => writer.annotate('Thing:a', 'stale', true));
  writer.transact(() => writer.annotate('Thing:a', 'stale', undefined));
  expect(told).toEqual(['put', 'Thing:later stale undefined', 'Thing:a stale true', 'Thing:a stale undefined']);
});
