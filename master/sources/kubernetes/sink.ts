// What a reflector hands over, and to whom: the contract between reading one kind and keeping it. Types only.
import type { KubernetesObject, SourceState } from '../../../src/model.ts';
import type { Page } from './page.ts';

/** One list of one kind, collected apart and swapped in when it is whole. */
export interface ListSession {
  /** May let others have their turn meanwhile. */
  page(items: KubernetesObject[]): void | Promise<void>;
  /**
   * In place of `page`, where a sink has pages read elsewhere: takes the page with its memory and gives that back. An object
   * stands on one page only: which of two is kept first does not matter. Rejects as reading the page here would throw.
   */
  read?(page: Page): Promise<void>;
  /** What the list does not hold is gone afterwards. Where much differs others have their turn meanwhile: nothing may be told before. */
  commit(resourceVersion: string): void | Promise<void>;
  /** Forget the pages; what was there before stays. */
  abort(): void;
}

export interface ListOptions {
  /** An object that is held in the same version is replaced all the same: what is held may be of another history. */
  readonly distrust?: boolean;
}

/** An object as far as a verification looks at it. */
export interface Held {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
}

/** Objects handed over are fresh parses with `apiVersion` and `kind` set; the sink may change and keep them. */
export interface Sink {
  list(options?: ListOptions): ListSession;
  /** What is held of it now, for a verification; absent where it is not kept object by object. */
  held?(): Iterable<Held>;
  /** May repeat what a list or an earlier event said: a watch begins again where the last one was known to stand. */
  event(type: EventType, object: KubernetesObject): void;
  state(state: SourceState['state'], reason?: string): void;
  /** Runs `run`, which hands over several events: they may be kept as one. */
  together?(run: () => void): void;
}

export type EventType = 'ADDED' | 'MODIFIED' | 'DELETED';
