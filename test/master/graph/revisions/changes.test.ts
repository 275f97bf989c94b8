import { setTimeout as wait } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { type Change, createChanges } from '../../../../master/graph/revisions/changes.ts';

function change(revision: number, length: number): Change {
  const end = { id: 'Pod:a/b', type: 'Pod', namespace: 'a' };
  const relation = { type: 'uses', source: end, target: end, text: 'x'.repeat(length), added: true };
  const nothing = { resources: [], removedResources: [], removedRelations: [] };
  return { revision, timestamp: '', ...nothing, relations: [relation] };
}

describe('the log of changes', () => {
  it('hands out what came after a revision, and nothing where it does not reach back so far', () => {
    const changes = createChanges(5000);
    changes.record();
    for (let revision = 1; revision <= 9; revision++) changes.push(change(revision, 1000));
    expect(changes.since(7)?.map(({ revision }) => revision)).toEqual([8, 9]);
    expect(changes.since(9)).toEqual([]);
    expect(changes.since(1)).toBeUndefined();
    expect(changes.size()).toMatchObject({ from: 6, changes: 3 });
    expect(changes.since(6)?.map(({ revision }) => revision)).toEqual([7, 8, 9]);
  });

  it('continues after a change that is larger than the log', () => {
    const changes = createChanges(5000);
    changes.record();
    changes.push(change(1, 10_000));
    expect(changes.size()).toMatchObject({ from: 1, changes: 0, bytes: 0 });
    changes.push(change(2, 10));
    expect(changes.since(1)?.map(({ revision }) => revision)).toEqual([2]);
  });

  it('holds no change any more that it has forgotten', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const changes = createChanges(5000);
    changes.record();
    const pushed = Array.from({ length: 20 }, (_, i) => {
      const one = change(i + 1, 1000);
      changes.push(one);
      return new WeakRef(one);
    });
    // A WeakRef's target lives until the end of the turn in which the WeakRef was created or read.
    const held = async () => {
      await wait(0);
      collect();
      return pushed.filter((each) => each.deref()).length;
    };
    await expect.poll(held).toBe(changes.size().changes);
  });
});
