// `history`: the life of a resource, newest first: changes, relations, Events.
import { Type } from 'typebox';
import { fault } from '../../../src/errors.ts';
import { parseId } from '../../../src/ids.ts';
import { lifeEntries } from '../../history/life.ts';
import type { PathChange } from '../../history/pointers.ts';
import { idNamed } from '../../routes/ids-named.ts';
import { historyOf } from '../../routes/moment.ts';
import { countsBy } from '../facts.ts';
import { cut, quoted, shown, shownId, unescaped } from '../shown.ts';
import { id } from './parameters.ts';
import { gapsText } from './rows.ts';
import { type Found, type Row, toolOf } from './tool.ts';

const moment = (description: string) => Type.Optional(Type.String({ description, minLength: 1, maxLength: 64 }));
const mostFields = 4;

export const history = toolOf({
  name: 'history',
  title: 'The life of a resource',
  description:
    'What happened to one resource, the newest first: fields that changed, relations that came and went, Events.',
  parameters: {
    id,
    from: moment('A time, or an age such as -1d; the oldest that is kept if not given'),
    to: moment('now if not given'),
  },
  row: { at: Type.String(), what: Type.String(), texts: Type.Array(Type.String()) },
  budget: 4 << 10,
  line: ({ at, what, texts }: Row) =>
    `${String(at)} ${String(what)} ${(texts as readonly string[]).map(quoted).join(', ')}`.trimEnd(),
  async answer({ id: asked, from, to }, context): Promise<Found> {
    const { graph } = context;
    const named = idNamed(asked, { parameter: 'id' }, context);
    const known = graph.get(named)?.version ? named : unescaped(named);
    const { gaps, ...life } = await historyOf(context).life(known, { from, to });
    const entries = lifeEntries(life).toReversed();
    const { type, path } = parseId(known);
    if (entries.length === 0) throw fault('unknown_id', { type, id: path });
    const rows = entries.map(({ kind, time, told }) => ({
      at: new Date(time).toISOString(),
      ...rowOf(kind, told as Told),
    }));
    return {
      revision: graph.revision,
      timestamp: graph.timestamp,
      completeness: graph.completeness(),
      summary: { of: shownId(known), happened: countsBy(rows.map(({ what }) => what)), ...gapsText(gaps) },
      total: rows.length,
      row: (i) => rows[i] as Row,
      release: () => undefined,
    };
  },
});

interface Told {
  readonly change?: string;
  readonly paths?: readonly PathChange[];
  readonly more?: number;
  readonly type?: string;
  readonly source?: string;
  readonly target?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly count?: number;
}

function rowOf(kind: string, told: Told): { readonly what: string; readonly texts: readonly string[] } {
  const { change = '', paths = [], more = 0, type = '', source = '', target = '' } = told;
  if (kind === 'event')
    return { what: `event ${told.count ?? 1}`, texts: [shown(told.reason ?? ''), shown(told.message ?? '')] };
  if (kind === 'relation')
    return { what: `relation ${change}`, texts: [shownId(source), shown(type), shownId(target)] };
  const rest = more + Math.max(0, paths.length - mostFields);
  const fields = paths
    .slice(0, mostFields)
    .map(({ path, to }) => shown(`${path} = ${to === undefined ? 'nothing' : cut(JSON.stringify(to), 120)}`));
  return { what: change, texts: [...fields, ...(rest > 0 ? [`${rest} more fields`] : [])] };
}
