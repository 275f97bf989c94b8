import { describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../../../src/model.ts';
import { createTestApp } from '../../support/app.ts';
import { graphOf, kindNamed } from '../../support/random-cluster.ts';

function open() {
  const served = createTestApp();
  const sink = served.store.sinkOf(kindNamed('Event'));
  served.store.sinkOf(kindNamed('Node')).event('ADDED', { metadata: { name: 'node-a' } } as KubernetesObject);
  served.store
    .sinkOf(kindNamed('Pod'))
    .event('ADDED', { metadata: { name: 'web', namespace: 'shop' } } as KubernetesObject);
  const events = (id: string) =>
    graphOf(served.engine).resources.find((each) => each.id === id)?.annotations['events' as never];
  return { ...served, sink, events };
}

const event = (name: string, fields: object = {}) =>
  ({
    metadata: { name, namespace: 'shop' },
    involvedObject: { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'web' },
    type: 'Normal',
    reason: 'Pulled',
    count: 1,
    lastTimestamp: '2026-11-20T12:00:00Z',
    ...fields,
  }) as unknown as KubernetesObject;

describe('Events', () => {
  it('are counted by type on what they are about, with the last one, and are no resources', () => {
    const { sink, events, engine } = open();
    sink.event('ADDED', event('a', { count: 3 }));
    sink.event('ADDED', event('b', { type: 'Warning', reason: 'BackOff', lastTimestamp: '2026-11-20T13:00:00Z' }));
    expect(events('Pod:shop/web')).toEqual({
      Normal: 3,
      Warning: 1,
      last: { type: 'Warning', reason: 'BackOff', at: '2026-11-20T13:00:00Z' },
    });
    expect(graphOf(engine).resources.filter(({ type }) => type === 'Event')).toEqual([]);
    sink.event('MODIFIED', event('a', { count: 4 }));
    sink.event('DELETED', event('b'));
    expect(events('Pod:shop/web')).toMatchObject({ Normal: 4, last: { reason: 'Pulled' } });
    expect(events('Pod:shop/web')).not.toHaveProperty('Warning');
    sink.event('DELETED', event('a'));
    expect(events('Pod:shop/web')).toBeUndefined();
  });

  it('about cluster-wide objects are in a namespace, and are found', () => {
    const { sink, events } = open();
    sink.event(
      'ADDED',
      event('a', { involvedObject: { kind: 'Node', name: 'node-a', namespace: 'default', uid: 'node-a' } }),
    );
    expect(events('Node:node-a')).toMatchObject({ Normal: 1 });
  });

  it('of the newer form count as their series does, on what they regard and what that relates to', () => {
    const { sink, events } = open();
    const series = { count: 7, lastObservedTime: '2026-11-20T14:00:00.000000Z' };
    const {
      involvedObject,
      count: _,
      ...rest
    } = event('a', { series }) as unknown as { involvedObject: object; count: number };
    sink.event('ADDED', {
      ...rest,
      regarding: involvedObject,
      related: { kind: 'Node', name: 'node-a' },
    } as unknown as KubernetesObject);
    for (const id of ['Pod:shop/web', 'Node:node-a'])
      expect(events(id)).toMatchObject({ Normal: 7, last: { at: '2026-11-20T14:00:00.000000Z' } });
  });

  it('that a list no longer brings are forgotten, and one that breaks off changes nothing', async () => {
    const { sink, events } = open();
    sink.event('ADDED', event('a'));
    const broken = sink.list();
    void broken.page([event('b')]);
    broken.abort();
    expect(events('Pod:shop/web')).toMatchObject({ Normal: 1 });
    const list = sink.list();
    void list.page([event('b', { count: 2 }), {} as KubernetesObject, event('c', { involvedObject: 'nobody' })]);
    await list.commit('1');
    expect(events('Pod:shop/web')).toMatchObject({ Normal: 2 });
  });

  it('of a type that is called as what every object inherits are counted like any other', () => {
    const { sink, events } = open();
    sink.event('ADDED', event('a', { type: 'constructor', count: 2 }));
    sink.event('ADDED', event('b', { type: '__proto__', count: 'many' }));
    expect(JSON.stringify(events('Pod:shop/web'))).toContain('"__proto__":1,"constructor":2');
  });
});
