// Data added to a resource besides its properties, stored as served text. Equal values of many resources, such as why their
// node is stale, are stored once.

/** JSON data. */
export type AnnotationValue =
  | string
  | number
  | boolean
  | null
  | readonly AnnotationValue[]
  | { readonly [name: string]: AnnotationValue | undefined };

/** One immutable value. */
export class Annotation {
  /** JSON. */
  readonly text: string;
  #data: AnnotationValue | undefined;

  constructor(text: string) {
    this.text = text;
  }

  /** Parsed on first use. Read-only. */
  get data(): AnnotationValue {
    this.#data ??= JSON.parse(this.text) as AnnotationValue;
    return this.#data;
  }
}

/** Sorted by name. Immutable: changes create a new map. */
export type Annotations = ReadonlyMap<string, Annotation>;

/** Longer texts rarely repeat. */
const longest = 256;
const most = 4096;
const shared = new Map<string, Annotation>();

export function annotationOf(value: AnnotationValue): Annotation {
  const text = JSON.stringify(value);
  if (text.length > longest) return new Annotation(text);
  const known = shared.get(text);
  if (known) return known;
  if (shared.size >= most) shared.clear();
  const made = new Annotation(text);
  shared.set(text, made);
  return made;
}
