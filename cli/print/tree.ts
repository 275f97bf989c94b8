// A graph as a tree along its relations. Each relation is written once, with its field; each resource is expanded where it
// is nearest to a root and only named elsewhere.
import { parseId } from '../../src/ids.ts';
import type { Relation, Resource } from '../../src/model.ts';
import type { GraphAnswer } from '../forms.ts';
import type { Output } from './output.ts';
import { stateOf } from './state.ts';
import { type Cell, printTable } from './table.ts';

/** `below`: whether a relation leads down the tree from one end to the other. */
export interface TreeOptions {
  readonly roots: readonly string[];
  readonly below: (relation: Relation, from: string) => boolean;
  /** Maximum distance from a root. */
  readonly depth?: number;
  /** Distances if the answer has them; otherwise they are counted. */
  readonly distances?: { readonly [id: string]: number };
  /** Additional state of a resource. */
  readonly stateOf?: (id: string) => Cell | undefined;
}

interface Branch {
  readonly relation: Relation;
  readonly to: string;
}

/** The lines of the tree, roots first; unreachable resources are omitted. */
export async function printTree(output: Output, graph: GraphAnswer, options: TreeOptions): Promise<void> {
  const byId = new Map(graph.resources.map((resource) => [resource.id, resource]));
  const branches = branchesOf(graph.relations, options.below);
  const distances = options.distances
    ? new Map(Object.entries(options.distances))
    : distancesFrom(options.roots, branches, options.depth ?? Number.POSITIVE_INFINITY);
  const written = new Set<Relation>();
  const grown = new Set<string>();
  const rows: Cell[][] = [];
  /** Depth-first with an explicit stack: a chain may be longer than the call stack. */
  const open: Line[] = options.roots.toReversed().map((id) => ({ id, lead: '', own: '', relation: undefined }));
  for (let line = open.pop(); line !== undefined; line = open.pop()) {
    const { id, lead, own, relation } = line;
    const again = grown.has(id) || (relation !== undefined && distances.get(id) !== line.distance);
    rows.push(rowOf(line, options.stateOf?.(id) ?? stateCell(byId.get(id)), again));
    if (again) continue;
    grown.add(id);
    const distance = (distances.get(id) ?? 0) + 1;
    const own_ = distance <= (options.depth ?? Number.POSITIVE_INFINITY) ? (branches.get(id) ?? []) : [];
    const next = own_.filter((branch) => !written.has(branch.relation));
    for (const branch of next) written.add(branch.relation);
    const below = lead + (relation === undefined ? '' : own === '└─ ' ? '   ' : '│  ');
    open.push(...next.map((branch, i) => lineTo(branch, id, below, i === next.length - 1, distance)).toReversed());
  }
  await printTable(output, ['RESOURCE', 'RELATION', 'FIELD', 'STATE'], rows);
}

interface Line {
  readonly id: string;
  /** The prefix before its own mark. */
  readonly lead: string;
  readonly own: string;
  readonly relation: Relation | undefined;
  readonly up?: boolean;
  readonly distance?: number;
}

function lineTo({ relation, to }: Branch, from: string, lead: string, last: boolean, distance: number): Line {
  return {
    id: to,
    lead,
    own: last ? '└─ ' : '├─ ',
    relation,
    up: relation.target === from && to === relation.source,
    distance,
  };
}

function rowOf({ id, lead, own, relation, up }: Line, state: Cell, again: boolean): Cell[] {
  const style = again ? { style: 'dim' as const } : relation === undefined ? { style: 'bold' as const } : {};
  const name: Cell = { text: `${lead}${own}${nameOf(id)}${again ? ' *' : ''}`, ...style };
  if (relation === undefined) return [name, { text: '' }, { text: '' }, state];
  const { optional, field } = relation.annotations;
  const words = `${up ? '← ' : ''}${relation.type}${optional ? ' (optional)' : ''}`;
  return [name, { text: words, style: 'cyan' }, { text: field, style: 'dim' }, state];
}

function stateCell(resource: Resource | undefined): Cell {
  return resource ? stateOf(resource) : { text: '' };
}

/** Digests show twelve digits, as elsewhere. */
function nameOf(id: string): string {
  const { type, path } = parseId(id);
  return type === 'Image' ? id.replace(/(:[0-9a-f]{12})[0-9a-f]{20,}$/, '$1') : `${type}:${path}`;
}

function branchesOf(relations: readonly Relation[], below: TreeOptions['below']): Map<string, Branch[]> {
  const branches = new Map<string, Branch[]>();
  const add = (from: string, branch: Branch) => {
    const list = branches.get(from);
    if (list) list.push(branch);
    else branches.set(from, [branch]);
  };
  for (const relation of relations) {
    const { source, target } = relation;
    if (below(relation, source)) add(source, { relation, to: target });
    if (source !== target && below(relation, target)) add(target, { relation, to: source });
  }
  return branches;
}

function distancesFrom(
  roots: readonly string[],
  branches: ReadonlyMap<string, readonly Branch[]>,
  depth: number,
): Map<string, number> {
  const distances = new Map(roots.map((root) => [root, 0]));
  let border = [...roots];
  for (let distance = 1; border.length > 0 && distance <= depth; distance++) {
    const next: string[] = [];
    for (const { to } of border.flatMap((id) => branches.get(id) ?? [])) {
      if (distances.has(to)) continue;
      distances.set(to, distance);
      next.push(to);
    }
    border = next;
  }
  return distances;
}
