// Groupings of the wall, in the order of the key.
const usual: readonly string[] = ['namespace', 'node', 'zone', 'type', 'application'];

/** By cluster only where there are several. */
export function groupingsOf(clusters: number): readonly string[] {
  return clusters > 1 ? ['cluster', ...usual] : usual;
}
