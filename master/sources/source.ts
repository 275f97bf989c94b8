// The contract of a source, which brings facts into the graph. To add one: a file or folder here, and one line in start.ts.
// Types only; sources.ts runs them.
import type { SourceState } from '../../src/model.ts';
import type { Item } from '../graph/contract.ts';
import type { AnnotationValue } from '../graph/model/annotation.ts';

export interface Source {
  /** Its key in `completeness`; `kinds` and `minions` are taken. */
  readonly family: string;
  /**
   * Its name within the family. One object may speak for several, as the reflectors do for all kinds; it then chooses any
   * name.
   */
  readonly name: string;
  /** Starts reading and returns at once. Called once. Later errors are reported through `state`, never thrown. */
  start(write: SourceWriter): void;
  health(): SourceHealth;
  /** Resolves when nothing is running any more. May be called before `start`. */
  close(): Promise<void>;
}

export interface SourceHealth {
  /** What the graph still waits for, in words; undefined when it has arrived or is not required. */
  readonly waitingFor: string | undefined;
}

/**
 * Writes for one source and remembers its resources, which are annotated while it is stale. Two sources must not put the
 * same resource.
 */
export interface SourceWriter {
  /** Makes all effects of `change` one revision. Required around all other calls except `state` and `drop`. */
  transact(change: () => void): void;
  put(item: Item): void;
  remove(id: string): void;
  annotate(id: string, name: string, value: AnnotationValue | undefined): void;
  /** Sets the state of the source: `synced` once all of its resources were first put. */
  state(state: SourceState['state'], reason?: string): void;
  /** Removes all its resources and forgets the source. */
  drop(): void;
}
