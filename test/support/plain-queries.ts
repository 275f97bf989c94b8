// Expected answers of queries, computed naively over a whole parsed graph: without indexes, order of evaluation, or code shared
// with the implementation, except for the forms of ids.
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

/** Adds neighbours until nothing is new or the steps are used up. */
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

export interface PlainImpact {
  readonly gone: ReadonlyMap<string, number>;
  /** With its distance, and how many of its dependencies are lost. */
  readonly degraded: ReadonlyMap<string, readonly [distance: number, lost: number, of: number]>;
}

type Dependence = (rule: string) => string | undefined;

/**
 * Finds what is lost by checking all relations for each distance. A Service is lost with its last Pod; what loses only some, or
 * contains lost Pods, is degraded. Containers and processes are left out.
 */
export function plainImpact(graph: Plain, of: readonly string[], dependence: Dependence): PlainImpact {
  const isPart = (id: string) => /^(?:Container|Process):/.test(id);
  const withParts = of.some((id) => isPart(id) || id.startsWith('Image:'));
  const harms = graph.relations.flatMap((relation) => {
    const { source, target, type } = relation;
    const ends = dependingEnds(relation, dependence);
    return [
      ...(ends.has('source') ? [{ from: target, to: source, shared: type === 'loadBalances' }] : []),
      ...(ends.has('target') ? [{ from: source, to: target, shared: false }] : []),
    ].filter(({ to }) => withParts || !isPart(to));
  });
  const gone = new Map(of.map((id) => [id, 0]));
  const degraded = new Map<string, readonly [number, number, number]>();
  for (let distance = 1; distance < 1000; distance++) {
    const before = new Set(gone.keys());
    const next = harms.filter(({ from, to }) => before.has(from) && !before.has(to));
    for (const { to, shared } of next) if (!shared) gone.set(to, distance);
    for (const { to } of next.filter((each) => each.shared)) {
      if (gone.has(to)) continue;
      const members = plainMembers(graph, to, dependence);
      if (!members.some((id) => before.has(id))) continue;
      if (members.every((id) => before.has(id))) gone.set(to, distance);
      else if (!degraded.has(to)) degraded.set(to, [distance, 0, members.length]);
    }
    if (gone.size === before.size) break;
  }
  for (const [id, [distance, , count]] of degraded) {
    if (gone.has(id)) degraded.delete(id);
    else
      degraded.set(id, [
        distance,
        plainMembers(graph, id, dependence).filter((member) => gone.has(member)).length,
        count,
      ]);
  }
  plainWorkloads(graph, gone, degraded, dependence);
  return { gone, degraded };
}

function plainMembers({ resources, relations }: Plain, service: string, dependence: Dependence): string[] {
  const byId = new Map(resources.map((each) => [each.id, each]));
  const targets = relations.filter(
    (each) => each.source === service && each.type === 'loadBalances' && dependingEnds(each, dependence).has('source'),
  );
  const pods = targets.filter(({ target }) => target.startsWith('Pod:') && isAlive(byId.get(target)));
  const ready = pods.filter(({ target, annotations }) => {
    const phase = phaseOf(byId.get(target)) ?? '';
    return annotations.ready ?? ['', 'Running'].includes(phase);
  });
  const others = targets.filter(({ target }) => !target.startsWith('Pod:'));
  return ([ready, pods, others].find((list) => list.length > 0) ?? []).map(({ target }) => target);
}

function plainWorkloads(
  { resources, relations }: Plain,
  gone: ReadonlyMap<string, number>,
  degraded: Map<string, readonly [number, number, number]>,
  dependence: Dependence,
): void {
  const byId = new Map(resources.map((each) => [each.id, each]));
  const holds = relations.filter(
    (each) => ['owns', 'monitors'].includes(each.type) && dependingEnds(each, dependence).has('target'),
  );
  const podsOf = (owner: string) => {
    const below = new Set([owner]);
    for (const id of below) for (const { source, target } of holds) if (source === id) below.add(target);
    return [...below].filter((id) => id !== owner && id.startsWith('Pod:') && isAlive(byId.get(id)));
  };
  for (let distance = 0; distance < 100; distance++) {
    const at = (id: string) => gone.get(id) ?? degraded.get(id)?.[0];
    for (const { source, target } of holds) {
      if (at(target) !== distance || gone.has(source) || degraded.has(source)) continue;
      if (source.startsWith('Node:') || !isThere(byId.get(source))) continue;
      if (!target.startsWith('Pod:') && !podsOf(target).some((id) => gone.has(id))) continue;
      const pods = podsOf(source);
      const lost = pods.filter((id) => gone.has(id)).length;
      if (lost > 0) degraded.set(source, [distance + 1, lost, pods.length]);
    }
  }
}

const phaseOf = (resource: Resource | undefined): string | undefined =>
  (resource?.properties as { status?: { phase?: string } } | null | undefined)?.status?.phase;

function isThere(resource: Resource | undefined): boolean {
  return resource !== undefined && !resource.annotations.missing && !resource.annotations.unverified;
}

function isAlive(resource: Resource | undefined): boolean {
  return isThere(resource) && !['Succeeded', 'Failed'].includes(phaseOf(resource) ?? '');
}

/** By the relation's own annotation, otherwise by its rules. */
export function dependingEnds(
  { annotations: { rule, reasons = [], depends } }: Relation,
  dependence: (rule: string) => string | undefined,
): Set<string | undefined> {
  if (depends === 'both') return new Set(['source', 'target']);
  if (typeof depends === 'string') return new Set([depends].filter((each) => each !== 'none'));
  return new Set([rule, ...reasons.map((each) => each.rule)].map(dependence).filter((each) => each !== 'none'));
}

/** All paths without a loop, as lists of ids, ordered by length and ids. */
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
