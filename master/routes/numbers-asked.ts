// Which numbers answer a question: those of the last hour that are kept here, or those that a Prometheus has. What is missing is
// part of the answer.

import type { FastifyReply } from 'fastify';
import { Fault, fault } from '../../src/errors.ts';
import { parseId } from '../../src/ids.ts';
import type { Steps } from '../../src/steps.ts';
import type { GraphReader } from '../graph/engine/engine.ts';
import type { Vertex } from '../graph/model/vertex.ts';
import type { PastAnswer, PastContainer, PastNumbers, PastQuestion } from '../series/past-numbers.ts';
import { minute, type SeriesReader } from '../series/series.ts';
import { measuredBelow } from '../topology/measured-below.ts';
import { inTurns, whileThere } from './in-turns.ts';
import { isBeyond, type SpanAsked, type Stepped, spanOf, stepsOf } from './numbers-span.ts';
import { type Numbered, type Telling, tellAll } from './numbers-told.ts';
import type { RouteContext } from './route.ts';

/** Maximum resources per answer, which is built in memory. */
const most = 2000;

export interface MetricsAsked {
  readonly of: readonly string[] | undefined;
  readonly asked: readonly Vertex[] | undefined;
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
  reply: FastifyReply,
  context: RouteContext,
  asked: MetricsAsked,
): Promise<NumbersFound> {
  const { prometheus } = context;
  if (prometheus === undefined) {
    if (asked.source === 'prometheus')
      throw fault('bad_parameter', { parameter: 'source', reason: 'no Prometheus is configured' });
    return ownNumbers(reply, context, asked);
  }
  if (asked.source === 'prometheus' || (asked.source === undefined && isBeyond(asked.span)))
    return pastNumbers(reply, { ...context, prometheus }, asked);
  const own = await ownNumbers(reply, context, asked);
  if (asked.source === 'own' || isKnown(own)) return own;
  try {
    return await pastNumbers(reply, { ...context, prometheus }, asked);
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

function isKnown({ resources }: Pick<NumbersFound, 'resources'>): boolean {
  return Object.values(resources).some(({ families }) => Object.keys(families).length > 0);
}

async function ownNumbers(
  reply: FastifyReply,
  { graph, series }: RouteContext,
  { of, asked, span }: MetricsAsked,
): Promise<NumbersFound> {
  const [from, to] = spanOf(span.at, span.range, span.now);
  const found = of && asked ? asked : await inTurns(reply, withNumbers(graph, series, asked));
  const told = await toldOf(reply, { graph, series, from, to }, found);
  return { source: 'own', ...told, from, to, step: minute, unknown: isKnown(told) ? undefined : nothingKnown };
}

async function toldOf(reply: FastifyReply, telling: Telling, found: readonly Vertex[]) {
  const told = found.slice(0, most);
  const resources = await inTurns(reply, tellAll(telling, told));
  return { resources, left: found.length - told.length };
}

/** @throws Fault `bad_parameter`, or as `PastNumbers.ask` does. */
async function pastNumbers(
  reply: FastifyReply,
  { graph, prometheus }: RouteContext & { readonly prometheus: PastNumbers },
  { of, asked, span }: MetricsAsked,
): Promise<NumbersFound> {
  const measured = await inTurns(reply, measuredOf(graph, asked));
  if (measured.length > most)
    throw fault('bad_parameter', {
      parameter: of ? 'of' : 'root',
      reason: `a Prometheus is asked for at most ${most} containers and nodes at once, and these are more`,
    });
  const { from, to, step } = stepsOf(span, measured.length);
  const question = { containers: measured.flatMap(containerOf), nodes: measured.flatMap(nodeOf), from, to, step };
  const answer = await whileThere(reply, (signal) => prometheus.ask(question, signal));
  const found = of && asked ? asked : measured.filter(({ id }) => answer.of(id).length > 0);
  const told = await toldOf(reply, { graph, series: answer, from, to }, found);
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
function* measuredOf(graph: GraphReader, roots: readonly Vertex[] | undefined): Steps<Vertex[]> {
  const found = new Set<Vertex>();
  for (const type of roots ? [] : ['Container', 'Node'])
    for (const namespace of graph.namespacesOf(type))
      for (const vertex of graph.members(type, namespace)) {
        yield;
        found.add(vertex);
        // More are refused anyway.
        if (found.size > most) return [...found];
      }
  for (const root of roots ?? []) for (const vertex of yield* measuredBelow(root)) found.add(vertex);
  return [...found].toSorted((a, b) => (a.id < b.id ? -1 : 1));
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
