import { expect, test } from 'vitest';
import { deliver } from '../../../../master/sources/kubernetes/deliver.ts';
import type { KindEvent } from '../../../../master/sources/kubernetes/sink.ts';
import { nameOf } from '../../../support/memory-sink.ts';
import { pod } from '../../../support/reflecting.ts';

const events: readonly KindEvent[] = ['a', 'b', 'c'].map((name) => ({ type: 'ADDED', object: pod(name) }));

test('an event that a sink cannot keep does not stop those after it', () => {
  const kept: string[] = [];
  const unkept = deliver(
    {
      event(type, object) {
        if (object.metadata.name === 'b') throw new Error('full');
        kept.push(`${type} ${nameOf(object)}`);
      },
    },
    events,
  );
  expect(kept).toEqual(['ADDED shop/a', 'ADDED shop/c']);
  expect(unkept).toEqual([{ object: events[1]?.object, error: new Error('full') }]);
});

test('a sink that takes events together gets them at once', () => {
  const calls: (readonly KindEvent[])[] = [];
  const sink = {
    event: () => expect.unreachable(),
    events(all: readonly KindEvent[]) {
      calls.push(all);
      return [];
    },
  };
  expect(deliver(sink, events)).toEqual([]);
  expect(calls).toEqual([events]);
});
