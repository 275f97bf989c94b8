// `impact`: what depends on a resource, nearest first.
import { Type } from 'typebox';
import type { Steps } from '../../../src/steps.ts';
import { textOrder } from '../../../src/text-order.ts';
import { type Impact, impactOf } from '../../graph/questions/impact.ts';
import { whileHeld } from '../../graph/revisions/read-view.ts';
import { deepest } from '../../routes/query.ts';
import { countsBy, type Facts, factsIn, type Line, linesIn, relationAt, urgency } from '../facts.ts';
import { quoted, shownId } from '../shown.ts';
import { id, relation, relationsMeant, resourceMeant } from './parameters.ts';
import { resourceLine, resourceRow, resourceRowOf } from './rows.ts';
import { type Found, type Row, toolOf } from './tool.ts';

const text = Type.Optional(Type.String());

export const impact = toolOf({
  name: 'impact',
  title: 'What depends on a resource',
  description: 'What breaks or goes when a resource does, nearest first, each with the relation over which it depends.',
  parameters: { id, depth: Type.Optional(Type.Integer({ minimum: 1, maximum: deepest })), relation },
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
  *answer({ id: asked, depth = Number.POSITIVE_INFINITY, relation: kept }, context): Steps<Found> {
    const vertex = resourceMeant(asked, 'id', context);
    const found = yield* impactOf(context.graph, [vertex.id], { depth, relation: relationsMeant(kept) });
    try {
      return yield* whileHeld(found.selection, told(found, vertex.id, context.graph));
    } catch (error) {
      found.selection.release();
      throw error;
    }
  },
});

function* told({ selection, distances }: Impact, of: string, graph: Parameters<typeof relationAt>[0]): Steps<Found> {
  const all = yield* factsIn(selection);
  const far = new Map(distances());
  const over = carriers(yield* linesIn(selection), far);
  const suffering = [...all.values()].filter(({ id: each }) => each !== of).sort(nearestFirst(far));
  return {
    ...selection,
    summary: {
      of: shownId(of),
      kinds: countsBy(
        suffering.map(({ type }) => type),
        12,
      ),
    },
    total: suffering.length,
    row(i) {
      const facts = suffering[i] as Facts;
      const line = over.get(facts.id);
      return {
        distance: far.get(facts.id) ?? 0,
        ...resourceRowOf(facts),
        ...(line ? carriedBy(line, facts.id, graph) : {}),
      };
    },
  };
}

function nearestFirst(far: ReadonlyMap<string, number>): (a: Facts, b: Facts) => number {
  return (a, b) => (far.get(a.id) ?? 0) - (far.get(b.id) ?? 0) || urgency(b) - urgency(a) || textOrder(a.id, b.id);
}

/** By what suffers: the first relation to something that is nearer. */
function carriers(lines: readonly Line[], far: ReadonlyMap<string, number>): ReadonlyMap<string, Line> {
  const found = new Map<string, Line>();
  for (const line of lines) {
    const [source, target] = [far.get(line.source) ?? 0, far.get(line.target) ?? 0];
    if (Math.abs(source - target) !== 1) continue;
    const suffers = source > target ? line.source : line.target;
    if (!found.has(suffers)) found.set(suffers, line);
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
  const { distance, relation: by, on, reverse, field } = row;
  const other = quoted(String(on));
  const over = by === undefined ? '' : reverse ? `, ${other} ${String(by)} it` : `, ${String(by)} ${other}`;
  return `${String(distance)} ${resourceLine(row)}${over}${field === undefined ? '' : ` by ${quoted(String(field))}`}`;
}
