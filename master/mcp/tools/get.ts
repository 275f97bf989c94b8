// `get`: one resource with its health and reason, and each relation with its field.
import { Type } from 'typebox';
import { fault } from '../../../src/errors.ts';
import { isRecord } from '../../../src/fields.ts';
import type { Steps } from '../../../src/steps.ts';
import { around } from '../../graph/questions/around.ts';
import { whileHeld } from '../../graph/revisions/read-view.ts';
import { countsBy, type Facts, factsIn, type Line, linesIn, propertiesOf, relationAt, urgency } from '../facts.ts';
import { cut, shown, shownId, unescaped } from '../shown.ts';
import { valueAt } from '../value-at.ts';
import { id, resourceMeant } from './parameters.ts';
import { relationLine, relationRow, relationRowOf, stateOf } from './rows.ts';
import { type Found, type NextCall, toolOf } from './tool.ts';

/** Relations of one type and direction listed before those of the next. */
const mostAlike = 8;
const mostLabels = 6;
/** Maximum bytes of a field's value. */
const mostValue = 1200;

export const get = toolOf({
  name: 'get',
  title: 'One resource',
  description:
    'One resource: its health and why, labels, events, and its relations, each with the field that says so. With `field`, the value of that field of the object, too.',
  parameters: {
    id,
    field: Type.Optional(
      Type.String({
        description: 'Such as status.conditions or spec.containers[0].image',
        minLength: 1,
        maxLength: 512,
      }),
    ),
  },
  row: relationRow,
  budget: 3 << 10,
  line: relationLine,
  *answer({ id: asked, field }, context): Steps<Found> {
    const { graph } = context;
    const vertex = resourceMeant(asked, 'id', context);
    const { selection } = yield* around(graph, vertex.id);
    try {
      return yield* whileHeld(
        selection,
        (function* () {
          const all = yield* factsIn(selection);
          const lines = inTurn(yield* linesIn(selection), vertex.id, all);
          const own = all.get(vertex.id);
          const version = [...selection.entries()].find((each) => each.id === vertex.id)?.version;
          if (own === undefined || version === undefined)
            throw fault('unknown_id', { type: vertex.type, id: vertex.id });
          const properties = propertiesOf(version);
          const value = field === undefined ? {} : { field: shown(field), value: valueOf(properties, field) };
          const counts = countsBy(
            lines.map(({ type, source }) => (source === vertex.id ? `${type} →` : `← ${type}`)),
            12,
          );
          return {
            ...selection,
            summary: { ...summaryOf(own, properties), ...value, relations: counts },
            total: lines.length,
            row: (i: number) => relationRowOf(relationAt(graph, lines[i] as Line)),
            next: nextOf(own, field),
          };
        })(),
      );
    } catch (error) {
      selection.release();
      throw error;
    }
  },
});

function summaryOf(facts: Facts, properties: unknown): Found['summary'] {
  const { label, health, absent, application, stale, events } = facts.annotations;
  const labels = labelsOf(properties);
  return {
    id: shownId(facts.id),
    ...(facts.id.endsWith(label) ? {} : { label: shown(label) }),
    ...(stateOf(facts) === undefined ? {} : { state: stateOf(facts) as string }),
    ...(absent ? { reason: absent } : {}),
    ...(health?.reason ? { reason: shown(health.reason), because: shown(health.field) } : {}),
    ...(health?.ready ? { ready: shown(health.ready) } : {}),
    ...(health?.from ? { owedTo: shownId(health.from) } : {}),
    ...(application ? { application: shown(application.name) } : {}),
    ...(stale ? { staleSince: stale.since } : {}),
    ...(events === undefined ? {} : { events: cut(JSON.stringify(events), 200) }),
    ...(labels.length > 0 ? { labels } : {}),
    changed: facts.timestamp,
  };
}

function labelsOf(properties: unknown): string[] {
  const labels = valueAt(properties, 'metadata.labels');
  if (!isRecord(labels)) return [];
  return Object.entries(labels)
    .slice(0, mostLabels)
    .map(([key, value]) => shown(`${key}=${String(value)}`));
}

function valueOf(properties: unknown, field: string): string {
  const value = valueAt(properties, unescaped(field));
  return value === undefined ? 'not there' : cut(JSON.stringify(value), mostValue);
}

/** Most severe first; of many alike the first few, the others last. */
function inTurn(lines: readonly Line[], id: string, all: ReadonlyMap<string, Facts>): Line[] {
  const other = ({ source, target }: Line) => (source === id ? target : source);
  const sorted = lines.toSorted((a, b) => urgency(all.get(other(b))) - urgency(all.get(other(a))));
  const alike = new Map<string, number>();
  const first: Line[] = [];
  const rest: Line[] = [];
  for (const line of sorted) {
    const key = `${line.source === id} ${line.type}`;
    const count = alike.get(key) ?? 0;
    alike.set(key, count + 1);
    (count < mostAlike ? first : rest).push(line);
  }
  return [...first, ...rest];
}

function nextOf({ id: own, annotations: { health, missing } }: Facts, field: string | undefined): NextCall[] {
  const self = shownId(own);
  if (missing) return [{ tool: 'impact', arguments: { id: self }, why: 'tells what suffers because it is not there' }];
  if (health?.from)
    return [{ tool: 'get', arguments: { id: shownId(health.from) }, why: 'tells of what it owes its state to' }];
  if (health?.field && field === undefined && !['ok', 'done', 'idle'].includes(health.state))
    return [{ tool: 'get', arguments: { id: self, field: shown(health.field) }, why: 'shows the field that says so' }];
  return [{ tool: 'impact', arguments: { id: self }, why: 'tells what depends on it' }];
}
