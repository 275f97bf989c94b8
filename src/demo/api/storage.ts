// Storage of the fake API server: objects by resource, one version counter, and a bounded history of events per resource
// from which watches resume. Objects are immutable, so a list at one version is an array that never changes.
import type { Stored } from './bytes.ts';

export type EventType = 'ADDED' | 'MODIFIED' | 'DELETED';

export interface StoreEvent {
  readonly type: EventType;
  readonly version: number;
  readonly object: Stored;
  /** The previous object, for watches with a selector. */
  readonly before?: Stored | undefined;
  /** The event as a line of a watch by representation, made once for all watchers. */
  readonly frames: Map<string, Buffer>;
}

/** Notifies watchers of an event, or that the kind is gone. */
export type Listener = (event: StoreEvent | 'gone') => void;

export class Collection {
  /** Watches cannot start at this version or lower. */
  floor: number;
  #items = new Map<string, Stored>();
  #sorted: readonly Stored[] | undefined = [];
  #history: StoreEvent[] = [];
  #snapshots = new Map<number, readonly Stored[]>();
  #listeners = new Set<Listener>();
  readonly #limit: number;

  constructor(floor: number, limit: number) {
    this.floor = floor;
    this.#limit = limit;
  }

  get size(): number {
    return this.#items.size;
  }

  get(key: string): Stored | undefined {
    return this.#items.get(key);
  }

  /** All objects sorted by key. The array is never changed. */
  sorted(): readonly Stored[] {
    this.#sorted ??= [...this.#items.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
    return this.#sorted;
  }

  /** All current objects, kept so that `version` can be requested again. */
  snapshot(version: number): readonly Stored[] {
    const items = this.sorted();
    this.#snapshots.set(version, items);
    const [oldest] = this.#snapshots.keys();
    if (this.#snapshots.size > 100 && oldest !== undefined) this.#snapshots.delete(oldest);
    return items;
  }

  snapshotAt(version: number): readonly Stored[] | undefined {
    return this.#snapshots.get(version);
  }

  /** Adds an object without an event, as existing before any watch. */
  load(object: Stored): void {
    this.#items.set(object.key, object);
    this.#sorted = undefined;
  }

  apply(type: EventType, object: Stored): void {
    const before = this.#items.get(object.key);
    if (type === 'DELETED') this.#items.delete(object.key);
    else this.#items.set(object.key, object);
    // A snapshot may be this array: leave it, and sort again on demand.
    this.#sorted = undefined;
    const event: StoreEvent = { type, version: object.version, object, before, frames: new Map() };
    this.#remember(event);
    for (const listener of [...this.#listeners]) listener(event);
  }

  /** Events after `version`, oldest first. */
  since(version: number): readonly StoreEvent[] {
    let low = 0;
    let high = this.#history.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#history[middle]?.version ?? 0) <= version) low = middle + 1;
      else high = middle;
    }
    return this.#history.slice(low);
  }

  /** Sets these objects and clears history; earlier watches end without notice. */
  restore(items: readonly Stored[], version: number): void {
    this.#items = new Map(items.map((each) => [each.key, each]));
    this.#sorted = undefined;
    this.#listeners.clear();
    this.compact(version);
  }

  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Drops history and running pages, like etcd after its compaction interval. */
  compact(version: number): void {
    this.floor = version;
    this.#history = [];
    this.#snapshots.clear();
  }

  /** Ends all watches: the kind is no longer served. */
  close(): void {
    for (const listener of [...this.#listeners]) listener('gone');
  }

  #remember(event: StoreEvent): void {
    this.#history.push(event);
    if (this.#history.length < this.#limit * 2) return;
    const dropped = this.#history.splice(0, this.#limit);
    this.floor = dropped.at(-1)?.version ?? this.floor;
  }
}

/** Everything stored at one moment, like a copy of etcd's data directory. */
export interface Backup {
  readonly version: number;
  readonly collections: ReadonlyMap<string, readonly Stored[]>;
}

export interface Storage {
  /** The newest version of anything. */
  version(): number;
  /** The next version, for a write. */
  next(): number;
  /** Raises the counter to at least this. */
  raise(version: number): void;
  collection(name: string): Collection;
  drop(name: string): void;
  compact(): void;
  backup(): Backup;
  /** Versions continue from the backup's. */
  restore(backup: Backup): void;
}

/** `historyLimit`: minimum number of events kept per resource. */
export function createStorage(historyLimit: number): Storage {
  const collections = new Map<string, Collection>();
  let version = 1;
  const collection = (name: string): Collection => {
    const found = collections.get(name) ?? new Collection(version, historyLimit);
    collections.set(name, found);
    return found;
  };
  return {
    version: () => version,
    next: () => ++version,
    raise: (to) => void (version = Math.max(version, to)),
    collection,
    drop(name) {
      collections.get(name)?.close();
      collections.delete(name);
    },
    compact() {
      for (const each of collections.values()) each.compact(version);
    },
    backup: () => ({ version, collections: new Map([...collections].map(([name, each]) => [name, each.sorted()])) }),
    restore(backup) {
      version = backup.version;
      for (const [name, each] of collections) each.restore(backup.collections.get(name) ?? [], version);
    },
  };
}
