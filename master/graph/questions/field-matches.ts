// Which pointers of `fields=` match nothing in all resources of an answer, each with the field that it probably means.
import { nearest } from '../../../src/nearest.ts';

type Pointer = readonly string[];

export interface UnmatchedField {
  /** As it was asked for, from the resource on. */
  readonly pointer: string;
  /** One that exists in at least one resource of the answer and is spelled like it. */
  readonly nearest?: string;
}

/** Names beside a missing one that are compared with it. */
const mostNames = 500;

/** Where a pointer ended, the furthest so far, and what is there instead. */
class Miss {
  readonly names = new Set<string>();
  depth = -1;
  isList = false;

  note(depth: number, value: object): void {
    if (depth < this.depth) return;
    if (depth > this.depth) {
      this.names.clear();
      this.isList = false;
    }
    this.depth = depth;
    if (Array.isArray(value)) {
      this.isList ||= value.length > 0;
      return;
    }
    for (const name in value) {
      if (this.names.size >= mostNames) return;
      this.names.add(name);
    }
  }
}

/** Is told the properties of each resource while an answer is written, and knows at its end. */
export class FieldMatches {
  readonly #unmatched: Map<Pointer, Miss>;
  #seen = false;

  /** @param pointers below `/properties`. */
  constructor(pointers: readonly Pointer[]) {
    this.#unmatched = new Map(pointers.map((pointer) => [pointer, new Miss()]));
  }

  look(properties: unknown): void {
    this.#seen = true;
    for (const [pointer, miss] of this.#unmatched)
      if (isThere(properties, pointer, 0, miss)) this.#unmatched.delete(pointer);
  }

  /** None where there was no resource to look at. */
  unmatched(): readonly UnmatchedField[] {
    if (!this.#seen) return [];
    return [...this.#unmatched].map(([pointer, miss]) => {
      const meant = meantBy(pointer, miss);
      return { pointer: textOf(pointer), ...(meant && { nearest: textOf(meant) }) };
    });
  }
}

/** A member of the document, where there is something to say. */
export function unmatchedText(unmatched: readonly UnmatchedField[]): string {
  return unmatched.length > 0 ? `,\n"unmatchedFields":${JSON.stringify(unmatched)}` : '';
}

function isThere(value: unknown, pointer: Pointer, depth: number, miss: Miss): boolean {
  const name = pointer[depth];
  if (name === undefined) return true;
  if (typeof value !== 'object' || value === null) return false;
  if (name === '*') return Object.values(value).some((each) => isThere(each, pointer, depth + 1, miss));
  if (Object.hasOwn(value, name))
    return isThere((value as { [name: string]: unknown })[name], pointer, depth + 1, miss);
  miss.note(depth, value);
  return false;
}

/** The name that is spelled most like the missing one, or `*` where the elements of a list were left out. */
function meantBy(pointer: Pointer, { depth, names, isList }: Miss): Pointer | undefined {
  const name = pointer[depth];
  if (name === undefined) return undefined;
  const like = nearest(name, names);
  if (like !== undefined) return pointer.with(depth, like);
  return isList && !/^\d+$/.test(name) ? pointer.toSpliced(depth, 0, '*') : undefined;
}

function textOf(pointer: Pointer): string {
  return ['', 'properties', ...pointer.map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1'))].join('/');
}
