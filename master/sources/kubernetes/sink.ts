// The contract between reading a kind and storing it. Types only.
import type { KubernetesObject, SourceState } from '../../../src/model.ts';
import type { Page } from './page.ts';

/** One list of one kind, collected separately and swapped in when complete. */
export interface ListSession {
  /** May yield to others meanwhile. */
  page(items: KubernetesObject[]): void | Promise<void>;
  /**
   * Replaces `page` for sinks that read pages elsewhere; takes over the page's memory and gives it back. An object is on
   * one page only, so the order of pages does not matter. Rejects whenever reading the page here would throw.
   */
  read?(page: Page): Promise<void>;
  /**
   * Removes everything that the list lacks. Large differences yield to others meanwhile, so wait before any further call.
   */
  commit(resourceVersion: string): void | Promise<void>;
  /** Drops the pages and keeps the old content. */
  abort(): void;
}

export interface ListOptions {
  /** Replaces stored objects of equal version too: they may be of another history. */
  readonly distrust?: boolean;
}

/** The fields of an object that a verification compares. */
export interface Held {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
}

/** Objects are freshly parsed, with `apiVersion` and `kind`; the sink may change and keep them. */
export interface Sink {
  list(options?: ListOptions): ListSession;
  /** Current content, for a verification; undefined if objects are not stored individually. */
  held?(): Iterable<Held>;
  /** May repeat a list or an earlier event: a watch restarts at its last known version. */
  event(type: EventType, object: KubernetesObject): void;
  /** The same for events that arrived together: in bulk each costs less. Returns those that could not be kept. */
  events?(events: readonly KindEvent[]): readonly Unkept[];
  state(state: SourceState['state'], reason?: string): void;
}

export interface KindEvent {
  readonly type: EventType;
  readonly object: KubernetesObject;
}

export interface Unkept {
  readonly object: KubernetesObject;
  readonly error: unknown;
}

export type EventType = 'ADDED' | 'MODIFIED' | 'DELETED';
