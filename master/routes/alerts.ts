// GET /cluster/alerts: notifications, their receivers, and whether they arrived.
import { Type } from '../../src/schema.ts';
import { type Alert, alertStates } from '../alerts/alert.ts';
import type { AlertsReader } from '../alerts/alerts-reader.ts';
import { worstFirst } from '../alerts/states/worst-first.ts';
import type { Finding } from '../findings/contract.ts';
import { parseWildcards } from '../graph/questions/wildcard.ts';
import { alertsAnswer } from './answers/alerts.ts';
import { severityTestOf } from './finding-query.ts';
import { wordsOf } from './query.ts';
import type { Route, RouteContext } from './route.ts';
import { answers } from './schemas.ts';

const usual = 200;
const most = 5_000;

const querystring = Type.Object(
  {
    state: Type.Optional(
      Type.String({
        description:
          'States to keep, separated by commas: `firing`, `pending`, `held`, `explained`, `baseline`, `quiet`',
        examples: ['firing,held'],
        minLength: 1,
        maxLength: 256,
      }),
    ),
    severity: Type.Optional(
      Type.String({
        description: 'Severities to keep, separated by commas',
        examples: ['critical,high'],
        minLength: 1,
        maxLength: 256,
      }),
    ),
    namespace: Type.Optional(
      Type.String({
        description: 'Namespaces to keep; `*` and `!` as in `type`',
        examples: ['shop'],
        minLength: 1,
        maxLength: 4096,
      }),
    ),
    name: Type.Optional(
      Type.String({
        description: 'Names of findings and rules to keep; `*` and `!` as in `type`',
        examples: ['service-*'],
        minLength: 1,
        maxLength: 4096,
      }),
    ),
    limit: Type.Optional(
      Type.Integer({ description: 'Most alerts, the worst first', examples: [50], minimum: 1, maximum: most }),
    ),
  },
  { additionalProperties: false },
);

interface Asked {
  readonly state?: string;
  readonly severity?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly limit?: number;
}

export const alerts = {
  name: 'alerts',
  register(app, context) {
    const schema = {
      summary: 'Alerts, the state of each, and whether it reached its receivers',
      tags: ['findings'],
      querystring,
      ...answers(alertsAnswer),
    };
    app.get('/cluster/alerts', { schema }, async (request, reply) => {
      reply.header('cache-control', 'no-store');
      const head = { success: true as const, timestamp: context.graph.timestamp };
      // Words that do not exist are refused where no alerts are set up, too.
      const isMeant = testOf(request.query);
      const { alerts: reader } = context;
      if (!reader) return { ...head, state: 'off' as const, counts: {}, total: 0, alerts: [] };
      const seen = await seenIn(context, reader);
      const kept = worstFirst(seen.map(({ alert }) => alert)).filter(isMeant);
      const texts = new Map(seen.map(({ alert, finding }) => [alert.key, finding]));
      const { limit = usual } = request.query;
      const told = kept.slice(0, limit).map((alert) => toldOf(alert, texts.get(alert.key), reader, context));
      return {
        ...head,
        state: reader.isSettled ? ('on' as const) : ('starting' as const),
        counts: countsOf(kept),
        total: kept.length,
        ...(kept.length > limit ? { remaining: kept.length - limit } : {}),
        alerts: told,
        ...(context.partial ? {} : wholeOf(reader)),
      };
    });
  },
} as const satisfies Route;

interface Seen {
  readonly alert: Alert;
  /** In words for what the caller may see. */
  readonly finding: Finding | undefined;
}

/**
 * A caller with restricted rights sees an alert if their part of the graph alone yields the same finding, in its words; and
 * a change if everything it names is in that part.
 */
async function seenIn({ partial, findings, graph }: RouteContext, reader: AlertsReader): Promise<readonly Seen[]> {
  if (!partial) return [...reader.alerts()].map((alert) => ({ alert, finding: undefined }));
  const own = await findings.current();
  const sees = (id: string) => graph.get(id)?.present === true;
  return [...reader.alerts()].flatMap((alert): readonly Seen[] => {
    const { resource, path, affected, class: kind } = alert.subject;
    if (kind !== 'change') {
      const finding = own.get(alert.key);
      return finding ? [{ alert, finding }] : [];
    }
    const ids = [resource, ...path.flatMap(({ from, to }) => [from, to]), ...affected.first];
    return affected.count === affected.first.length && ids.every(sees) ? [{ alert, finding: undefined }] : [];
  });
}

function testOf({ state, severity, namespace, name }: Asked): (alert: Alert) => boolean {
  const isState = state === undefined ? undefined : wordsOf(state, 'state', alertStates);
  const isSevere = severity === undefined ? undefined : severityTestOf(severity);
  const isIn = namespace === undefined ? undefined : parseWildcards(namespace, 'namespace');
  const isCalled = name === undefined ? undefined : parseWildcards(name, 'name');
  return ({ state: is, severity: how, subject }) =>
    (isState?.(is) ?? true) &&
    (isSevere?.(how) ?? true) &&
    (isIn?.(subject.namespace ?? '') ?? true) &&
    (isCalled?.(subject.name) ?? true);
}

function toldOf(alert: Alert, finding: Finding | undefined, reader: AlertsReader, { partial }: RouteContext) {
  const { state, severity, firedAt, flapping, heldBy, explanation } = alert;
  const { accepted: _, ...subject } = finding ?? alert.subject;
  const { page, picture, effects, before, unknown } = reader.storyOf(alert);
  return {
    ...subject,
    severity: finding?.severity ?? severity,
    state,
    isTrue: alert.isTrue,
    ...(firedAt === undefined ? {} : { firedAt: timeOf(firedAt) }),
    ...(flapping === undefined ? {} : { flapping: timeOf(flapping) }),
    ...(page === undefined ? {} : { page, picture }),
    // Other fields may name hidden resources.
    ...(partial
      ? {}
      : {
          ...(heldBy === undefined ? {} : { heldBy }),
          ...(explanation === undefined ? {} : { explanation }),
          effects,
          before,
          ...(unknown === undefined ? {} : { unknown }),
        }),
  };
}

function wholeOf(reader: AlertsReader) {
  const groups = [...reader.groups()];
  return {
    place: reader.place,
    ...(groups.length > most ? { groupsLeft: groups.length - most } : {}),
    groups: groups.slice(0, most).map(({ labels, members, lastTold, count }) => ({
      labels,
      alerts: members.size,
      told: count,
      ...(lastTold === undefined ? {} : { lastTold: timeOf(lastTold) }),
    })),
    receivers: [...reader.receivers()],
    faults: [...reader.faults()],
  };
}

function countsOf(list: readonly Alert[]): { readonly [state: string]: number } {
  const counts: { [state: string]: number } = {};
  for (const { state } of list) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}
