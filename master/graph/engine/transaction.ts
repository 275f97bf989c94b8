// One transaction: what was touched since it began, to be settled when it ends.
import type { Clock } from '../../../src/clock.ts';
import { timestampOf } from '../../../src/clock.ts';
import type { Text } from '../model/bytes.ts';
import type { Edge, Vertex } from '../model/vertex.ts';
import type { UndoLogs } from '../revisions/undo-log.ts';
import type { EdgeState } from './json.ts';

export interface Transaction {
  readonly now: string;
  readonly vertices: Set<Vertex>;
  /** Edges as they were, undefined for new ones. */
  readonly edges: Map<Edge, EdgeState | undefined>;
  /** New properties, before they are compared with the old. */
  readonly properties: Map<Vertex, Text>;
  completeness: boolean;
  /** A relation changed while nobody follows. */
  any: boolean;
}

export interface Transactions {
  /** Runs `change` in one transaction, within the one that runs already if there is one. */
  run(change: () => void): void;
  /** @throws Error outside of a transaction. */
  current(): Transaction;
  open(): Transaction | undefined;
  /** To be called before the vertex changes. */
  touch(vertex: Vertex): void;
}

/** `settle` is called with each transaction that has ended, `latest` says when the last one that changed something was. */
export function createTransactions(
  clock: Clock,
  { willChange }: Pick<UndoLogs, 'willChange'>,
  latest: () => string,
  commit: (done: Transaction) => void,
): Transactions {
  let transaction: Transaction | undefined;

  function current(): Transaction {
    if (!transaction) throw new Error('the graph changes only inside a transaction');
    return transaction;
  }

  return {
    current,
    open: () => transaction,
    touch(vertex) {
      willChange(vertex);
      current().vertices.add(vertex);
    },
    run(change) {
      if (transaction) return change();
      // Time never runs backwards here, whatever the machine's clock does: revisions and timestamps agree in order.
      const now = timestampOf(clock());
      transaction = newTransaction(now > latest() ? now : latest());
      try {
        change();
      } finally {
        const done = transaction;
        transaction = undefined;
        commit(done);
      }
    },
  };
}

function newTransaction(now: string): Transaction {
  return { now, vertices: new Set(), edges: new Map(), properties: new Map(), completeness: false, any: false };
}
