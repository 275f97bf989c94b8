// The contract of a form of the graph for one kind of reader. Types only.
import type { Relation, Resource } from '../../src/model.ts';

/** The content: sorted as in the graph, without dangling relations. */
export interface ViewGraph {
  readonly revision: number;
  readonly timestamp: string;
  readonly clusterName?: string;
  readonly resources: readonly Resource[];
  readonly relations: readonly Relation[];
  /** A remark in a drawing, for example on omissions. */
  readonly note?: string | undefined;
}

export interface ViewOptions {
  /** Prefix of `/cluster/resources/…` in links, such as `https://host/prefix`. Without it links are absolute paths. */
  readonly baseUrl?: string;
}

/** Maximum graph for the form. */
export interface ViewLimit {
  readonly resources: number;
  readonly relations: number;
}

export type Pieces = Iterable<string | undefined>;

export interface View {
  /** As in `format=`. */
  readonly name: string;
  /** If `Accept` allows several forms equally, as with `text/*`, the lowest is used. */
  readonly preference: number;
  /** The first one is sent; all are accepted in `Accept`. */
  readonly mediaTypes: readonly string[];
  /** File extension without dot. */
  readonly extension: string;
  readonly limit?: ViewLimit;
  /**
   * The document in pieces. The same graph gives the same bytes. Each piece is a pause, and an undefined one is only that;
   * there is at least one per few hundred resources. A form with a layout awaits it first, and may refuse.
   */
  write(graph: ViewGraph, options?: ViewOptions): Pieces | Promise<Pieces>;
}
