// GET /cluster/right-sizing: requests of containers against their usage, of the last hour or of weeks, by workload, with a recommended
// value, the reason, and the document of an action that sets it, ready for the actor or a gateway. It changes nothing.

import { parseId } from '../../src/ids.ts';
import { Type } from '../../src/schema.ts';
import type { Steps } from '../../src/steps.ts';
import { bestUsage, type RightSizing, rightSizing as sizingOf } from '../analysis/right-sizing.ts';
import { type SizingAction, sizingAction } from '../analysis/sizing-action.ts';
import type { GraphReader } from '../graph/engine/engine.ts';
import type { Vertex } from '../graph/model/vertex.ts';
import { present } from '../graph/questions/select.ts';
import { parseWildcards, type Wildcards } from '../graph/questions/wildcard.ts';
import { measuredOf } from '../series/measured.ts';
import type { PastUseReader } from '../series/past-use.ts';
import { resourcesAsked } from '../series/resources-asked.ts';
import { minute, type SeriesReader } from '../series/series.ts';
import { usageOf } from '../series/usage.ts';
import { measuredBelow } from '../topology/measured-below.ts';
import { asItIs } from '../topology/neighbours.ts';
import { podOf } from '../topology/pod-of.ts';
import { rootOf } from '../topology/root-of.ts';
import { rightSizingAnswer } from './answers/numbers.ts';
import { idsNamed, namespacesKept } from './ids-named.ts';
import { inTurns } from './in-turns.ts';
import type { Route } from './route.ts';
import { answers } from './schemas.ts';
import { unknownMember, unknownNamespaces } from './unknown-namespaces.ts';

const querystring = Type.Object(
  {
    root: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 2048 }), {
        description: 'Ids below which workloads are looked at; without it all that have numbers',
        examples: [['Namespace:shop']],
        minItems: 1,
        maxItems: 500,
      }),
    ),
    namespace: namespacesKept,
  },
  { additionalProperties: false },
);

/** Maximum workloads per answer, which is built in memory. */
const most = 2000;

export const rightSizing = {
  name: 'rightSizing',
  register(app, context) {
    const { graph, series, pastUse, now = Date.now } = context;
    const schema = {
      summary: 'What containers ask for against what they used, with a value to set and the reason',
      tags: ['graph'],
      querystring,
      ...answers(rightSizingAnswer),
    };
    app.get('/cluster/right-sizing', { schema }, async (request, reply) => {
      const { root, namespace } = request.query;
      const roots = root && idsNamed(root, { parameter: 'root', namespace }, context).map((id) => present(graph, id));
      const namespaces = namespace === undefined ? () => true : parseWildcards(namespace, 'namespace');
      const all = await inTurns(reply, sized({ graph, series, pastUse, now: now() }, roots, namespaces));
      const body = {
        success: true,
        timestamp: new Date(now()).toISOString(),
        workloads: all.slice(0, most),
        ...(all.some(({ facts }) => facts.length > 0) ? {} : { reason: whyNothing(all) }),
        ...(all.length > most ? { left: all.length - most } : {}),
        ...unknownMember(unknownNamespaces(namespace, graph)),
      };
      return reply.header('cache-control', 'no-cache').send(body);
    });
  },
} as const satisfies Route;

interface Measuring {
  readonly graph: GraphReader;
  readonly series: SeriesReader | undefined;
  readonly pastUse: PastUseReader | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

interface Sized extends RightSizing {
  readonly workload: string;
  readonly container: string;
  /** What can be proposed as it is. */
  readonly action?: SizingAction;
}

/** Why nothing is proposed. */
function whyNothing(all: readonly Sized[]): string {
  const unknown = all.flatMap((each) => each.unknown ?? []);
  const [example] = unknown;
  if (all.length === 0)
    return 'no usage of a container is known: no probe, kubelet or metrics-server tells of one, nor a Prometheus';
  const few = `${unknown.length} of ${all.length} are not known long enough, such as one: ${example}`;
  const fitting = 'what containers ask for fits what they used';
  if (example === undefined) return fitting;
  return unknown.length < all.length ? `${fitting}, where it is known; ${few}` : few;
}

interface Group {
  readonly workload: Vertex;
  readonly name: string;
  readonly members: Vertex[];
}

function* sized(measuring: Measuring, roots: readonly Vertex[] | undefined, namespaces: Wildcards): Steps<Sized[]> {
  const groups = new Map<string, Group>();
  for (const vertex of yield* measured(measuring, roots)) {
    yield;
    if (!namespaces(vertex.namespace)) continue;
    const pod = podOf(asItIs, vertex);
    if (pod === undefined) continue;
    const [workload, name] = [rootOf(pod), parseId(vertex.id).path.split('/').at(-1) ?? ''];
    const key = `${workload.id} ${name}`;
    const group = groups.get(key);
    if (group) group.members.push(vertex);
    else groups.set(key, { workload, name, members: [vertex] });
  }
  const told: Sized[] = [];
  for (const group of groups.values()) {
    yield;
    const one = sizedOf(measuring, group);
    if (one) told.push(one);
  }
  return told.toSorted((a, b) => (a.workload + a.container < b.workload + b.container ? -1 : 1));
}

/** Undefined where nothing is known of it. */
function sizedOf({ graph, series, pastUse, now }: Measuring, { workload, name, members }: Group): Sized | undefined {
  const [first] = members;
  const past = pastUse?.of(workload.id, name);
  const counted = members.filter(({ id }) => (series?.of(id) ?? []).length > 0);
  const failure = pastUse?.failureOf(workload.id);
  if (first === undefined || (counted.length === 0 && past === undefined && failure === undefined)) return undefined;
  const own = usageOf(series ? counted.map(({ id }) => measuredOf(series, id, Math.floor(now / minute))) : []);
  const { spec } = JSON.parse(graph.propertiesOf(first)) as { readonly spec?: unknown };
  const sizing = sizingOf(bestUsage(past, own), resourcesAsked(spec));
  const object = sizing.facts.length > 0 ? (JSON.parse(graph.propertiesOf(workload)) as unknown) : undefined;
  const action = sizingAction({ id: workload.id, type: workload.type, object }, name, sizing.facts, now);
  const { unknown } = sizing;
  return {
    ...{ workload: workload.id, container: name, ...sizing, ...(action && { action }) },
    ...(unknown === undefined || failure === undefined ? {} : { unknown: `${unknown}; ${failure}` }),
  };
}

/** Containers that something is known of. */
function* measured({ graph, series, pastUse }: Measuring, roots: readonly Vertex[] | undefined): Steps<Vertex[]> {
  const found = new Set<Vertex>();
  for (const id of roots ? [] : [...(series?.ids() ?? [])]) {
    yield;
    const vertex = graph.get(id);
    if (vertex?.present && vertex.type === 'Container') found.add(vertex);
  }
  const workloads = [...(roots ? [] : (pastUse?.workloads() ?? []))].flatMap((id) => graph.get(id) ?? []);
  for (const root of roots ?? workloads.filter(({ present: isThere }) => isThere))
    for (const vertex of yield* measuredBelow(root)) if (vertex.type === 'Container') found.add(vertex);
  return [...found];
}
