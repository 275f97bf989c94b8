// One transaction: what was touched since it began, to be written when it ends.
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
  /** What those among them that were there were, where changes are recorded. */
  readonly before: Map<Vertex, Was>;
  /** The ends of relations that came, went or changed. */
  readonly relinked: Set<Vertex>;
  /** Targets of those of them that a derivation descends over. */
  readonly heads: Set<Vertex>;
  /** Edges as they were, by row; undefined for new ones. */
  readonly edges: Map<EdgeRow, EdgeState | undefined>;
  /** New properties, before they are compared with the old. */
  readonly properties: Map<Vertex, Text>;
  /** Moments of change that a copy was told, where they are not this transaction's. */
  readonly stamps: Map<Vertex, string>;
  completeness: boolean;
  /** A relation changed while nobody follows. */
  any: boolean;
}

export interface TransactionsOptions {
  readonly clock: Clock;
  readonly undoLogs: Pick<UndoLogs, 'willChange'>;
  readonly changes: Pick<Changes, 'recording'>;
  readonly standingOf: (vertex: Vertex) => Standing;
  /** When the last transaction was that changed something. */
  readonly latest: () => string;
  /** Called before the hooks, and after them for what they changed. */
  readonly settle?: () => void;
  /** Called with each transaction that has ended. */
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

  /** Runs `change` in one transaction, within the one that runs already if there is one. */
  run(change: () => void): void {
    if (this.#open) return change();
    const { clock, latest, commit, settle = () => {} } = this.#options;
    // Time never runs backwards here, whatever the machine's clock does: revisions and timestamps agree in order.
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

  /** To be called before the vertex changes. */
  readonly touch = (vertex: Vertex): void => this.touchIn(this.current(), vertex);

  /** The same at the end of a transaction. */
  touchIn({ vertices, before }: Transaction, vertex: Vertex): void {
    const { undoLogs, changes, standingOf } = this.#options;
    undoLogs.willChange(vertex);
    if (vertex.version && changes.recording && !before.has(vertex))
      before.set(vertex, wasOf(vertex, standingOf(vertex)));
    vertices.add(vertex);
  }
}

/** Each of them, whatever the others throw. @throws the first that was thrown. */
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
  const { id, type, namespace, name, label, alternateLabel, labels, fields, annotations, health } = vertex;
  return { id, type, namespace, name, label, alternateLabel, labels, fields, annotations, health, standing };
}

function newTransaction(now: string): Transaction {
  return {
    now,
    vertices: new Set(),
    before: new Map(),
    relinked: new Set(),
    heads: new Set(),
    edges: new Map(),
    properties: new Map(),
    stamps: new Map(),
    completeness: false,
    any: false,
  };
}
