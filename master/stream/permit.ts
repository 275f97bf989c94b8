// Permission to publish, given and taken back while a master runs.

export interface Permit {
  /** Resolves when it is given; undefined if `signal` aborts first. */
  given(signal: AbortSignal): Promise<Tenure | undefined>;
}

/** One span in which a master may publish. */
export interface Tenure {
  /** Aborts when it ends. */
  readonly ended: AbortSignal;
  /** Also false where the clock says that it has ended and no timer has run yet. */
  holds(): boolean;
}
