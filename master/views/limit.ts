// Refuses a graph that is over a form's limit, and says what of it would fit.
import { type Fault, fault } from '../../src/errors.ts';
import { namespaceOf } from './parts/namespace.ts';
import type { View, ViewGraph, ViewLimit } from './view.ts';

type Size = { resources: number; relations: number };

/** `form_too_large` with the limit and a narrowing under it, or undefined where the graph fits. */
export function overLimit({ name, limit }: View, graph: ViewGraph): Fault | undefined {
  if (!limit || fits(sizeOf(graph), limit)) return undefined;
  const { resources, relations } = sizeOf(graph);
  const reason = `the form holds at most ${sizeText(limit)}, and these are ${sizeText({ resources, relations })}`;
  return fault('form_too_large', { form: name, reason, hint: hintFor(graph, limit) });
}

function fits(size: Size, limit: ViewLimit): boolean {
  return size.resources <= limit.resources && size.relations <= limit.relations;
}

function sizeOf({ resources, relations }: ViewGraph): Size {
  return { resources: resources.length, relations: relations.length };
}

function sizeText({ resources, relations }: ViewLimit): string {
  return `${resources} resources and ${relations} relations`;
}

function hintFor(graph: ViewGraph, limit: ViewLimit): string {
  const namespace = largestThatFits(graph, limit, namespaceOf);
  if (namespace) return `namespace=${namespace} would fit`;
  const type = largestThatFits(graph, limit, (id) => id.slice(0, id.indexOf(':')));
  if (type) return `type=${type} would fit`;
  return 'root= with depth=1 asks for what is around one resource';
}

/** The group with the most resources among those that fit; relations count for a group when both their ends are in it. */
function largestThatFits(
  { resources, relations }: ViewGraph,
  limit: ViewLimit,
  groupOf: (id: string) => string | undefined,
): string | undefined {
  const sizes = new Map<string, Size>();
  const count = (group: string | undefined, what: keyof Size) => {
    if (group === undefined) return;
    let size = sizes.get(group);
    if (!size) sizes.set(group, (size = { resources: 0, relations: 0 }));
    size[what]++;
  };
  // A graph that is refused may be a whole large cluster: each id is looked at once.
  const groups = new Map(resources.map(({ id }) => [id, groupOf(id)]));
  for (const group of groups.values()) count(group, 'resources');
  for (const { source, target } of relations) {
    const group = groups.get(source);
    if (group === groups.get(target)) count(group, 'relations');
  }
  const fitting = [...sizes].filter(([, size]) => fits(size, limit));
  return fitting.sort(([a, x], [b, y]) => y.resources - x.resources || (a < b ? -1 : 1))[0]?.[0];
}
