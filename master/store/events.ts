// Events are counted on what they are about, not drawn: thousands of them come and go for each object that stays. The
// annotation `events` has how often each type was seen, and the last one's reason.

import type { Clock } from '../../src/clock.ts';
import { resourceId, typeOfReference } from '../../src/ids.ts';
import type { KubernetesObject } from '../../src/model.ts';
import type { Engine } from '../graph/engine.ts';
import type { Sink } from '../kubernetes/sink.ts';
import { stateOf } from './source-state.ts';

interface Reference {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly uid?: string;
}

interface Seen {
  readonly targets: readonly string[];
  readonly type: string;
  readonly reason: string;
  readonly count: number;
  readonly last: string;
}

export function createEventSink(engine: Engine, clock: Clock): Sink {
  const events = new Map<string, Seen>();
  const byTarget = new Map<string, Map<string, Seen>>();

  function put(object: KubernetesObject): void {
    const id = resourceId('Event', object.metadata.name, object.metadata.namespace);
    remove(id);
    const seen = seenOf(object);
    events.set(id, seen);
    for (const target of seen.targets) {
      const of = byTarget.get(target) ?? new Map<string, Seen>();
      byTarget.set(target, of.set(id, seen));
      tell(target);
    }
  }

  function remove(id: string): void {
    const seen = events.get(id);
    if (!seen) return;
    events.delete(id);
    for (const target of seen.targets) {
      const of = byTarget.get(target);
      of?.delete(id);
      if (of?.size === 0) byTarget.delete(target);
      tell(target);
    }
  }

  function tell(target: string): void {
    const of = byTarget.get(target);
    engine.annotate(target, 'events', of && JSON.stringify(summaryOf([...of.values()])));
  }

  return {
    list() {
      const listed: KubernetesObject[] = [];
      return {
        page: (items) => void listed.push(...items.map(slim)),
        abort: () => void (listed.length = 0),
        commit() {
          engine.transact(() => {
            const ids = new Set(listed.map(({ metadata }) => resourceId('Event', metadata.name, metadata.namespace)));
            for (const id of [...events.keys()]) if (!ids.has(id)) remove(id);
            listed.forEach(put);
          });
        },
      };
    },
    event(type, object) {
      engine.transact(() => {
        if (type === 'DELETED') remove(resourceId('Event', object.metadata.name, object.metadata.namespace));
        else put(object);
      });
    },
    state: (state, reason) => engine.transact(() => engine.setKind('Event', stateOf(state, reason, clock))),
  };
}

/** What is counted of an Event, without the rest of it: a list of them is held until it is whole. */
function slim(object: KubernetesObject): KubernetesObject {
  const { name, namespace } = object.metadata;
  return { ...object, metadata: { name, ...(namespace ? { namespace } : {}) }, message: undefined };
}

function seenOf(object: KubernetesObject): Seen {
  const event = object as unknown as {
    involvedObject?: Reference;
    regarding?: Reference;
    related?: Reference;
    type?: string;
    reason?: string;
    count?: number;
    series?: { count?: number; lastObservedTime?: string };
    lastTimestamp?: string;
    eventTime?: string;
    firstTimestamp?: string;
  };
  const references = [event.involvedObject ?? event.regarding, event.related];
  return {
    targets: [...new Set(references.flatMap((each) => (each?.kind && each.name ? [targetOf(each)] : [])))],
    type: event.type ?? 'Normal',
    reason: event.reason ?? '',
    count: event.series?.count ?? event.count ?? 1,
    last: event.series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime ?? event.firstTimestamp ?? '',
  };
}

/** By name: the UID that Events of Nodes carry is the Node's name. */
function targetOf({ apiVersion, kind = '', namespace, name = '' }: Reference): string {
  const type = typeOfReference(apiVersion, kind);
  return resourceId(type, name, clusterScoped.has(type) ? undefined : namespace);
}

/** Events about these live in a namespace all the same, mostly `default`. */
const clusterScoped = new Set([
  'Node',
  'Namespace',
  'PersistentVolume',
  'StorageClass',
  'ClusterRole',
  'ClusterRoleBinding',
]);

function summaryOf(seen: readonly Seen[]): object {
  const counts: { [type: string]: number } = {};
  for (const { type, count } of seen) counts[type] = (counts[type] ?? 0) + count;
  const last = seen.toSorted((a, b) => (a.last < b.last ? 1 : a.last > b.last ? -1 : a.reason < b.reason ? -1 : 1))[0];
  const sorted = Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { ...sorted, last: last && { type: last.type, reason: last.reason, at: last.last } };
}
