// What is added to a resource beside its properties: data, kept as the text that is served. What many resources say in the
// same words, such as why their node is stale, is kept once.

/** JSON data. */
export type AnnotationValue =
  | string
  | number
  | boolean
  | null
  | readonly AnnotationValue[]
  | { readonly [name: string]: AnnotationValue | undefined };

/** One value, never changed once made. */
export class Annotation {
  /** JSON. */
  readonly text: string;
  #data: AnnotationValue | undefined;

  constructor(text: string) {
    this.text = text;
  }

  /** Parsed when it is first asked for. Not to be changed. */
  get data(): AnnotationValue {
    this.#data ??= JSON.parse(this.text) as AnnotationValue;
    return this.#data;
  }
}

/** By name, in the order of names. Replaced, never changed: who holds it holds what was said then. */
export type Annotations = ReadonlyMap<string, Annotation>;

/** Longer texts are hardly ever said twice. */
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
