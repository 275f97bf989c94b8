// The contract of a source: what brings facts into the graph. One more is one file here or in a folder beside this one, and
// one line in start.ts. Types only; sources.ts runs them.
import type { SourceState } from '../../src/model.ts';
import type { Item } from '../graph/contract.ts';
import type { AnnotationValue } from '../graph/model/annotation.ts';

export interface Source {
  /** Its key in `completeness`: `kinds` and `minions` are taken. */
  readonly family: string;
  /** Which of its family. One object may speak for several, as the reflectors do for all kinds: it names itself as it likes. */
  readonly name: string;
  /** Begins to read and returns at once. Called once. What goes wrong later is told by `state`, never thrown. */
  start(write: SourceWriter): void;
  health(): SourceHealth;
  /** Resolves when nothing of it is under way any more. May be called before `start`. */
  close(): Promise<void>;
}

export interface SourceHealth {
  /** What must come before the graph is whole, for a person; undefined once it has come, and where nobody need wait. */
  readonly waitingFor: string | undefined;
}

/**
 * Writes to the graph for one source, and keeps what that has put: while it is stale each of its resources is annotated so.
 * Two sources do not put the same resource.
 */
export interface SourceWriter {
  /** All that `change` does is one revision; to be around every other call but `state` and `drop`. */
  transact(change: () => void): void;
  put(item: Item): void;
  remove(id: string): void;
  annotate(id: string, name: string, value: AnnotationValue | undefined): void;
  /** How the source stands from now on. `synced` after all of its resources were put for the first time. */
  state(state: SourceState['state'], reason?: string): void;
  /** Removes all that it has put, and forgets the source itself. */
  drop(): void;
}
