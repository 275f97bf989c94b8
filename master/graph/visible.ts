// Who may see what: one test of a resource, which every reader of the graph is given along with what it asks for.

export interface Place {
  readonly id: string;
  readonly type: string;
  /** The empty string for what is in none. */
  readonly namespace: string;
}

/** Wherever it is optional, undefined means that everything may be seen. */
export interface Visible {
  (resource: Place): boolean;
  /** The same text means that the same may be seen. */
  readonly key: string;
}
