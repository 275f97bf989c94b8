// Namespaces that a question names and that are not there: an answer about them is empty, and says why.
import { nearest } from '../../src/nearest.ts';
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

/** None where nobody knows which namespaces there are. */
export function unknownNamespaces(list: string | undefined, graph: GraphReader): readonly UnknownNamespace[] {
  if (list === undefined || !graph.isKnown('Namespace', '')) return [];
  const asked = list.split(',').map((each) => each.trim());
  const unknown = asked.filter((name) => !name.startsWith('!') && !isThere(name, graph));
  return unknown.map((name) => {
    const like = name.includes('*') ? undefined : nearest(name, namesIn(graph).take(mostCompared));
    return { name, ...(like === undefined ? {} : { nearest: like }) };
  });
}

function isThere(name: string, graph: GraphReader): boolean {
  if (!name.includes('*')) return graph.get(`Namespace:${name}`)?.version !== undefined;
  return namesIn(graph).some(parseWildcards(name, 'namespace'));
}

function* namesIn(graph: GraphReader): Generator<string> {
  for (const { name } of graph.members('Namespace', '')) yield name;
}

/** A member of the document, where there is something to say. */
export function* unknownNamespacesText(list: string | undefined, graph: GraphReader): Generator<string> {
  const unknown = unknownNamespaces(list, graph);
  if (unknown.length > 0) yield `,\n"unknownNamespaces":${JSON.stringify(unknown)}`;
}
