// `groups`: unhealthy resources, worst first, grouped by cause.
import { Type } from 'typebox';
import type { Steps } from '../../../src/steps.ts';
import { textOrder } from '../../../src/text-order.ts';
import { selected } from '../../graph/questions/select.ts';
import type { Selection } from '../../graph/questions/selection.ts';
import { parseWildcards } from '../../graph/questions/wildcard.ts';
import { each, type ReadView, withReadView } from '../../graph/revisions/read-view.ts';
import { type Health, severity } from '../../health/health.ts';
import { resourceTestOf } from '../../routes/query.ts';
import { quoted, shown, shownId } from '../shown.ts';
import { kind, namespace } from './parameters.ts';
import { type Found, type NextCall, type Row, toolOf } from './tool.ts';

const usual = 'failed,degraded,unknown';
const mostExamples = 3;
/** Longer chains of causes are cycles. */
const longestChain = 16;

interface Group {
  readonly cause: string;
  readonly isMissing: boolean;
  readonly members: string[];
  /** Health of the cause, or of the worst effect. */
  health: Health;
}

export const groups = toolOf({
  name: 'groups',
  title: 'What is broken',
  description:
    'What is broken, worst first, one row a root cause: its id, why, how many resources owe their state to it, and some of them. Begin here.',
  parameters: {
    namespace,
    kind,
    state: Type.Optional(
      Type.String({ description: `States of health; ${usual} if not given`, minLength: 1, maxLength: 256 }),
    ),
  },
  row: {
    cause: Type.String(),
    state: Type.String(),
    reason: Type.String(),
    resources: Type.Integer(),
    missing: Type.Optional(Type.Boolean()),
    examples: Type.Array(Type.String()),
  },
  budget: 4 << 10,
  line: groupLine,
  answer({ namespace: place, kind: type, state = usual }, context): Steps<Found> {
    const test = resourceTestOf(
      { health: state, ...(type ? { type } : {}), ...(place ? { namespace: place } : {}) },
      context,
    );
    const wanted = parseWildcards(state, 'state');
    return withReadView(context.graph, function* (view) {
      const selection = yield* selected(view, { resource: { ...test, health: parseWildcards('*', 'state') } });
      const { counts, found } = yield* grouped(view, selection, wanted);
      const sorted = found.sort(worstFirst);
      return {
        ...selection,
        summary: { states: counts },
        total: sorted.length,
        row: (i: number) => rowOf(sorted[i] as Group),
        next: nextOf(sorted[0]),
      };
    });
  },
});

function* grouped(view: ReadView, selection: Selection, wanted: (state: string) => boolean) {
  const byCause = new Map<string, Group>();
  const counts = new Map<Health['state'], number>();
  yield* each(view, selection.entries(), ({ id, vertex }) => {
    const { health } = view.undoLog.of(vertex);
    if (health === undefined) return;
    counts.set(health.state, (counts.get(health.state) ?? 0) + 1);
    if (!wanted(health.state)) return;
    const { cause, own, isMissing } = causeOf(view, id, health);
    const group = byCause.get(cause) ?? { cause, isMissing, members: [], health: own ?? health };
    if (cause !== id) group.members.push(id);
    if (own === undefined && severity[health.state] > severity[group.health.state]) group.health = health;
    byCause.set(cause, group);
  });
  const inOrder = [...counts].sort(([a], [b]) => severity[b] - severity[a]);
  return { counts: Object.fromEntries(inOrder), found: [...byCause.values()] };
}

/** The end of its chain of causes. */
function causeOf({ graph, undoLog }: ReadView, id: string, health: Health) {
  let [cause, own]: [string, Health | undefined] = [id, health];
  for (let i = 0; i < longestChain && own?.from !== undefined; i++) {
    cause = own.from;
    const vertex = graph.get(cause);
    own = vertex && undoLog.of(vertex).health;
  }
  const vertex = graph.get(cause);
  return { cause, own, isMissing: vertex !== undefined && undoLog.standingOf(vertex) === 'missing' };
}

function worstFirst(a: Group, b: Group): number {
  return (
    severity[b.health.state] - severity[a.health.state] ||
    b.members.length - a.members.length ||
    textOrder(a.cause, b.cause)
  );
}

function rowOf({ cause, health, members, isMissing }: Group): Row {
  return {
    cause: shownId(cause),
    state: health.state,
    reason: shown(health.reason),
    resources: members.length,
    ...(isMissing ? { missing: true } : {}),
    examples: members.slice(0, mostExamples).map(shownId),
  };
}

function groupLine({ cause, state, reason, resources, missing, examples }: Row): string {
  const some = examples as readonly string[];
  const rest = Number(resources) - some.length;
  const owing = `${some.map(quoted).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
  const head = `${String(state)} ${quoted(String(reason))}: ${quoted(String(cause))}${missing ? ' is missing' : ''}`;
  return some.length === 0
    ? head
    : `${head}; ${String(resources)} ${resources === 1 ? 'suffers' : 'suffer'} from it: ${owing}`;
}

function nextOf(worst: Group | undefined): NextCall[] {
  if (worst === undefined) return [];
  return [{ tool: 'get', arguments: { id: shownId(worst.cause) }, why: 'tells of the first of these' }];
}
