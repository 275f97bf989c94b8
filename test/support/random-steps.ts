// Random operations on a store, as reflectors make them, with the expected objects beside the graph.
import fc from 'fast-check';
import { resourceId } from '../../src/ids.ts';
import type { KubernetesObject } from '../../src/model.ts';
import { type Graph, kindNamed, type Write, write } from './random-cluster.ts';

type Standing = 'synced' | 'forbidden' | 'stale' | 'absent';

export type Step =
  | { readonly do: 'put'; readonly write: Write }
  | { readonly do: 'delete'; readonly nth: number }
  | { readonly do: 'relist'; readonly type: string; readonly keep: number; readonly abort: boolean }
  | { readonly do: 'state'; readonly type: string; readonly state: Standing };

const types = [
  'Namespace',
  'Node',
  'Pod',
  'ReplicaSet',
  'Service',
  'ConfigMap',
  'NetworkPolicy',
  'EndpointSlice',
  'ReferenceGrant.gateway.networking.k8s.io',
];

export const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('put' as const), write }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('delete' as const), nth: fc.nat(20) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('relist' as const),
      type: fc.constantFrom(...types),
      keep: fc.nat(7),
      abort: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('state' as const),
      type: fc.constantFrom(...types),
      state: fc.constantFrom<Standing>('synced', 'forbidden', 'stale', 'absent'),
    }),
  },
);

export interface World {
  /** What exists, by id. */
  readonly objects: ReadonlyMap<string, Write>;
  readonly states: ReadonlyMap<string, Standing>;
  run(step: Step): void;
}

export function createWorld(graph: Pick<Graph, 'store'>): World {
  const objects = new Map<string, Write>();
  const states = new Map<string, Standing>();
  let version = 0;
  const idOf = ({ type, object }: Write) => resourceId(type, object.metadata.name, object.metadata.namespace);
  const fresh = ({ object }: Write) => structuredClone(object) as KubernetesObject;

  function relist(type: string, keep: number, abort: boolean): void {
    const session = graph.store.sinkOf(kindNamed(type)).list();
    const all = [...objects.values()].filter((each) => each.type === type);
    const kept = all.filter((_, i) => (keep >> (i % 3)) & 1);
    void session.page(kept.map(fresh));
    if (abort) return session.abort();
    // It is only one slice, so it is complete when this returns.
    void session.commit('1');
    for (const each of all) if (!kept.includes(each)) objects.delete(idOf(each));
  }

  return {
    objects,
    states,
    run(one: Step): void {
      if (one.do === 'relist') return relist(one.type, one.keep, one.abort);
      if (one.do === 'state') {
        states.set(one.type, one.state);
        graph.store.sinkOf(kindNamed(one.type)).state(one.state);
        if (one.state === 'absent') for (const [id, each] of objects) if (each.type === one.type) objects.delete(id);
        return;
      }
      if (one.do === 'put') {
        const object = structuredClone(one.write.object) as { metadata: { resourceVersion?: string } };
        object.metadata.resourceVersion = String(++version);
        const stamped = { type: one.write.type, object: object as unknown as KubernetesObject };
        objects.set(idOf(stamped), stamped);
        return graph.store.sinkOf(kindNamed(stamped.type)).event('MODIFIED', fresh(stamped));
      }
      const victim = [...objects.values()][one.nth % Math.max(objects.size, 1)];
      if (!victim) return;
      objects.delete(idOf(victim));
      graph.store.sinkOf(kindNamed(victim.type)).event('DELETED', fresh(victim));
    },
  };
}
