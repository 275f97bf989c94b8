// What application a resource belongs to. Types only; mark.ts reads what an object says, derivation.ts what its relations say.

/** What an object says itself. */
export interface ApplicationMark {
  readonly name: string;
  /** The label or annotation that says so. */
  readonly field: string;
}

export interface Application {
  readonly name: string;
  /** The path of the field that says so: of its own mark, or of the relation by which it belongs to the application of another. */
  readonly field: string;
  /** The id of the resource that it takes it from. */
  readonly from?: string | undefined;
  /** Several applications use it: it belongs to none of them. */
  readonly shared?: true | undefined;
  /** It comes from a mark, its own or an owner's. Not shown. */
  readonly marked: boolean;
  /** What it rests on has a smaller one: see derivation.ts. Not shown. */
  readonly stage: number;
}
