import { expect, test } from 'vitest';
import { createSourceWriter } from '../../../master/ingest/source-writer.ts';
import type { Source } from '../../../master/sources/source.ts';
import { startSources } from '../../../master/sources/sources.ts';
import { createFakeSource } from '../../support/fake-source.ts';
import { createGraph, graphOf } from '../../support/random-cluster.ts';

function started(...sources: readonly Source[]) {
  let now = 0;
  const clock = () => now;
  const { engine } = createGraph(clock);
  const all = startSources(sources, (source) => createSourceWriter(source, { graph: engine, writer: engine, clock }));
  const instances = () =>
    graphOf(engine).resources.flatMap(({ id, annotations }) =>
      id.startsWith('Instance:') ? [[id, annotations.stale]] : [],
    );
  const completeness = () => JSON.parse(engine.completeness('full'));
  engine.transact(() => engine.setSource('kinds', 'Pod', { state: 'synced', since: '' }));
  return { engine, all, instances, completeness, at: (moment: number) => void (now = moment) };
}

const first = '1970-01-01T00:00:01.000Z';

test('one more source is one more family: what it puts is shown, and it is waited for', () => {
  const source = createFakeSource();
  const { all, instances, completeness } = started(source);
  expect(all.waitingFor()).toBe('the cloud');
  expect(completeness()).toMatchObject({ complete: false, clouds: { 'cloud-1': { state: 'syncing' } } });
  source.bring('a', 'b');
  expect(all.waitingFor()).toBeUndefined();
  expect(instances()).toEqual([
    ['Instance:a', undefined],
    ['Instance:b', undefined],
  ]);
  expect(completeness()).toMatchObject({
    complete: true,
    kinds: { Pod: { state: 'synced' } },
    minions: {},
    clouds: { 'cloud-1': { state: 'synced' } },
  });
});

test('what a source said is stale with it, since its first failure and for the last reason, and fresh when it answers', () => {
  const [source, other] = [createFakeSource(), createFakeSource('cloud-2')];
  const { instances, at } = started(source, other);
  source.bring('a');
  other.bring('z');
  at(1000);
  source.fail('the first');
  at(2000);
  source.fail('the second');
  expect(instances()).toEqual([
    ['Instance:a', { since: first, reason: 'the second' }],
    ['Instance:z', undefined],
  ]);
  source.bring('a', 'b');
  expect(instances().map(([, stale]) => stale)).toEqual([undefined, undefined, undefined]);
});

test('a source that is dropped takes with it what it put, and no other', () => {
  const [source, other] = [createFakeSource(), createFakeSource('cloud-2')];
  const { engine, instances, completeness } = started(source, other);
  source.bring('a', 'b');
  other.bring('z');
  source.bring('b');
  source.fail('gone');
  source.leave();
  expect(instances()).toEqual([['Instance:z', undefined]]);
  expect(Object.keys(completeness().clouds)).toEqual(['cloud-2']);
  expect([...engine.annotations()]).toEqual([]);
  other.leave();
  expect(completeness()).not.toHaveProperty('clouds');
});

test('a source that cannot be closed blocks no other, and is reported', async () => {
  const [source, other] = [createFakeSource(), createFakeSource('cloud-2')];
  const { all } = started({ ...source, close: () => Promise.reject(new Error('it hangs')) }, other);
  await expect(all.close()).rejects.toMatchObject({ errors: [new Error('it hangs')] });
  expect(other.closed).toBe(true);
});
