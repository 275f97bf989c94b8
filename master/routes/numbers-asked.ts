// Which numbers answer a question: those of the last hour that are kept here, or those that a Prometheus has. What is missing is
// part of the answer.

import { Fault, fault } from '../../src/errors.ts';
import { parseId } from '../../src/ids.ts';
import type { Steps } from '../../src/steps.ts';
import type { GraphReader } from '../graph/engine/engine.ts';
import type { Vertex } from '../graph/model/vertex.ts';
import type { Wildcards } from '../graph/questions/wildcard.ts';
import type { PastAnswer, PastContainer, PastNumbers, PastQuestion } from '../series/past-numbers.ts';
import { minute, minutesKept, type SeriesReader } from '../series/series.ts';
import { measuredBelow } from '../topology/measured-below.ts';
import type { Running } from './in-turns.ts';
import { isBeyond, type SpanAsked, type Stepped, spanOf, stepsOf } from './numbers-span.ts';
import { type Numbered, type Telling, tellAll } from './numbers-told.ts';
import type { RouteContext } from './route.ts';

/** Maximum resources per answer, which is built in memory. */
const most = 2000;

/** Where numbers come from. */
type NumbersContext = Pick<RouteContext, 'graph' | 'series' | 'prometheus' | 'clusters'>;

export interface MetricsAsked {
  readonly of: readonly string[] | undefined;
  readonly asked: readonly Vertex[] | undefined;
  /** Keeps what is below roots, or everything, to these namespaces. */
  readonly namespaces?: Wildcards | undefined;
  readonly span: SpanAsked;
  readonly source: 'own' | 'prometheus' | undefined;
}

interface NumbersFound extends Stepped {
  readonly source: 'own' | 'prometheus';
  /** By id. */
  readonly resources: { readonly [id: string]: Numbered };
  /** How many more resources have numbers. */
  readonly left: number;
  /** Why something is missing. */
  readonly unknown: string | undefined;
}

/** Where the choice is free, a Prometheus that fails makes no question fail. @throws Fault `bad_parameter`. */
export async function numbersAsked(
  running: Running,
  context: NumbersContext,
  asked: MetricsAsked,
): Promise<NumbersFound> {
  const { prometheus } = context;
  if (prometheus === undefined) {
    if (asked.source === 'prometheus') throw fault('bad_parameter', { parameter: 'source', reason: whyNone(context) });
    return ownNumbers(running, context, asked);
  }
  if (asked.source === 'prometheus' || (asked.source === undefined && isBeyond(asked.span)))
    return pastNumbers(running, { ...context, prometheus }, asked);
  const own = await ownNumbers(running, context, asked);
  if (asked.source === 'own' || isKnown(own)) return own;
  try {
    return await pastNumbers(running, { ...context, prometheus }, asked);
  } catch (error) {
    if (!(error instanceof Fault) || !ofPrometheus.has(error.code)) throw error;
    return { ...own, unknown: error.message };
  }
}

const ofPrometheus: ReadonlySet<string> = new Set([
  ...['prometheus_failed', 'prometheus_too_much', 'credentials_unreadable', 'overloaded'],
]);

const nothingKnown =
  'nothing here measures any of it at that time: completeness says how the probes, kubelets and metrics-server stand';

/** Followers may serve many clusters, each with a Prometheus of its own. */
const ofFollowers = 'a replica or gateway asks no Prometheus: the master of a cluster does, where one is configured';

function whoHasMore({ clusters }: NumbersContext): string {
  return clusters === undefined ? 'a Prometheus that is configured has more' : ofFollowers;
}

function whyNone({ clusters }: NumbersContext): string {
  return clusters === undefined ? 'no Prometheus is configured' : ofFollowers;
}

function isKnown({ resources }: Pick<NumbersFound, 'resources'>): boolean {
  return Object.values(resources).some(({ families }) => Object.keys(families).length > 0);
}

async function ownNumbers(
  running: Running,
  context: NumbersContext,
  { of, asked, namespaces, span }: MetricsAsked,
): Promise<NumbersFound> {
  const { graph, series } = context;
  const [from, to] = spanOf(span, whoHasMore(context));
  const found = of && asked ? asked : await running.inTurns(withNumbers(graph, series, asked, namespaces));
  const told = await toldOf(running, { graph, series, from, to }, found);
  const nothing = isBeyond(span) ? `only the last ${minutesKept}m are kept here; ${whoHasMore(context)}` : nothingKnown;
  return { source: 'own', ...told, from, to, step: minute, unknown: isKnown(told) ? undefined : nothing };
}

async function toldOf(running: Running, telling: Telling, found: readonly Vertex[]) {
  const told = found.slice(0, most);
  const resources = await running.inTurns(tellAll(telling, told));
  return { resources, left: found.length - told.length };
}

/** @throws Fault `bad_parameter`, or as `PastNumbers.ask` does. */
async function pastNumbers(
  running: Running,
  { graph, prometheus }: NumbersContext & { readonly prometheus: PastNumbers },
  { of, asked, namespaces, span }: MetricsAsked,
): Promise<NumbersFound> {
  const measured = await running.inTurns(measuredOf(graph, asked, of ? undefined : namespaces));
  if (measured.length > most)
    throw fault('bad_parameter', {
      parameter: of ? 'of' : 'root',
      reason: `a Prometheus is asked for at most ${most} containers and nodes at once, and these are more`,
    });
  const { from, to, step } = stepsOf(span, measured.length);
  const question = { containers: measured.flatMap(containerOf), nodes: measured.flatMap(nodeOf), from, to, step };
  const answer = await running.whileThere((signal) => prometheus.ask(question, signal));
  const found = of && asked ? asked : measured.filter(({ id }) => answer.of(id).length > 0);
  const told = await toldOf(running, { graph, series: answer, from, to }, found);
  return { source: 'prometheus', ...told, from, to, step, unknown: missingOf(question, answer) };
}

function containerOf({ id, type }: Vertex): PastContainer[] {
  const [namespace, pod, container, ...more] = type === 'Container' ? parseId(id).path.split('/') : [];
  if (namespace === undefined || pod === undefined || container === undefined || more.length > 0) return [];
  return [{ id, namespace, pod, container }];
}

function nodeOf({ id, type, name }: Vertex) {
  return type === 'Node' ? [{ id, node: name }] : [];
}

function missingOf({ containers, nodes }: PastQuestion, { known, partly }: PastAnswer): string | undefined {
  const all = containers.length + nodes.length;
  const few =
    known < all
      ? [`the Prometheus has numbers of ${known} of the ${all} containers and nodes that it was asked for`]
      : [];
  const missing = [...few, ...(partly === undefined ? [] : [partly])];
  return missing.length === 0 ? undefined : missing.join('; ');
}

/** Containers and nodes of the roots; all there are without. */
function* measuredOf(
  graph: GraphReader,
  roots: readonly Vertex[] | undefined,
  namespaces: Wildcards = everywhere,
): Steps<Vertex[]> {
  const found = new Set<Vertex>();
  for (const type of roots ? [] : ['Container', 'Node'])
    for (const namespace of [...graph.namespacesOf(type)].filter((each) => namespaces(each)))
      for (const vertex of graph.members(type, namespace)) {
        yield;
        found.add(vertex);
        // More are refused anyway.
        if (found.size > most) return [...found];
      }
  for (const root of roots ?? [])
    for (const vertex of yield* measuredBelow(root)) if (namespaces(vertex.namespace)) found.add(vertex);
  return [...found].toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

const everywhere = () => true;

/** Below the roots, or everything in this graph. */
function* withNumbers(
  graph: GraphReader,
  series: SeriesReader | undefined,
  roots: readonly Vertex[] | undefined,
  namespaces: Wildcards = everywhere,
): Steps<Vertex[]> {
  const found = new Set<Vertex>();
  const add = (vertex: Vertex) => namespaces(vertex.namespace) && found.add(vertex);
  for (const id of roots ? [] : [...(series?.ids() ?? [])]) {
    yield;
    const vertex = graph.get(id);
    if (vertex?.present) add(vertex);
  }
  for (const root of roots ?? []) {
    for (const vertex of yield* measuredBelow(root)) if (series?.of(vertex.id).length) add(vertex);
  }
  return [...found].toSorted((a, b) => (a.id < b.id ? -1 : 1));
}
