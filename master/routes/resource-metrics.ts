// GET /cluster/metrics: metrics of resources over the last hour, if any. Independent of the graph: they make no revisions.

import { fault } from '../../src/errors.ts';
import { Type } from '../../src/schema.ts';
import type { Steps } from '../../src/steps.ts';
import { containerFamilies, type Family, nodeFamilies } from '../../src/telemetry-api.ts';
import type { GraphReader } from '../graph/engine/engine.ts';
import type { Vertex } from '../graph/model/vertex.ts';
import { present } from '../graph/questions/select.ts';
import { type Amounts, resourcesAsked } from '../series/resources-asked.ts';
import { minute, minutesKept, type SeriesReader } from '../series/series.ts';
import { summed } from '../series/summed.ts';
import { holding, measuredBelow } from '../topology/measured-below.ts';
import { inTurns } from './answer.ts';
import { namespaceOfNames } from './ids-named.ts';
import { idsNamed } from './query.ts';
import type { Route, RouteContext } from './route.ts';
import { answers, metricsAnswer } from './schemas.ts';

const ids = (description: string, example: string) =>
  Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 2048 }), {
      description,
      examples: [[example]],
      minItems: 1,
      maxItems: 500,
    }),
  );

const querystring = Type.Object(
  {
    of: ids(
      'Ids of what is asked for: of anything but a Container or Node, the sum over its containers. Several by repeating it, or separated by commas',
      'Pod:shop/frontend-5c677f5fb-lbhf9',
    ),
    root: ids(
      'Ids below which everything is told that has numbers of its own: containers and nodes; without `of` and `root` all there are',
      'Namespace:shop',
    ),
    namespace: namespaceOfNames,
    at: Type.Optional(
      Type.String({
        description: 'The end of the time that is told, RFC 3339; now if left out',
        examples: ['2026-11-20T16:58:00Z'],
        maxLength: 40,
      }),
    ),
    range: Type.Optional(
      Type.String({
        description: 'How long before it the numbers begin, at most `1h`; only the last ones if left out',
        examples: ['15m'],
        pattern: '^[1-9]\\d{0,3}[ms]$|^1h$',
      }),
    ),
  },
  { additionalProperties: false },
);

/** Maximum resources per answer, which is built in memory. */
const most = 2000;

export const resourceMetrics = {
  name: 'resourceMetrics',
  register(app, context) {
    const { graph, series, now = Date.now } = context;
    const schema = {
      summary: 'Usage over the last hour: CPU, memory, network, disks',
      tags: ['graph'],
      querystring,
      ...answers(metricsAnswer),
    };
    app.get('/cluster/metrics', { schema }, async (request, reply) => {
      const { of, root, at, range, namespace } = request.query;
      if (of !== undefined && root !== undefined)
        throw fault('bad_parameter', { parameter: 'of', reason: 'give either `of` or `root`, not both' });
      const [from, to] = spanOf(at, range, now());
      const named = of ?? root;
      const place = { parameter: of ? 'of' : 'root', namespace };
      const asked = named && idsNamed(named, place, context).map((id) => present(graph, id));
      const found = of && asked ? asked : await inTurns(reply, withNumbers(graph, series, asked));
      const told = found.slice(0, most);
      const resources = await inTurns(reply, tellAll({ graph, series, from, to }, told));
      const body = {
        success: true,
        timestamp: new Date(now()).toISOString(),
        from: new Date(from * minute).toISOString(),
        to: new Date(to * minute).toISOString(),
        step: minute / 1000,
        resources,
        ...(found.length > told.length ? { left: found.length - told.length } : {}),
        telemetry: Object.fromEntries([...graph.sources('telemetry')].toSorted(([a], [b]) => (a < b ? -1 : 1))),
      };
      return reply.header('cache-control', 'no-cache').send(body);
    });
  },
} as const satisfies Route;

/** Minutes since the epoch, up to the last complete one. @throws Fault `bad_parameter`. */
export function spanOf(at: string | undefined, range: string | undefined, now: number): [from: number, to: number] {
  const end = at === undefined ? now : Date.parse(at);
  if (Number.isNaN(end))
    throw fault('bad_parameter', { parameter: 'at', reason: 'it is not a time as RFC 3339 has it' });
  const to = Math.floor(end / minute);
  const [, amount = '0', unit = 'm'] = /^(\d+)([hms])$/.exec(range ?? '') ?? [];
  const minutes = Math.ceil((Number(amount) * { h: 3_600_000, m: minute, s: 1000 }[unit as 'h' | 'm' | 's']) / minute);
  if (minutes > minutesKept)
    throw fault('bad_parameter', { parameter: 'range', reason: `at most ${minutesKept}m are kept` });
  return [to - Math.max(0, minutes - 1), to];
}

/** Below the roots, or everything in this graph. */
function* withNumbers(
  graph: GraphReader,
  series: SeriesReader | undefined,
  roots: readonly Vertex[] | undefined,
): Steps<Vertex[]> {
  const found = new Set<Vertex>();
  for (const id of roots ? [] : [...(series?.ids() ?? [])]) {
    yield;
    const vertex = graph.get(id);
    if (vertex?.present) found.add(vertex);
  }
  for (const root of roots ?? []) {
    for (const vertex of yield* measuredBelow(root)) if (series?.of(vertex.id).length) found.add(vertex);
  }
  return [...found].toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

interface Telling {
  readonly graph: GraphReader;
  readonly series: RouteContext['series'];
  readonly from: number;
  readonly to: number;
}

function* tellAll(telling: Telling, vertices: readonly Vertex[]): Steps<{ [id: string]: unknown }> {
  const resources: { [id: string]: unknown } = {};
  for (const vertex of vertices) {
    resources[vertex.id] = yield* tell(telling, vertex);
  }
  return resources;
}

/** For a resource without numbers of its own: the sum over its containers. */
export function* tell(
  { graph, series, from, to }: Telling,
  vertex: Vertex,
): Steps<{ readonly [name: string]: unknown }> {
  const parts = holding(vertex) ? [vertex] : (yield* measuredBelow(vertex)).filter(({ type }) => type === 'Container');
  const table: { readonly [name: string]: Family } = vertex.type === 'Node' ? nodeFamilies : containerFamilies;
  const families: { [name: string]: unknown } = {};
  for (const [name, { unit, ofPod }] of Object.entries(table)) {
    const known = series ? parts.filter(({ id }) => series.of(id).includes(name)) : [];
    if (!series || known.length === 0) continue;
    const counted = ofPod ? oneOfEachPod(known) : known;
    // The last number may be two minutes old: it is read once a minute, at any second.
    const values = summed(counted.map(({ id }) => series.values(id, name, from - 2, to)));
    const last = values.findLast((value) => !Number.isNaN(value));
    const shown = values.slice(2).map((value) => (Number.isNaN(value) ? null : value));
    families[name] = { unit, last: last ?? null, values: shown, ...(parts.length > 1 ? { of: known.length } : {}) };
  }
  const asked = parts.filter(({ type }) => type === 'Container').map((part) => askedOf(graph, part));
  const oomKills = parts.reduce((sum, { id }) => sum + (series?.facts(id)?.oomKills ?? 0), 0);
  const by = new Set(parts.flatMap(({ id }) => series?.facts(id)?.by ?? []));
  return {
    ...(parts.length > 1 || !holding(vertex) ? { containers: parts.length } : {}),
    ...(by.size > 0 ? { by: [...by].toSorted() } : {}),
    families,
    requests: sumOf(asked.map(({ requests }) => requests)),
    limits: sumOf(asked.map(({ limits }) => limits)),
    ...(oomKills > 0 ? { oomKills } : {}),
  };
}

/** Containers of a Pod share its network, and each has all of its traffic. */
function oneOfEachPod(containers: readonly Vertex[]): Vertex[] {
  const podOfContainer = ({ id }: Vertex) => id.slice(0, id.lastIndexOf('/'));
  return [...new Map(containers.map((each) => [podOfContainer(each), each])).values()];
}

function askedOf(graph: GraphReader, vertex: Vertex) {
  return resourcesAsked((JSON.parse(graph.propertiesOf(vertex)) as { readonly spec?: unknown }).spec);
}

/** Only if all have it: a partial sum would look complete. */
function sumOf(amounts: readonly Amounts[]): Amounts {
  const of = (name: keyof Amounts) => {
    const all = amounts.flatMap((each) => each[name] ?? []);
    return all.length === 0 || all.length < amounts.length ? {} : { [name]: all.reduce((sum, each) => sum + each, 0) };
  };
  return { ...of('cpu'), ...of('memory') };
}
