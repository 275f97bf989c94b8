// `path`: how two resources are connected, hop by hop.
import { Type } from 'typebox';
import type { Steps } from '../../../src/steps.ts';
import { type Paths, pathsBetween } from '../../graph/questions/path.ts';
import { along } from '../../graph/questions/traverse.ts';
import { whileHeld } from '../../graph/revisions/read-view.ts';
import { type Line, linesIn, relationAt } from '../facts.ts';
import { shownId } from '../shown.ts';
import { id, relation, relationsMeant, resourceMeant } from './parameters.ts';
import { relationLine, relationRow, relationRowOf } from './rows.ts';
import { type Context, type Found, type NextCall, type Row, toolOf } from './tool.ts';

const mostPaths = 5;

interface Hop {
  readonly path: number;
  readonly line: Line;
}

export const path = toolOf({
  name: 'path',
  title: 'How two resources are connected',
  description: 'The shortest ways from one resource to another, each hop with the field that says so.',
  parameters: { from: id, to: id, relation },
  row: { path: Type.Integer(), ...relationRow },
  budget: 2 << 10,
  line: ({ path: number, ...row }: Row) => `${String(number)}: ${relationLine(row)}`,
  *answer({ from, to, relation: kept }, context): Steps<Found> {
    const { graph } = context;
    const ends = [resourceMeant(from, 'from', context).id, resourceMeant(to, 'to', context).id] as const;
    const step = along('both', relationsMeant(kept));
    const found = yield* pathsBetween(graph, ends, { step, back: step, most: mostPaths });
    try {
      return yield* whileHeld(found.selection, told(found, ends, kept, context));
    } catch (error) {
      found.selection.release();
      throw error;
    }
  },
});

function* told(
  { paths, complete, selection }: Paths,
  [from, to]: readonly [string, string],
  kept: string | undefined,
  { graph }: Context,
): Steps<Found> {
  const lines = Map.groupBy(yield* linesIn(selection), ({ source, target }) => ends(source, target));
  const follows = relationsMeant(kept) ?? (() => true);
  const hops = paths.flatMap((ids, path) =>
    ids.slice(1).flatMap((next, i): Hop[] => {
      const between = lines.get(ends(ids[i] ?? '', next)) ?? [];
      return between.filter(({ type }) => follows(type)).map((line) => ({ path: path + 1, line }));
    }),
  );
  return {
    ...selection,
    summary: {
      from: shownId(from),
      to: shownId(to),
      paths: paths.length,
      ...(complete ? {} : { more: 'there may be more paths than these' }),
    },
    total: hops.length,
    row(i) {
      const { path, line } = hops[i] as Hop;
      return { path, ...relationRowOf(relationAt(graph, line)) };
    },
    next: nextOf(paths, from, to, kept),
  };
}

/** Whichever way a relation goes, it is between the same two. */
function ends(a: string, b: string): string {
  return JSON.stringify(a < b ? [a, b] : [b, a]);
}

/** Everything in a namespace is connected by it: that says little. */
function nextOf(paths: Paths['paths'], from: string, to: string, kept: string | undefined): NextCall[] {
  const isByPlace = paths.some((ids) => ids.slice(1, -1).some((id) => /^(Namespace|Cluster):/.test(id)));
  if (!isByPlace || kept !== undefined) return [];
  const given = { from: shownId(from), to: shownId(to), relation: '!contains' };
  return [{ tool: 'path', arguments: given, why: 'leaves out that both are in one place' }];
}
