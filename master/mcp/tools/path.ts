// `path`: how two resources are connected, hop by hop.
import { Type } from 'typebox';
import type { Steps } from '../../../src/steps.ts';
import { whileHeld } from '../../graph/revisions/read-view.ts';
import { type Connection, connectionBetween } from '../../topology/connection.ts';
import { type Line, linesIn, relationAt } from '../facts.ts';
import { shownId } from '../shown.ts';
import { id, relation, relationsMeant, resourceMeant } from './parameters.ts';
import { relationLine, relationRow, relationRowOf } from './rows.ts';
import { type Context, type Found, type Row, toolOf } from './tool.ts';

const mostPaths = 5;

interface Hop {
  readonly path: number;
  readonly line: Line;
}

export const path = toolOf({
  name: 'path',
  title: 'How two resources are connected',
  description:
    'The shortest ways from one resource to another, along dependence where there is one, each hop with the field that says so.',
  parameters: { from: id, to: id, relation },
  row: { path: Type.Integer(), ...relationRow },
  budget: 2 << 10,
  line: ({ path: number, ...row }: Row) => `${String(number)}: ${relationLine(row)}`,
  *answer({ from, to, relation: kept }, context): Steps<Found> {
    const { graph } = context;
    const ends = [resourceMeant(from, 'from', context).id, resourceMeant(to, 'to', context).id] as const;
    const options = {
      direction: undefined,
      relation: relationsMeant(kept, context),
      length: undefined,
      most: mostPaths,
      hubs: false,
    };
    const found = yield* connectionBetween(graph, ends, options);
    try {
      return yield* whileHeld(found.selection, told(found, ends, kept, context));
    } catch (error) {
      found.selection.release();
      throw error;
    }
  },
});

function* told(
  { paths, complete, selection, along, hubs }: Connection,
  [from, to]: readonly [string, string],
  kept: string | undefined,
  { graph }: Context,
): Steps<Found> {
  const lines = Map.groupBy(yield* linesIn(selection), ({ source, target }) => ends(source, target));
  const follows = relationsMeant(kept, { graph }) ?? (() => true);
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
      ...(paths.length > 0 ? { along } : {}),
      ...(hubs.length > 0 ? { onlyThrough: hubs.slice(0, 5).map(shownId) } : {}),
      ...(complete ? {} : { more: 'there may be more paths than these' }),
    },
    total: hops.length,
    row(i) {
      const { path, line } = hops[i] as Hop;
      return { path, ...relationRowOf(relationAt(graph, line)) };
    },
  };
}

/** Independent of the relation's direction. */
function ends(a: string, b: string): string {
  return JSON.stringify(a < b ? [a, b] : [b, a]);
}
