// `impact`: what depends on a resource, nearest first.
import { Type } from 'typebox';
import type { Steps } from '../../../src/steps.ts';
import { textOrder } from '../../../src/text-order.ts';
import { whileHeld } from '../../graph/revisions/read-view.ts';
import { deepest } from '../../routes/query.ts';
import { type Impact, impactOf } from '../../topology/impact.ts';
import { countsBy, type Facts, factsIn, type Line, linesIn, relationAt, urgency } from '../facts.ts';
import { quoted, shown, shownId } from '../shown.ts';
import { id, relation, relationsMeant, resourceMeant } from './parameters.ts';
import { resourceLine, resourceRow, resourceRowOf } from './rows.ts';
import { type Found, type Row, toolOf } from './tool.ts';

const text = Type.Optional(Type.String());
const parts = Type.Optional(Type.Boolean({ description: 'Containers and their processes, too' }));

export const impact = toolOf({
  name: 'impact',
  title: 'What depends on a resource',
  description:
    'What goes when a resource does, nearest first, each with the relation over which it depends; what is only degraded says how much it loses.',
  parameters: { id, depth: Type.Optional(Type.Integer({ minimum: 1, maximum: deepest })), relation, parts },
  row: {
    distance: Type.Integer(),
    ...resourceRow,
    relation: text,
    on: text,
    reverse: Type.Optional(Type.Boolean()),
    field: text,
  },
  budget: 4 << 10,
  line: impactLine,
  *answer(
    { id: asked, depth = Number.POSITIVE_INFINITY, relation: kept, parts: withParts = false },
    context,
  ): Steps<Found> {
    const vertex = resourceMeant(asked, 'id', context);
    const found = yield* impactOf(context.graph, [vertex.id], {
      depth,
      relation: relationsMeant(kept, context),
      parts: withParts,
    });
    try {
      return yield* whileHeld(found.selection, told(found, vertex.id, context.graph));
    } catch (error) {
      found.selection.release();
      throw error;
    }
  },
});

function* told(found: Impact, of: string, graph: Parameters<typeof relationAt>[0]): Steps<Found> {
  const { selection } = found;
  const all = yield* factsIn(selection);
  const far = new Map(found.distances());
  const lost = new Map(found.degraded());
  const over = carriers(yield* linesIn(selection), found, far);
  const suffering = [...all.values()].filter(({ id: each }) => each !== of).sort(nearestFirst(far));
  return {
    ...selection,
    summary: {
      of: shownId(of),
      goes: countsBy(typesOf(suffering.filter(({ id: each }) => !lost.has(each))), 12),
      degraded: countsBy(typesOf(suffering.filter(({ id: each }) => lost.has(each))), 12),
    },
    total: suffering.length,
    row(i) {
      const facts = suffering[i] as Facts;
      const line = over.get(facts.id);
      const share = lost.get(facts.id);
      return {
        distance: far.get(facts.id) ?? 0,
        ...resourceRowOf(facts),
        ...(share ? { loses: shown(share.share) } : {}),
        ...(line ? carriedBy(line, facts.id, graph) : {}),
      };
    },
  };
}

const typesOf = (all: readonly Facts[]) => all.map(({ type }) => type);

function nearestFirst(far: ReadonlyMap<string, number>): (a: Facts, b: Facts) => number {
  return (a, b) => (far.get(a.id) ?? 0) - (far.get(b.id) ?? 0) || urgency(b) - urgency(a) || textOrder(a.id, b.id);
}

/** By affected resource: the relation to the nearest one. */
function carriers(
  lines: readonly Line[],
  { dependentOf }: Impact,
  far: ReadonlyMap<string, number>,
): ReadonlyMap<string, Line> {
  const found = new Map<string, Line>();
  const nearness = new Map<string, number>();
  for (const line of lines) {
    const { source, target, block, index } = line;
    const end = dependentOf(block.edgeAt(index));
    for (const [suffers, other] of [
      ...(end === 'source' || end === 'both' ? [[source, target] as const] : []),
      ...(end === 'target' || end === 'both' ? [[target, source] as const] : []),
    ]) {
      const distance = far.get(other) ?? Number.POSITIVE_INFINITY;
      if (distance >= (nearness.get(suffers) ?? Number.POSITIVE_INFINITY)) continue;
      nearness.set(suffers, distance);
      found.set(suffers, line);
    }
  }
  return found;
}

function carriedBy(line: Line, suffers: string, graph: Parameters<typeof relationAt>[0]): Row {
  const { type, source, target, annotations } = relationAt(graph, line);
  const isSource = source === suffers;
  return {
    relation: type,
    on: shownId(isSource ? target : source),
    ...(isSource ? {} : { reverse: true }),
    ...(annotations.field ? { field: shownId(annotations.field) } : {}),
  };
}

function impactLine(row: Row): string {
  const { distance, loses, relation: by, on, reverse, field } = row;
  const other = quoted(String(on));
  const over = by === undefined ? '' : reverse ? `, ${other} ${String(by)} it` : `, ${String(by)} ${other}`;
  const less = loses === undefined ? '' : ` loses ${quoted(String(loses))}`;
  return `${String(distance)} ${resourceLine(row)}${less}${over}${field === undefined ? '' : ` by ${quoted(String(field))}`}`;
}
