// Namespaces that a question names and that are not there: an answer about them is empty, and says why.
import { nearest } from '../../src/nearest.ts';
import { textOrder } from '../../src/text-order.ts';
import type { GraphReader } from '../graph/contract.ts';
import { parseWildcards } from '../graph/questions/wildcard.ts';

export interface UnknownNamespace {
  /** As it was asked for; it may be a pattern. */
  readonly name: string;
  /** The one that is spelled most like it. */
  readonly nearest?: string;
}

/** Namespaces that a name is compared with. */
const mostCompared = 5000;

/** The namespaces of a graph. */
export interface NamespaceNames {
  readonly isKnown: boolean;
  has(name: string): boolean;
  all(): Iterable<string>;
}

/** None if the existing namespaces are unknown. */
export function unknownNamespaces(list: string | undefined, graph: GraphReader): readonly UnknownNamespace[] {
  return unknownAmong(list, {
    isKnown: graph.isKnown('Namespace', ''),
    // In a graph of several clusters ids begin with the cluster.
    has: (name) => graph.get(`Namespace:${name}`)?.version !== undefined || isAmong(name, namesIn(graph)),
    all: () => namesIn(graph),
  });
}

export function unknownAmong(list: string | undefined, names: NamespaceNames): readonly UnknownNamespace[] {
  if (list === undefined || !names.isKnown) return [];
  const asked = list.split(',').map((each) => each.trim());
  const unknown = asked.filter((name) => !name.startsWith('!') && !isThere(name, names));
  if (unknown.length === 0) return [];
  // In their order: of names that are as like, it is always the same one.
  const all = [...names.all()].sort(textOrder).slice(0, mostCompared);
  return unknown.map((name) => {
    const like = name.includes('*') ? undefined : nearest(name, all);
    return { name, ...(like === undefined ? {} : { nearest: like }) };
  });
}

function isAmong(name: string, names: Iterable<string>): boolean {
  return Iterator.from(names).some((each) => each === name);
}

function isThere(name: string, names: NamespaceNames): boolean {
  if (!name.includes('*')) return names.has(name);
  return Iterator.from(names.all()).some(parseWildcards(name, 'namespace'));
}

function* namesIn(graph: GraphReader): Generator<string> {
  for (const { name } of graph.members('Namespace', '')) yield name;
}

/** A member of an answer that is made in memory. */
export function unknownMember(unknown: readonly UnknownNamespace[]) {
  return unknown.length > 0 ? { unknownNamespaces: unknown } : {};
}

/** A member of the document, where there is something to say. */
export function* unknownNamespacesText(list: string | undefined, graph: GraphReader): Generator<string> {
  yield* textOfUnknown(unknownNamespaces(list, graph));
}

export function* textOfUnknown(unknown: readonly UnknownNamespace[]): Generator<string> {
  if (unknown.length > 0) yield `,\n"unknownNamespaces":${JSON.stringify(unknown)}`;
}
