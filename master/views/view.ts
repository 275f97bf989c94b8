// The contract of a form of the graph: how one graph is written for one kind of reader. Types only.
import type { Relation, Resource } from '../../src/model.ts';

/** What is written: sorted as the graph contract has it, nothing dangling. */
export interface ViewGraph {
  readonly revision: number;
  readonly timestamp: string;
  readonly clusterName?: string;
  readonly resources: readonly Resource[];
  readonly relations: readonly Relation[];
  /** What a drawing says of itself, such as what it leaves out. */
  readonly note?: string | undefined;
}

export interface ViewOptions {
  /** What stands before `/cluster/resources/…` in links, such as `https://host/prefix`. Without it links are absolute paths. */
  readonly baseUrl?: string;
}

/** The largest graph a form is made for. */
export interface ViewLimit {
  readonly resources: number;
  readonly relations: number;
}

export type Pieces = Iterable<string | undefined>;

export interface View {
  /** As `format=` has it. */
  readonly name: string;
  /** Where `Accept` likes several forms alike, as `text/*` does, the lowest is answered. */
  readonly preference: number;
  /** The first is what is answered; all are understood in `Accept`. */
  readonly mediaTypes: readonly string[];
  /** Of a file that holds it, without a dot. */
  readonly extension: string;
  readonly limit?: ViewLimit;
  /**
   * The text in pieces; together they are one document. Same graph, same bytes. Each piece is a place to be interrupted at, an
   * undefined one is nothing else; one comes at least with every few hundred resources. A form that needs a layout waits for it first, and may refuse.
   */
  write(graph: ViewGraph, options?: ViewOptions): Pieces | Promise<Pieces>;
}
