// One transaction: what was touched since its start, to be written at its end.
import type { Clock } from '../../../src/clock.ts';
import { timestampOf } from '../../../src/clock.ts';
import type { BeforeCommit } from '../contract.ts';
import type { Text } from '../model/bytes.ts';
import type { Vertex } from '../model/vertex.ts';
import type { Changes, Was } from '../revisions/changes.ts';
import type { UndoLogs } from '../revisions/undo-log.ts';
import type { EdgeRow } from './edge-table.ts';
import type { EdgeState, Standing } from './json.ts';

export interface Transaction {
  readonly now: string;
  readonly vertices: Set<Vertex>;
  /** The touched resources whose data for derivations is unchanged: only their text differs. */
  readonly steady: Set<Vertex>;
  /** Previous state of the touched vertices that were present; kept while changes are recorded. */
  readonly before: Map<Vertex, Was>;
  /** Ends of relations that were added, removed or changed. */
  readonly relinked: Set<Vertex>;
  /** Targets of those relations that a derivation descends over. */
  readonly heads: Set<Vertex>;
  /** Previous state of edges by row; undefined for new ones. */
  readonly edges: Map<EdgeRow, EdgeState | undefined>;
  /** New properties, not yet compared with the old. */
  readonly properties: Map<Vertex, Text>;
  /** Timestamps told to a copy, where they differ from the transaction's. */
  readonly stamps: Map<Vertex, string>;
  /** Number of times that a resource or a relation was touched, and what it was when values were last derived. */
  touches: number;
  derivedAfter: number;
  completeness: boolean;
  /** Some relation changed; used while there are no followers. */
  any: boolean;
}

export interface TransactionsOptions {
  readonly clock: Clock;
  readonly undoLogs: Pick<UndoLogs, 'willChange'>;
  readonly changes: Pick<Changes, 'recording'>;
  readonly standingOf: (vertex: Vertex) => Standing;
  /** Time of the last transaction that changed something. */
  readonly latest: () => string;
  /** Called before the hooks, and again for what they changed. */
  readonly settle?: () => void;
  /** Called with each ended transaction. */
  readonly commit: (done: Transaction) => void;
}

export class Transactions {
  readonly #options: TransactionsOptions;
  readonly #before = new Set<BeforeCommit>();
  readonly #after = new Set<() => void>();
  #open: Transaction | undefined;

  constructor(options: TransactionsOptions) {
    this.#options = options;
  }

  /** Runs `change` in a transaction, joining a running one. */
  run(change: () => void): void {
    if (this.#open) return change();
    const { clock, latest, commit, settle = () => {} } = this.#options;
    // Timestamps never run backwards, whatever the system clock does: revisions and timestamps sort alike.
    const now = timestampOf(clock());
    const done = newTransaction(now > latest() ? now : latest());
    this.#open = done;
    try {
      runAll([change, settle, ...[...this.#before].map((hook) => () => hook(done)), settle]);
    } finally {
      this.#open = undefined;
      runAll([() => commit(done), ...this.#after]);
    }
  }

  get hooks(): number {
    return this.#before.size;
  }

  beforeCommit(hook: BeforeCommit): () => void {
    this.#before.add(hook);
    return () => this.#before.delete(hook);
  }

  afterCommit(listener: () => void): () => void {
    this.#after.add(listener);
    return () => this.#after.delete(listener);
  }

  /** @throws Error outside of a transaction. */
  readonly current = (): Transaction => {
    if (!this.#open) throw new Error('the graph changes only inside a transaction');
    return this.#open;
  };

  open(): Transaction | undefined {
    return this.#open;
  }

  /** Call before the vertex changes. */
  readonly touch = (vertex: Vertex): void => this.touchIn(this.current(), vertex);

  /** The same while a transaction ends. */
  touchIn(done: Transaction, vertex: Vertex): void {
    const { undoLogs, changes, standingOf } = this.#options;
    const { vertices, steady, before } = done;
    done.touches++;
    undoLogs.willChange(vertex);
    if (vertex.version && changes.recording && !before.has(vertex))
      before.set(vertex, wasOf(vertex, standingOf(vertex)));
    vertices.add(vertex);
    steady.delete(vertex);
  }
}

/** Runs all steps even if some throw. @throws the first error. */
function runAll(steps: readonly (() => void)[]): void {
  const failures: unknown[] = [];
  for (const step of steps) {
    try {
      step();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

function wasOf(vertex: Vertex, standing: Standing): Was {
  const { id, type, namespace, name, label, alternateLabel, labels, fields, annotations } = vertex;
  const { health, application } = vertex;
  const facets = { id, type, namespace, name, label, alternateLabel, labels, fields, annotations, health };
  return { ...facets, application, standing };
}

function newTransaction(now: string): Transaction {
  return {
    now,
    vertices: new Set(),
    steady: new Set(),
    before: new Map(),
    relinked: new Set(),
    heads: new Set(),
    edges: new Map(),
    properties: new Map(),
    stamps: new Map(),
    touches: 0,
    derivedAfter: -1,
    completeness: false,
    any: false,
  };
}
