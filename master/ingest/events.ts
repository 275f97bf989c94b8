// Events are counted on the objects they are about, not shown as resources: thousands come and go per object. The
// annotation `events` has the count by type and the last reason.

import type { Clock } from '../../src/clock.ts';
import { resourceId, typeOfReference } from '../../src/ids.ts';
import type { KubernetesObject } from '../../src/model.ts';
import type { GraphWriter } from '../graph/engine/engine.ts';
import type { AnnotationValue } from '../graph/model/annotation.ts';
import type { KindEvent, Sink } from '../sources/kubernetes/sink.ts';
import { idOf } from './id-of.ts';
import { stateOf } from './source-state.ts';
import { together } from './together.ts';

interface Reference {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly namespace?: string;
  readonly name?: string;
}

/** Events may be malformed: any field may have another type. */
interface EventFields {
  readonly involvedObject?: Reference | null;
  readonly regarding?: Reference | null;
  readonly related?: Reference | null;
  readonly series?: { readonly count?: number; readonly lastObservedTime?: string } | null;
  readonly type?: string;
  readonly reason?: string;
  readonly count?: number;
  readonly lastTimestamp?: string;
  readonly eventTime?: string;
  readonly firstTimestamp?: string;
}

interface Counted {
  readonly id: string;
  readonly seen: Seen;
}

interface Seen {
  readonly targets: readonly string[];
  readonly type: string;
  readonly reason: string;
  readonly count: number;
  readonly last: string;
}

/** `clusterScoped` tells whether a type is outside of namespaces: Events about such objects are in a namespace anyway. */
export function createEventSink(graph: GraphWriter, clock: Clock, clusterScoped: (type: string) => boolean): Sink {
  const events = new Map<string, Seen>();
  const byTarget = new Map<string, Map<string, Seen>>();
  const touched = new Set<string>();

  // Writes each touched object once: a Node may have thousands of Events, and a list delivers all of them.
  graph.beforeCommit(() => {
    touched.forEach(tell);
    touched.clear();
  });

  function put({ id, seen }: Counted): void {
    remove(id);
    events.set(id, seen);
    for (const target of seen.targets) {
      const of = byTarget.get(target) ?? new Map<string, Seen>();
      byTarget.set(target, of.set(id, seen));
      touched.add(target);
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
      touched.add(target);
    }
  }

  function happen({ type, object }: KindEvent): void {
    const id = idOf('Event', object);
    if (id === undefined) return;
    const counted = type === 'DELETED' ? undefined : countedOf(object, clusterScoped);
    if (counted) put(counted);
    else remove(id);
  }

  function tell(target: string): void {
    const of = byTarget.get(target);
    graph.annotate(target, 'events', of && summaryOf([...of.values()]));
  }

  return {
    list() {
      const listed = new Map<string, Counted>();
      return {
        page(items) {
          for (const item of items) {
            const counted = countedOf(item, clusterScoped);
            if (counted) listed.set(counted.id, counted);
          }
        },
        abort: () => listed.clear(),
        commit() {
          graph.transact(() => {
            for (const id of [...events.keys()]) if (!listed.has(id)) remove(id);
            listed.forEach(put);
          });
          listed.clear();
        },
      };
    },
    event: (type, object) => graph.transact(() => happen({ type, object })),
    events: (all) => together(graph, all, happen),
    state: (state, reason) => graph.transact(() => graph.setSource('kinds', 'Event', stateOf(state, reason, clock))),
  };
}

/** Only the counted fields: a list is held until it is complete. */
function countedOf(object: KubernetesObject, clusterScoped: (type: string) => boolean): Counted | undefined {
  const id = idOf('Event', object);
  if (id === undefined) return undefined;
  const { involvedObject, regarding, related, series, ...event } = object as unknown as EventFields;
  const about = [involvedObject ?? regarding, related].flatMap((each) => targetOf(each, clusterScoped) ?? []);
  const last = [series?.lastObservedTime, event.lastTimestamp, event.eventTime, event.firstTimestamp];
  return {
    id,
    seen: {
      targets: [...new Set(about)],
      type: textOf(event.type) ?? 'Normal',
      reason: textOf(event.reason) ?? '',
      count: [series?.count, event.count].find((count) => typeof count === 'number') ?? 1,
      last: last.map(textOf).find((time) => time !== undefined) ?? '',
    },
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** By name: the UID in Events about Nodes is the Node's name. */
function targetOf(about: Reference | undefined | null, clusterScoped: (type: string) => boolean): string | undefined {
  const { apiVersion, kind, namespace, name } = about ?? {};
  if (typeof kind !== 'string' || typeof name !== 'string' || kind === '' || name === '') return undefined;
  const type = typeOfReference(textOf(apiVersion), kind);
  return resourceId(type, name, clusterScoped(type) ? undefined : textOf(namespace));
}

function summaryOf(seen: readonly Seen[]): AnnotationValue {
  // A Map, because a type may have the name of an inherited property.
  const counts = new Map<string, number>();
  for (const { type, count } of seen) counts.set(type, (counts.get(type) ?? 0) + count);
  const last = seen.reduce<Seen | undefined>(
    (latest, each) => (latest && !isAfter(each, latest) ? latest : each),
    undefined,
  );
  const sorted = Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
  return { ...sorted, last: last && { type: last.type, reason: last.reason, at: last.last } };
}

/** At equal times the first by reason. */
function isAfter(a: Seen, b: Seen): boolean {
  return a.last === b.last ? a.reason < b.reason : a.last > b.last;
}
