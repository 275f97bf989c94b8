// `search`: resources by a part of their name.
import { Type } from 'typebox';
import type { Steps } from '../../../src/steps.ts';
import { select } from '../../graph/questions/select.ts';
import { resourceTestOf } from '../../routes/query.ts';
import { countsBy, factsOf } from '../facts.ts';
import { shownId, unescaped } from '../shown.ts';
import { kind, namespace } from './parameters.ts';
import { resourceLine, resourceRow, resourceRowOf } from './rows.ts';
import { type Context, type Found, toolOf } from './tool.ts';

export const search = toolOf({
  name: 'search',
  title: 'Find resources',
  description: 'Finds resources whose id, name or label holds a text. Take it to get the id that other tools ask for.',
  parameters: {
    text: Type.String({ description: 'Part of a name, in any case', minLength: 1, maxLength: 256 }),
    kind,
    namespace,
  },
  row: resourceRow,
  budget: 2 << 10,
  line: resourceLine,
  *answer({ text, kind: type, namespace: place }, context: Context): Steps<Found> {
    const test = resourceTestOf(
      { q: unescaped(text), ...(type ? { type } : {}), ...(place ? { namespace: place } : {}) },
      context,
    );
    const selection = yield* select(context.graph, { resource: test });
    const entries = [...selection.entries()];
    const first = entries.length === 1 ? entries[0] : undefined;
    return {
      ...selection,
      summary: { kinds: countsBy(entries.map(({ vertex }) => vertex.type)) },
      total: entries.length,
      row: (i) => resourceRowOf(factsOf((entries[i] as (typeof entries)[number]).version)),
      next: first
        ? [{ tool: 'get', arguments: { id: shownId(first.id) }, why: 'tells what it is and what it is related to' }]
        : [],
    };
  },
});
