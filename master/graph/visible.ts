// Who may see what: one test of a resource, which every reader of the graph is given along with what it asks for.

export interface Place {
  readonly id: string;
  readonly type: string;
  /** The empty string for what is in none. */
  readonly namespace: string;
}

/** Undefined, wherever it is optional, means that everything may be seen. */
export type Visible = (resource: Place) => boolean;
