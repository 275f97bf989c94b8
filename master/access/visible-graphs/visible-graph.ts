// The graph for one set of rights: an engine that receives only visible data, copied from the main engine in the order of
// last changes. Its timestamps and revisions depend on visible data alone: two masters that differ in a hidden namespace
// end with the same bytes.
import { timestampOf } from '../../../src/clock.ts';
import { parseId } from '../../../src/ids.ts';
import type { KubernetesObject } from '../../../src/model.ts';
import { cutAnnotation } from '../../graph/engine/cut-relations.ts';
import type { EngineOptions, GraphReader, Item } from '../../graph/engine/engine.ts';
import { createEngine, type Engine } from '../../graph/engine/engine.ts';
import type { Annotations } from '../../graph/model/annotation.ts';
import type { Vertex } from '../../graph/model/vertex.ts';
import { itemOf } from '../../graph/replication/item-of-vertex.ts';
import type { Mirror, Told } from '../../graph/replication/mirror.ts';
import { createShownImages, imagesOf, type ShownImages } from '../../ingest/show-images.ts';
import { nodeStoresImage } from '../../relations/node-images.ts';
import type { Place, Rights } from '../auth/rights.ts';
import { mayKnowSources, visibleState } from './visible-state.ts';

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
/** Each graph computes these itself. */
const ownAnnotations: ReadonlySet<string> = new Set(['ambiguous', cutAnnotation]);

export function createVisibleGraph(options: VisibleGraphOptions): VisibleGraph {
  return new VisibleCopy(options);
}

type Said<What extends Told['what']> = Omit<Extract<Told, { what: What }>, 'what'>;

class VisibleCopy implements VisibleGraph {
  readonly graph: Engine;
  readonly ready: Promise<void>;
  readonly #rights: Rights;
  readonly #main: GraphReader;
  readonly #pause: () => Promise<void>;
  readonly #ownImages: ShownImages | undefined;
  readonly #unfollow: () => void;
  /** What its clock shows. */
  #now = 0;
  /** Changes that arrived during the copy. */
  #waiting: { readonly at: string; readonly told: readonly Told[] }[] | undefined = [];
  #closed = false;

  constructor({ rights, main, mirror, engineOptions, pause }: VisibleGraphOptions) {
    this.#rights = rights;
    this.#main = main;
    this.#pause = pause;
    const hidden = (place: Place) => !rights.sees(place);
    this.graph = createEngine({ ...engineOptions, logBytes, hidden, clock: () => this.#now });
    this.#ownImages = hidden({ type: 'Image', namespace: '', id: '' }) ? createShownImages(this.graph) : undefined;
    this.#unfollow = mirror.follow((told) => this.#listen(told));
    this.ready = this.#copyAll();
  }

  close(): void {
    this.#closed = true;
    this.#unfollow();
  }

  async #copyAll(): Promise<void> {
    const [main, rights] = [this.#main, this.#rights];
    const all = [...visibleOf(main, rights)].sort((a, b) => (a.stamp < b.stamp ? -1 : a.stamp > b.stamp ? 1 : 0));
    // The main graph's own time would reveal hidden changes.
    this.#at(all[0]?.stamp ?? timestampOf(0), () => {
      for (const family of main.families())
        for (const [name, state] of main.sources(family)) this.#source({ family, name, state });
    });
    for (let from = 0; from < all.length && !this.#closed; ) {
      const stamp = all[from]?.stamp ?? '';
      let to = from;
      while (to < all.length && to < from + slice && all[to]?.stamp === stamp) to++;
      this.#at(stamp, () => all.slice(from, to).forEach(({ vertex }) => this.#copy(vertex, stamp)));
      if (Math.floor(from / slice) !== Math.floor(to / slice)) await this.#pause();
      from = to;
    }
    // A key resolves only to something that exists already.
    this.#at(all.at(-1)?.stamp ?? timestampOf(0), () => {
      for (const key of main.keys()) this.#key(key);
      for (const [id, annotations] of main.annotations())
        if (!this.graph.get(id)?.present) this.#annotateAgain(id, annotations);
    });
    for (const { at, told } of this.#waiting ?? []) this.#hear(at, told);
    this.#waiting = undefined;
    this.graph.changes.record();
  }

  #copy(vertex: Vertex, stamp: string): void {
    // If it changed since, that change waits in the queue.
    if (!vertex.present || vertex.version?.timestamp !== stamp) return;
    this.#put(itemOf(this.#main, vertex));
    this.#annotateAgain(vertex.id, vertex.annotations);
  }

  #annotateAgain(id: string, annotations: Annotations | undefined): void {
    for (const [name, { data }] of annotations ?? []) this.#annotate({ id, name, value: data });
  }

  #at(timestamp: string, change: () => void): void {
    this.#now = Date.parse(timestamp);
    this.graph.transact(change);
  }

  #listen(told: readonly Told[]): void {
    if (this.#waiting) this.#waiting.push({ at: this.#main.timestamp, told });
    else this.#hear(this.#main.timestamp, told);
  }

  #hear(at: string, told: readonly Told[]): void {
    this.#at(at, () => {
      for (const one of told) this.#take(one);
    });
  }

  #take(told: Told): void {
    if (told.what === 'put') {
      if (this.#rights.sees(told.item)) this.#put(told.item, told.steady);
    } else if (told.what === 'remove') this.#remove(told);
    else if (told.what === 'annotate') this.#annotate(told);
    else if (told.what === 'key') this.#key(told);
    else this.#source(told);
  }

  #put(item: Item, steady = false): void {
    const images = this.#ownImages;
    putInto(this.graph, images && item.type === 'Node' ? withoutRuntime(item) : item, steady);
    if (!images || item.type !== 'Container') return;
    images.observe(item.id, imagesOf(JSON.parse(String(item.properties)) as KubernetesObject));
  }

  #remove({ place }: Said<'remove'>): void {
    if (!this.#rights.sees(place)) return;
    this.graph.remove(place.id);
    if (place.type === 'Container') this.#ownImages?.forget(place.id);
  }

  #annotate({ id, name, value }: Said<'annotate'>): void {
    const place = placeOf(this.#main, id);
    if (this.#rights.sees(place) && this.#mayKnow(name, place)) this.graph.annotate(id, name, value);
  }

  /** Events are in the namespace of their object. */
  #mayKnow(name: string, { namespace }: Place): boolean {
    if (ownAnnotations.has(name)) return false;
    return name !== 'events' || this.#rights.sees({ type: 'Event', namespace, id: '' });
  }

  #key({ index, key, id }: Said<'key'>): void {
    if (index === 'image' && this.#ownImages) return;
    const isSeen = id === undefined || this.#rights.sees(placeOf(this.#main, id));
    this.graph.setKey(index, key, isSeen ? id : undefined);
  }

  #source({ family, name, state }: Said<'source'>): void {
    if (mayKnowSources(family, this.#rights))
      this.graph.setSource(family, name, state && visibleState(family, name, state, this.#rights));
  }
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
