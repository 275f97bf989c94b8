// The graph for one set of rights: an engine that receives only visible data, copied from the main engine in the order of
// last changes. Its timestamps and revisions depend on visible data alone: two masters that differ in a hidden namespace
// end with the same bytes.
import { timestampOf } from '../../../src/clock.ts';
import { parseId } from '../../../src/ids.ts';
import type { KubernetesObject, SourceState } from '../../../src/model.ts';
import { cutAnnotation, cutFamily } from '../../graph/engine/cut-relations.ts';
import type { EngineOptions, GraphReader, Item } from '../../graph/engine/engine.ts';
import { createEngine, type Engine } from '../../graph/engine/engine.ts';
import type { Annotations } from '../../graph/model/annotation.ts';
import type { Vertex } from '../../graph/model/vertex.ts';
import { itemOf } from '../../graph/replication/item-of-vertex.ts';
import type { Mirror, Told } from '../../graph/replication/mirror.ts';
import { createShownImages, imagesOf } from '../../ingest/show-images.ts';
import { nodeStoresImage } from '../../relations/node-images.ts';
import type { Place, Rights } from '../auth/rights.ts';

export interface VisibleGraphOptions {
  readonly rights: Rights;
  readonly main: GraphReader;
  readonly mirror: Pick<Mirror, 'follow'>;
  /** Like the main engine's. */
  readonly engineOptions: Omit<EngineOptions, 'clock' | 'hidden' | 'logBytes'>;
  /** Yields to others between two slices of the copy. */
  readonly pause: () => Promise<void>;
}

export interface VisibleGraph {
  readonly graph: GraphReader;
  /** Resolves when everything is copied; from then on it is up to date after each transaction. */
  readonly ready: Promise<void>;
  close(): void;
}

/** Objects copied per turn, a few milliseconds. */
const slice = 500;
const logBytes = 8 << 20;
/** The reason shown for a kind that this caller sees in part. */
const inPart = 'as far as the caller may list it';
/** The API server tells every known caller what it serves. */
const ofTheApi: ReadonlySet<string> = new Set(['groups', 'leftOut']);
/** Each graph computes these itself. */
const ownAnnotations: ReadonlySet<string> = new Set(['ambiguous', cutAnnotation]);
const notAtAll = 'the caller may not list it';
const byNobody = 'it may not be listed';

export function createVisibleGraph({ rights, main, mirror, engineOptions, pause }: VisibleGraphOptions): VisibleGraph {
  let now = 0;
  const hidden = (place: Place) => !rights.sees(place);
  const engine = createEngine({ ...engineOptions, logBytes, hidden, clock: () => now });
  const ownImages = rights.sees({ type: 'Image', namespace: '', id: '' }) ? undefined : createShownImages(engine);
  /** Changes that arrived during the copy. */
  let waiting: { readonly at: string; readonly told: readonly Told[] }[] | undefined = [];
  let closed = false;

  function at(timestamp: string, change: () => void): void {
    now = Date.parse(timestamp);
    engine.transact(change);
  }

  function put(item: Item, steady = false): void {
    putInto(engine, ownImages && item.type === 'Node' ? withoutRuntime(item) : item, steady);
    if (!ownImages || item.type !== 'Container') return;
    ownImages.observe(item.id, imagesOf(JSON.parse(String(item.properties)) as KubernetesObject));
  }

  const tell: { readonly [what in Told['what']]: (told: Extract<Told, { what: what }>) => void } = {
    put: ({ item, steady }) => rights.sees(item) && put(item, steady),
    remove({ place }) {
      if (!rights.sees(place)) return;
      engine.remove(place.id);
      if (place.type === 'Container') ownImages?.forget(place.id);
    },
    annotate({ id, name, value }) {
      const place = placeOf(main, id);
      if (rights.sees(place) && mayKnow(name, place)) engine.annotate(id, name, value);
    },
    key: ({ index, key, id }) => {
      if (index === 'image' && ownImages) return;
      if (id === undefined || rights.sees(placeOf(main, id))) engine.setKey(index, key, id);
      else engine.setKey(index, key, undefined);
    },
    source({ family, name, state }) {
      if (family === cutFamily) return;
      if (family === 'kinds') engine.setSource(family, name, state && stateFor(name, state));
      else if (ofTheApi.has(family)) engine.setSource(family, name, state && withoutReason(state));
      // Other sources of resources reveal where the cluster runs.
      else if (rights.extentOf('Node') === 'all') engine.setSource(family, name, state);
    },
  };

  /** Events are in the namespace of their object. */
  function mayKnow(name: string, { namespace }: Place): boolean {
    if (ownAnnotations.has(name)) return false;
    return name !== 'events' || rights.sees({ type: 'Event', namespace, id: '' });
  }

  /** Error messages may contain addresses and users. */
  function withoutReason({ state, since, reason }: SourceState): SourceState {
    return rights.extentOf('Node') === 'all' && reason !== undefined ? { state, since, reason } : { state, since };
  }

  function stateFor(type: string, state: SourceState): SourceState {
    const extent = rights.extentOf(type);
    if (extent === 'all' || state.state === 'absent' || state.state === 'excluded') return state;
    if (extent === 'none')
      return { state: 'forbidden', since: state.since, reason: state.state === 'forbidden' ? byNobody : notAtAll };
    // The cluster's own reason may name namespaces.
    return { state: state.state, since: state.since, reason: inPart };
  }

  function listen(told: readonly Told[]): void {
    if (waiting) waiting.push({ at: main.timestamp, told });
    else at(main.timestamp, () => told.forEach(hear));
  }

  function hear(told: Told): void {
    (tell[told.what] as (told: Told) => void)(told);
  }

  function copy(vertex: Vertex, stamp: string): void {
    // If it changed since, that change waits in the queue.
    if (!vertex.present || vertex.version?.timestamp !== stamp) return;
    put(itemOf(main, vertex));
    annotateAgain(vertex.id, vertex.annotations);
  }

  function annotateAgain(id: string, annotations: Annotations | undefined): void {
    for (const [name, { data }] of annotations ?? []) tell.annotate({ what: 'annotate', id, name, value: data });
  }

  async function copyAll(): Promise<void> {
    const all = [...visibleOf(main, rights)].sort((a, b) => (a.stamp < b.stamp ? -1 : a.stamp > b.stamp ? 1 : 0));
    // The main graph's own time would reveal hidden changes.
    at(all[0]?.stamp ?? timestampOf(0), () => {
      for (const family of main.families())
        for (const [name, state] of main.sources(family)) tell.source({ what: 'source', family, name, state });
    });
    for (let from = 0; from < all.length && !closed; ) {
      const stamp = all[from]?.stamp ?? '';
      let to = from;
      while (to < all.length && to < from + slice && all[to]?.stamp === stamp) to++;
      at(stamp, () => all.slice(from, to).forEach(({ vertex }) => copy(vertex, stamp)));
      if (Math.floor(from / slice) !== Math.floor(to / slice)) await pause();
      from = to;
    }
    // A key resolves only to something that exists already.
    at(all.at(-1)?.stamp ?? timestampOf(0), () => {
      for (const key of main.keys()) tell.key({ what: 'key', ...key });
      for (const [id, annotations] of main.annotations()) if (!engine.get(id)?.present) annotateAgain(id, annotations);
    });
    for (const batch of waiting ?? []) at(batch.at, () => batch.told.forEach(hear));
    waiting = undefined;
    engine.changes.record();
  }

  const unfollow = mirror.follow(listen);
  return {
    graph: engine,
    ready: copyAll(),
    close() {
      closed = true;
      unfollow();
    },
  };
}

/** What the main graph restores of a steady one may be less than what it said here. */
function putInto(engine: Engine, item: Item, steady: boolean): void {
  if (!steady || !engine.renew(item)) engine.put(item);
}

/** A node's images and their use reveal Pods that the caller may not list. */
function withoutRuntime(item: Item): Item {
  const references = item.references.filter(({ rule }) => rule.name !== nodeStoresImage.name);
  if (references.length === item.references.length) return item;
  const { runtime: _, ...object } = JSON.parse(String(item.properties)) as KubernetesObject;
  return { ...item, references, properties: JSON.stringify(object) };
}

/** Type, namespace and id of a resource: from the graph, otherwise from its id. */
function placeOf(main: GraphReader, id: string): Place {
  const vertex = main.get(id);
  if (vertex) return vertex;
  const { type, path } = parseId(id);
  const slash = path.indexOf('/');
  return { id, type, namespace: slash < 0 ? '' : path.slice(0, slash) };
}

/** Existing visible resources, each with the time of its last change. */
export function* visibleOf(
  main: GraphReader,
  rights: Rights,
): Generator<{ vertex: Vertex; stamp: string; bytes: number }> {
  for (const type of main.counts().keys())
    for (const namespace of main.namespacesOf(type))
      for (const vertex of main.members(type, namespace)) {
        const { version } = vertex;
        if (version && rights.sees(vertex)) yield { vertex, stamp: version.timestamp, bytes: version.length };
      }
}
