// What a search query may mean. Pure.
import { parseId } from '../../../src/ids.ts';
import type { Vertex } from '../model/vertex.ts';
import { lower } from './search-terms.ts';

/** A parsed query. */
export interface Reading {
  readonly text: string;
  readonly accepts: (vertex: Vertex) => boolean;
  /** Matches only values of this label. */
  readonly key?: string;
}

export interface ReadingOptions {
  /** An additional condition. */
  readonly accepts?: ((vertex: Vertex) => boolean) | undefined;
  /** Types known to users by this name. */
  readonly typesNamed?: ((name: string) => readonly string[]) | undefined;
}

/**
 * Possible readings of a query: words, of which the longest is searched and the others must occur in the id or a label; the
 * text as it is; `key=value`; `type:name`; `namespace/name`.
 */
export function* readings(
  question: string,
  { accepts = () => true, typesNamed = () => [] }: ReadingOptions,
): Generator<Reading> {
  const words = lower(question)
    .split(/\s+/)
    .filter((word) => word !== '');
  const text = words.reduce((longest, word) => (word.length > longest.length ? word : longest), '');
  const others = words.filter((word) => word !== text);
  const all =
    others.length === 0
      ? accepts
      : (vertex: Vertex) => accepts(vertex) && others.every((word) => hasWord(vertex, word));
  if (text === '') return;
  yield { text, accepts: all };
  const equals = text.indexOf('=');
  if (equals > 0 && equals < text.length - 1)
    yield { text: text.slice(equals + 1), key: text.slice(0, equals), accepts: all };
  const colon = text.indexOf(':');
  const types = colon > 0 ? typesNamed(text.slice(0, colon)) : [];
  const ofType = types.length === 0 ? all : (vertex: Vertex) => types.includes(vertex.type) && all(vertex);
  const path = types.length === 0 ? text : text.slice(colon + 1);
  if (types.length > 0 && path !== '') yield { text: path, accepts: ofType };
  const [namespace = '', name = '', ...more] = path.split('/');
  if (namespace !== '' && name !== '' && more.length === 0)
    yield { text: name, accepts: (vertex) => lower(vertex.namespace).includes(namespace) && ofType(vertex) };
}

export function idsOf(question: string, typesNamed: (name: string) => readonly string[]): string[] {
  const { type, path } = parseId(question.trim());
  const types = typesNamed(type);
  return (types.length > 0 ? types : [type]).map((each) => `${each}:${path}`);
}

function hasWord(vertex: Vertex, word: string): boolean {
  const { id, label, alternateLabel, labels } = vertex;
  if (id.includes(word) || lower(id).includes(word)) return true;
  if (lower(label).includes(word) || lower(alternateLabel).includes(word)) return true;
  for (const key in labels) if (lower(labels[key] ?? '').includes(word)) return true;
  return false;
}

/** Both in lower case. */
export function hasLabel({ labels }: Pick<Vertex, 'labels'>, key: string, text: string): boolean {
  return Object.entries(labels ?? {}).some(([name, value]) => lower(name) === key && lower(value) === text);
}
