// `around`: the neighbours of a resource, one or two relations away.
import { Type } from 'typebox';
import type { Steps } from '../../../src/steps.ts';
import { select } from '../../graph/questions/select.ts';
import { whileHeld } from '../../graph/revisions/read-view.ts';
import { countsBy, type Facts, factsIn, type Line, linesIn, relationAt, urgency } from '../facts.ts';
import { shownId } from '../shown.ts';
import { id, relation, relationsMeant, resourceMeant } from './parameters.ts';
import { relationLine, relationRow, relationRowOf } from './rows.ts';
import { type Found, toolOf } from './tool.ts';

export const around = toolOf({
  name: 'around',
  title: 'What is around a resource',
  description: 'The relations within one or two steps of a resource, those to what is missing or broken first.',
  parameters: {
    id,
    depth: Type.Optional(Type.Integer({ minimum: 1, maximum: 2 })),
    direction: Type.Optional(Type.Enum(['up', 'down', 'both'], { description: 'down: from source to target' })),
    relation,
  },
  row: relationRow,
  budget: 4 << 10,
  line: relationLine,
  *answer({ id: asked, depth = 1, direction = 'both', relation: kept }, context): Steps<Found> {
    const { graph } = context;
    const vertex = resourceMeant(asked, 'id', context);
    const walk = { roots: [vertex.id], direction, depth };
    const selection = yield* select(graph, { walk, relation: relationsMeant(kept, context) });
    try {
      return yield* whileHeld(
        selection,
        (function* () {
          const all = yield* factsIn(selection);
          const lines = byUrgency(yield* linesIn(selection), all);
          const kinds = countsBy([...all.values()].flatMap(({ id: each, type }) => (each === vertex.id ? [] : [type])));
          return {
            ...selection,
            summary: { of: shownId(vertex.id), resources: kinds, relations: countsBy(lines.map(({ type }) => type)) },
            total: lines.length,
            row: (i: number) => relationRowOf(relationAt(graph, lines[i] as Line)),
          };
        })(),
      );
    } catch (error) {
      selection.release();
      throw error;
    }
  },
});

function byUrgency(lines: readonly Line[], all: ReadonlyMap<string, Facts>): Line[] {
  const of = ({ source, target }: Line) => Math.max(urgency(all.get(source)), urgency(all.get(target)));
  return lines.toSorted((a, b) => of(b) - of(a));
}
