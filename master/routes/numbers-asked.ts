// Which numbers answer a question: those of the last hour that are kept here, or those that a Prometheus has. What is missing is
// part of the answer.

import type { FastifyReply } from 'fastify';
import { Fault, fault } from '../../src/errors.ts';
import { parseId } from '../../src/ids.ts';
import type { Steps } from '../../src/steps.ts';
import { containerFamilies, type Family, nodeFamilies } from '../../src/telemetry-api.ts';
import type { GraphReader } from '../graph/engine/engine.ts';
import type { Vertex } from '../graph/model/vertex.ts';
import { parseTime } from '../history/moment.ts';
import type { PastAnswer, PastContainer, PastNumbers, PastQuestion } from '../series/past-numbers.ts';
import { type Amounts, resourcesAsked } from '../series/resources-asked.ts';
import { minute, minutesKept, type SeriesReader } from '../series/series.ts';
import { summed } from '../series/summed.ts';
import { holding, measuredBelow } from '../topology/measured-below.ts';
import { inTurns, whileThere } from './answer.ts';
import type { RouteContext } from './route.ts';

/** Maximum resources per answer, which is built in memory. */
const most = 2000;

interface SpanAsked {
  readonly at: string | undefined;
  readonly range: string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export interface MetricsAsked {
  readonly of: readonly string[] | undefined;
  readonly asked: readonly Vertex[] | undefined;
  readonly span: SpanAsked;
  readonly source: 'own' | 'prometheus' | undefined;
}

interface NumbersFound {
  readonly source: 'own' | 'prometheus';
  /** By id. */
  readonly resources: { readonly [id: string]: Numbered };
  /** How many more resources have numbers. */
  readonly left: number;
  /** Steps since the epoch. */
  readonly from: number;
  readonly to: number;
  /** Milliseconds. */
  readonly step: number;
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

/** Minutes between two numbers of a Prometheus. */
const stepsKnown = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440];
const points = { least: 12, most: 240, all: 40_000 } as const;
const longestRange = 31 * 1440;

/** The more there is to tell, the farther apart. @throws Fault `bad_parameter`. */
export function stepsOf(span: SpanAsked, count: number): Pick<NumbersFound, 'from' | 'to' | 'step'> {
  const { end, minutes } = timesOf(span);
  if (minutes > longestRange)
    throw fault('bad_parameter', { parameter: 'range', reason: `at most ${longestRange / 1440}d are asked for` });
  const wanted = Math.min(points.most, Math.max(points.least, Math.floor(points.all / Math.max(1, count))));
  const step = (stepsKnown.find((each) => minutes / each <= wanted) ?? 1440) * minute;
  const to = Math.floor(end / step);
  return { from: to - Math.max(0, Math.ceil((minutes * minute) / step) - 1), to, step };
}

/** Whether it is longer or older than what is kept here. */
function isBeyond(span: SpanAsked): boolean {
  const { end, minutes } = timesOf(span);
  return minutes > minutesKept || end < span.now - minutesKept * minute;
}

/** @throws Fault `bad_parameter`. */
function timesOf({ at, range, now }: SpanAsked): { readonly end: number; readonly minutes: number } {
  const end = at === undefined ? now : parseTime(at, 'at', now);
  const [, amount = '0', unit = 'm'] = /^(\d+)([smhd])$/.exec(range ?? '') ?? [];
  const length = { s: 1000, m: minute, h: 60 * minute, d: 1440 * minute }[unit as 's' | 'm' | 'h' | 'd'];
  return { end, minutes: Math.ceil((Number(amount) * length) / minute) };
}

/** Minutes since the epoch, up to the last complete one. @throws Fault `bad_parameter`. */
export function spanOf(at: string | undefined, range: string | undefined, now: number): [from: number, to: number] {
  const { end, minutes } = timesOf({ at, range, now });
  if (minutes > minutesKept)
    throw fault('bad_parameter', {
      parameter: 'range',
      reason: `at most ${minutesKept}m are kept here; a Prometheus that is configured has more`,
    });
  const to = Math.floor(end / minute);
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
  readonly series: Pick<SeriesReader, 'of' | 'values' | 'facts'> | undefined;
  readonly from: number;
  readonly to: number;
}

function* tellAll(telling: Telling, vertices: readonly Vertex[]): Steps<{ [id: string]: Numbered }> {
  const resources: { [id: string]: Numbered } = {};
  for (const vertex of vertices) {
    resources[vertex.id] = yield* tell(telling, vertex);
  }
  return resources;
}

interface Numbered {
  readonly families: { readonly [name: string]: unknown };
  readonly [name: string]: unknown;
}

/** For a resource without numbers of its own: the sum over its containers. */
export function* tell({ graph, series, from, to }: Telling, vertex: Vertex): Steps<Numbered> {
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
