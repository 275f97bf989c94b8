// The application of a resource. Types only; mark.ts reads an object's marks, derivation.ts its relations.

/** An object's own mark. */
export interface ApplicationMark {
  readonly name: string;
  /** The label or annotation. */
  readonly field: string;
}

export interface Application {
  readonly name: string;
  /** Path of the deciding field: its own mark, or that of a relation to the application. */
  readonly field: string;
  /** Id of the resource with the application's name. */
  readonly from?: string | undefined;
  /** Several applications use it, so it belongs to none. */
  readonly shared?: true | undefined;
  /** From a mark, its own or an owner's. Internal. */
  readonly marked: boolean;
  /** Greater than the stage of what it depends on: see derivation.ts. Internal. */
  readonly stage: number;
}
