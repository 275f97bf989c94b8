// GET /cluster/right-sizing: requests of containers against their usage in the last hour, by workload, with a recommended
// value, the reason, and the document of an action that sets it, ready for the actor or a gateway. It changes nothing.

import { parseId } from '../../src/ids.ts';
import { Type } from '../../src/schema.ts';
import type { Steps } from '../../src/steps.ts';
import { type MeasuredContainer, type RightSizing, rightSizing as sizingOf } from '../analysis/right-sizing.ts';
import { type SizingAction, sizingAction } from '../analysis/sizing-action.ts';
import type { GraphReader } from '../graph/engine/engine.ts';
import type { Vertex } from '../graph/model/vertex.ts';
import { present } from '../graph/questions/select.ts';
import { memoryUsed } from '../series/memory-used.ts';
import { resourcesAsked } from '../series/resources-asked.ts';
import { minute, minutesKept, type SeriesReader } from '../series/series.ts';
import { measuredBelow } from '../topology/measured-below.ts';
import { asItIs, neighbours } from '../topology/neighbours.ts';
import { podOf } from '../topology/pod-of.ts';
import { inTurns } from './answer.ts';
import { namespaceOfNames } from './ids-named.ts';
import { idsNamed } from './query.ts';
import type { Route } from './route.ts';
import { answers, rightSizingAnswer } from './schemas.ts';

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
    namespace: namespaceOfNames,
  },
  { additionalProperties: false },
);

/** Maximum workloads per answer, which is built in memory. */
const most = 2000;

export const rightSizing = {
  name: 'rightSizing',
  register(app, context) {
    const { graph, series, now = Date.now } = context;
    const schema = {
      summary: 'What containers ask for against what they used, with a value to set and the reason',
      tags: ['graph'],
      querystring,
      ...answers(rightSizingAnswer),
    };
    app.get('/cluster/right-sizing', { schema }, async (request, reply) => {
      const { root, namespace } = request.query;
      const roots = root && idsNamed(root, { parameter: 'root', namespace }, context).map((id) => present(graph, id));
      const all = await inTurns(reply, sized({ graph, series, now: now() }, roots));
      const body = {
        success: true,
        timestamp: new Date(now()).toISOString(),
        workloads: all.slice(0, most),
        ...(all.length > most ? { left: all.length - most } : {}),
      };
      return reply.header('cache-control', 'no-cache').send(body);
    });
  },
} as const satisfies Route;

interface Measuring {
  readonly graph: GraphReader;
  readonly series: SeriesReader | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

interface Sized extends RightSizing {
  readonly workload: string;
  readonly container: string;
  /** What can be proposed as it is. */
  readonly action?: SizingAction;
}

function* sized({ graph, series, now }: Measuring, roots: readonly Vertex[] | undefined): Steps<Sized[]> {
  const groups = new Map<string, { readonly workload: Vertex; readonly name: string; readonly members: Vertex[] }>();
  for (const vertex of yield* measured(graph, series, roots)) {
    yield;
    const pod = podOf(asItIs, vertex);
    if (pod === undefined) continue;
    const [workload, name] = [workloadOf(pod), parseId(vertex.id).path.split('/').at(-1) ?? ''];
    const key = `${workload.id} ${name}`;
    const group = groups.get(key);
    if (group) group.members.push(vertex);
    else groups.set(key, { workload, name, members: [vertex] });
  }
  const told: Sized[] = [];
  for (const { workload, name, members } of groups.values()) {
    yield;
    const [first] = members;
    if (first === undefined || series === undefined) continue;
    const { spec } = JSON.parse(graph.propertiesOf(first)) as { readonly spec?: unknown };
    const sizing = sizingOf(
      members.map((each) => measuredOf(series, each.id, Math.floor(now / minute))),
      resourcesAsked(spec),
    );
    const object = sizing.facts.length > 0 ? (JSON.parse(graph.propertiesOf(workload)) as unknown) : undefined;
    const action = sizingAction({ id: workload.id, type: workload.type, object }, name, sizing.facts, now);
    told.push({ workload: workload.id, container: name, ...sizing, ...(action && { action }) });
  }
  return told.toSorted((a, b) => (a.workload + a.container < b.workload + b.container ? -1 : 1));
}

function* measured(
  graph: GraphReader,
  series: SeriesReader | undefined,
  roots: readonly Vertex[] | undefined,
): Steps<Vertex[]> {
  const found = new Set<Vertex>();
  if (series === undefined) return [];
  for (const id of roots ? [] : [...series.ids()]) {
    yield;
    const vertex = graph.get(id);
    if (vertex?.present && vertex.type === 'Container') found.add(vertex);
  }
  for (const root of roots ?? []) {
    for (const vertex of yield* measuredBelow(root))
      if (vertex.type === 'Container' && series.of(vertex.id).length > 0) found.add(vertex);
  }
  return [...found];
}

/** Chains of owners are short; a cycle must not loop for ever. */
const farthest = 4;

/** The topmost owner, such as the Deployment of a ReplicaSet; a bare Pod itself. */
function workloadOf(pod: Vertex): Vertex {
  let top = pod;
  for (let steps = 0; steps < farthest; steps++) {
    const found = [...neighbours(asItIs, top, 'monitors', 'in'), ...neighbours(asItIs, top, 'owns', 'in')];
    // A static Pod is owned by its node, which has nothing to set.
    const owner = found.find((each) => each.present && each.type !== 'Node');
    if (owner === undefined) return top;
    top = owner;
  }
  return top;
}

function measuredOf(series: SeriesReader, id: string, to: number): MeasuredContainer {
  const values = (family: string) => series.values(id, family, to - minutesKept + 1, to);
  const memory = memoryUsed(series, id, to - minutesKept + 1, to);
  const oomKills = series.facts(id)?.oomKills ?? 0;
  return { cpu: values('cpu'), cpuThrottled: values('cpuThrottled'), memory, oomKills };
}
