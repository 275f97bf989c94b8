// What to say of an empty answer about a namespace that does not exist.
import type { UnknownNamespace } from '../master/routes/unknown-namespaces.ts';

/** Follows the name of the namespace. An empty list is no failure, but nothing can be in a namespace that does not exist. */
export function namespaceHint(unknown: readonly UnknownNamespace[] = []): string {
  const [first] = unknown;
  if (first === undefined) return '';
  return first.nearest === undefined
    ? ', which does not exist'
    : `, which does not exist; did you mean ${first.nearest}?`;
}
