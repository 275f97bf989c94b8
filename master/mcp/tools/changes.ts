// `changes`: changes between two moments, requested ones before reported ones.
import { Type } from 'typebox';
import type { PathChange } from '../../history/pointers.ts';
import { historyOf } from '../../routes/moment.ts';
import { narrowingOf } from '../../routes/narrowing.ts';
import { countsBy } from '../facts.ts';
import { cut, quoted, shown, shownId } from '../shown.ts';
import { kind, namespace } from './parameters.ts';
import { gapsText } from './rows.ts';
import { type Context, type Found, type Row, toolOf } from './tool.ts';

const text = Type.Optional(Type.String());
const moment = (description: string) => Type.Optional(Type.String({ description, minLength: 1, maxLength: 64 }));
const usual = '-1h';
/** Maximum fields per resource; further ones are counted. */
const mostFields = 8;
/** Maximum bytes of a value. */
const mostValue = 120;

interface Change {
  readonly rank: number;
  row(): Row;
}

export const changes = toolOf({
  name: 'changes',
  title: 'What changed',
  description:
    'What changed between two moments: fields with their values before and after, what came and went. What was asked of the cluster stands before what is only reported.',
  parameters: {
    from: moment(`A time, an age such as -15m, or epoch-revision; ${usual} if not given`),
    to: moment('now if not given'),
    kind,
    namespace,
  },
  row: {
    change: Type.String(),
    id: Type.String(),
    relation: text,
    target: text,
    field: text,
    before: text,
    after: text,
  },
  budget: 4 << 10,
  line: changeLine,
  async answer({ from = usual, to = 'now', kind: type, namespace: place }, context): Promise<Found> {
    const narrow = { ...(type ? { type } : {}), ...(place ? { namespace: place } : {}) };
    const narrowing = narrowingOf(narrow, context);
    const found = await historyOf(context).difference({ from, to, narrowing, texts: false });
    const all = [...fieldChanges(found.changes, found.resources.changed), ...comings(found)].sort(
      (a, b) => a.rank - b.rank,
    );
    return {
      revision: found.to.revision,
      timestamp: found.to.timestamp,
      completeness: found.completeness,
      summary: {
        from: found.from.timestamp,
        to: found.to.timestamp,
        added: countsBy(found.resources.added.map(typeIn)),
        removed: countsBy(found.resources.removed.map((id) => id.slice(0, id.indexOf(':')))),
        changed: countsBy(found.resources.changed.map(typeIn)),
        ...gapsText(found.gaps),
      },
      total: all.length,
      row: (i) => (all[i] as Change).row(),
      release: () => undefined,
    };
  },
});

type Difference = Awaited<ReturnType<NonNullable<Context['history']>['difference']>>;

interface Told {
  readonly id: string;
  readonly type: string;
}

const toldIn = (one: string): Told => JSON.parse(one) as Told;
const typeIn = (one: string): string => toldIn(one).type;

/** Reported by controllers and runtimes, or following from other changes. */
const reported =
  /^\/(?:timestamp|annotations|properties\/(?:status|runtime|metadata\/(?:generation|managedFields|resourceVersion|annotations)))(?:\/|$)/;

function fieldChanges(changes: Difference['changes'], changed: readonly string[]): Change[] {
  return changed.flatMap((one) => {
    const { id } = toldIn(one);
    const { paths = [], more = 0 } = changes.get(id) ?? {};
    const sorted = paths.toSorted((a, b) => Number(reported.test(a.path)) - Number(reported.test(b.path)));
    const rest = more + Math.max(0, sorted.length - mostFields);
    const told = sorted.slice(0, mostFields).map(
      (path): Change => ({
        rank: reported.test(path.path) ? 5 : 0,
        row: () => ({ change: 'changed', id: shownId(id), ...fieldOf(path) }),
      }),
    );
    const others = { change: 'changed', id: shownId(id), field: `${rest} more fields` };
    return rest > 0 ? [...told, { rank: 6, row: () => others }] : told;
  });
}

function fieldOf({ path, from, to, cut: isCut }: PathChange): Row {
  // What is told in part is a text already.
  const value = (one: unknown) => cut(isCut && typeof one === 'string' ? shown(one) : JSON.stringify(one), mostValue);
  return {
    field: shown(path),
    ...(from === undefined ? {} : { before: value(from) }),
    ...(to === undefined ? {} : { after: value(to) }),
  };
}

function comings({ resources, relations }: Difference): Change[] {
  const moved = new Set([...resources.added.map((one) => toldIn(one).id), ...resources.removed]);
  const row = (change: string, id: string) => ({ change, id: shownId(id) });
  const relation = (change: string, { source, type, target }: Difference['relations']['removed'][number]): Change[] =>
    // Relations of an added or removed resource are implied.
    moved.has(source) || moved.has(target)
      ? []
      : [{ rank: 3, row: () => ({ ...row(change, source), relation: type, target: shownId(target) }) }];
  return [
    ...resources.removed.map((id): Change => ({ rank: 1, row: () => row('removed', id) })),
    ...resources.added.map((one): Change => ({ rank: 2, row: () => row('added', toldIn(one).id) })),
    ...relations.removed.flatMap((one) => relation('removed', one)),
    ...relations.added.flatMap((one) => relation('added', JSON.parse(one) as never)),
  ];
}

function changeLine({ change, id, relation, target, field, before, after }: Row): string {
  const what = relation === undefined ? '' : ` ${String(relation)} ${quoted(String(target))}`;
  const where = field === undefined ? '' : ` ${quoted(String(field))}`;
  const was = before === undefined ? '' : ` from ${quoted(String(before))}`;
  const is = after === undefined ? '' : ` to ${quoted(String(after))}`;
  return `${String(change)} ${quoted(String(id))}${what}${where}${was}${is}`;
}
