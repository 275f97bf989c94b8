// What queries should answer, said plainly over a whole parsed graph: no index, no order of evaluation, nothing shared
// with the code that is tested but the forms of ids.
import { namespaceOf } from '../../master/views/parts/namespace.ts';
import type { Relation, Resource } from '../../src/model.ts';

export interface Plain {
  readonly resources: readonly Resource[];
  readonly relations: readonly Relation[];
}

export type Test = (resource: Resource) => boolean;

export interface PlainQuery {
  readonly resource?: Test | undefined;
  readonly relation?: ((type: string) => boolean) | undefined;
  readonly neighbours?: boolean | undefined;
  readonly walk?:
    | { readonly roots: readonly string[]; readonly direction: 'up' | 'down' | 'both'; readonly depth: number }
    | undefined;
}

export const placeOf = (resource: Resource): string => namespaceOf(resource.id) ?? '';

export function labelsOf({ properties }: Resource): { readonly [key: string]: string } {
  return (properties as { metadata?: { labels?: Record<string, string> } }).metadata?.labels ?? {};
}

export function plainly(
  graph: Plain,
  { resource = () => true, relation = () => true, neighbours, walk }: PlainQuery,
): Plain {
  const relations = graph.relations.filter(({ type }) => relation(type));
  const reached = walk ? within({ ...graph, relations }, walk) : undefined;
  const core = new Set(
    graph.resources.filter((each) => resource(each) && (reached?.has(each.id) ?? true)).map(({ id }) => id),
  );
  const kept = relations.filter(({ source, target }) =>
    neighbours ? core.has(source) || core.has(target) : core.has(source) && core.has(target),
  );
  const all = new Set([...core, ...(neighbours ? kept.flatMap(({ source, target }) => [source, target]) : [])]);
  return { resources: graph.resources.filter(({ id }) => all.has(id)), relations: kept };
}

/** Adds what is next to what was found until nothing is, or the steps are used up. */
function within(
  { relations }: Plain,
  { roots, direction, depth }: NonNullable<PlainQuery['walk']>,
): Map<string, number> {
  const found = new Map(roots.map((id) => [id, 0]));
  for (let distance = 1; distance <= Math.min(depth, 1000); distance++) {
    const before = new Set(found.keys());
    for (const { source, target } of relations) {
      if (direction !== 'up' && before.has(source) && !found.has(target)) found.set(target, distance);
      if (direction !== 'down' && before.has(target) && !found.has(source)) found.set(source, distance);
    }
    if (found.size === before.size) break;
  }
  return found;
}

/** Which end suffers by which rule is told; how far the harm goes is found by looking again and again. */
export function plainImpact(
  { relations }: Plain,
  of: readonly string[],
  dependence: (rule: string) => string | undefined,
): Map<string, number> {
  const harm = relations.flatMap((relation) => {
    const { source, target } = relation;
    const ends = dependingEnds(relation, dependence);
    return [
      ...(ends.has('source') ? [{ source: target, target: source }] : []),
      ...(ends.has('target') ? [{ source, target }] : []),
    ] as Relation[];
  });
  return within({ resources: [], relations: harm }, { roots: of, direction: 'down', depth: 1000 });
}

/** By its own word, or else by the rules that made it. */
export function dependingEnds(
  { annotations: { rule, reasons = [], depends } }: Relation,
  dependence: (rule: string) => string | undefined,
): Set<string | undefined> {
  if (depends === 'both') return new Set(['source', 'target']);
  if (typeof depends === 'string') return new Set([depends].filter((each) => each !== 'none'));
  return new Set([rule, ...reasons.map((each) => each.rule)].map(dependence).filter((each) => each !== 'none'));
}

/** Every way without a loop, as lists of ids, in the order of length and then of ids. */
export function plainPaths({ relations }: Plain, from: string, to: string, length: number): string[][] {
  const next = (id: string) => [
    ...new Set(relations.flatMap(({ source, target }) => (source === id ? [target] : target === id ? [source] : []))),
  ];
  const extend = (path: string[]): string[][] => {
    const last = path.at(-1) as string;
    if (last === to) return [path];
    if (path.length > length) return [];
    return next(last).flatMap((id) => (path.includes(id) ? [] : extend([...path, id])));
  };
  const key = (path: readonly string[]) => path.join('\n');
  return extend([from]).sort((a, b) => a.length - b.length || (key(a) < key(b) ? -1 : 1));
}
