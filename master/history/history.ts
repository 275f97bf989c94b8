// Queries of the past: the graph at a moment, differences, the life of a resource, numbers of changes. Past graphs are
// built once and cached: they never change.
import { createHash } from 'node:crypto';
import type { Clock } from '../../src/clock.ts';
import { Fault, fault } from '../../src/errors.ts';
import type { GraphReader } from '../graph/contract.ts';
import type { Trim } from '../graph/questions/query.ts';
import type { Narrowing } from '../graph/revisions/feed.ts';
import type { Turns } from '../turns.ts';
import type { Moment, Overview } from './archive-reader.ts';
import type { Streams } from './asks.ts';
import type { Count } from './change-counts.ts';
import { type Difference, differenceOf } from './difference.ts';
import { KeptGraphs } from './kept-graphs.ts';
import { type AskedSpan, Moments } from './moments.ts';
import { PastGraph, type PastGraphOptions } from './past-graph.ts';
import { PastTexts } from './past-texts.ts';
import type { Recorder, RecorderState } from './recorder.ts';
import type { Gap } from './records.ts';
import type { Observed } from './segment-changes.ts';
import type { DifferencePart, DifferenceQuestion } from './segment-difference.ts';
import type { Life } from './segment-life.ts';
import type { Reach } from './segment-load.ts';
import type { Places } from './segment-walk.ts';
import { type Thread, ThreadFailure } from './threads.ts';
import { Walk, WalkedGraph } from './walk.ts';

/** The graph at a moment. */
export interface Past {
  readonly graph: GraphReader;
  readonly epoch: string;
  readonly moment: Moment;
  /** The requested time in milliseconds; the last change before it may be much older. */
  readonly time: number;
  /** The answer to the same question will never change. */
  readonly lasting: boolean;
  /** Gaps that contain the moment. */
  readonly gaps: readonly Gap[];
  /** Set if only a part of the graph is in memory: questions must run through it. */
  readonly walk?: Walk | undefined;
}

export interface AskedDifference {
  readonly from: string;
  readonly to: string;
  readonly narrowing: Narrowing;
  readonly texts: boolean;
  /** Whether resources with other timestamps only count as different. */
  readonly exact?: boolean | undefined;
  /** What is shown, as in `/cluster/watch`. */
  readonly trim?: Trim | undefined;
}

export interface AskedTexts extends Pick<AskedDifference, 'from' | 'to'> {
  readonly question: DifferenceQuestion;
}

/** A difference of any size, in portions. */
export interface DifferenceTexts {
  readonly from: Moment;
  readonly to: Moment;
  readonly gaps: readonly Gap[];
  readonly parts: AsyncIterable<DifferencePart>;
}

export interface FoundDifference extends Difference {
  readonly from: Moment;
  readonly to: Moment;
  /** At the last moment, as JSON text. */
  readonly completeness: string;
  /** Gaps between the two moments. */
  readonly gaps: readonly Gap[];
}

export interface Timeline {
  /** Milliseconds. */
  readonly from: number;
  readonly to: number;
  readonly counts: readonly Count[];
  readonly gaps: readonly Gap[];
}

export interface HistoryOverview extends Overview {
  readonly state: RecorderState;
  readonly place: 'folder' | 'memory';
  readonly limits: { readonly age: number; readonly bytes: number };
  /** Callers with restricted rights do not see everything. */
  readonly partly?: true;
  /** Milliseconds that the recording is ahead of the clock, which was set back. */
  readonly ahead?: number;
  /** Milliseconds that the clock is ahead of where it was expected, while what that makes too old is kept. */
  readonly clockAhead?: number;
}

export interface FoundLife extends Life {
  readonly gaps: readonly Gap[];
}

/**
 * The interface for routes. All methods throw the faults of a moment: `history_off`, `history_expired`, `history_damaged`,
 * `bad_parameter`.
 */
export interface History {
  /** `reach`: the part that the question needs; of a large graph only this part is read. @throws Fault `query_too_large`. */
  at(asked: string, reach?: Reach): Promise<Past>;
  /** For questions that follow relations: a large graph is read along the way. */
  walk(asked: string): Promise<Past>;
  /** The texts at a moment, without building its graph; undefined if the graph is built anyway. */
  texts(asked: string): Promise<PastTexts | undefined>;
  /** @throws Fault `query_too_large`. */
  difference(asked: AskedDifference): Promise<FoundDifference>;
  /** Undefined for callers who see only a part of the graph. */
  differenceTexts(asked: AskedTexts): Promise<DifferenceTexts | undefined>;
  life(id: string, span: AskedSpan): Promise<FoundLife>;
  timeline(span: AskedSpan, buckets: number): Promise<Timeline>;
  overview(): Promise<HistoryOverview>;
}

export interface HistoryOptions {
  readonly recorder: Pick<Recorder, 'flush' | 'state' | 'end' | 'clockAhead'>;
  readonly thread: Pick<Thread, 'ask' | 'stream'>;
  readonly place: HistoryOverview['place'];
  readonly limits: HistoryOverview['limits'];
  readonly graph: Pick<PastGraphOptions, 'clusterName' | 'rules' | 'virtualTypes' | 'retention'>;
  readonly turns: Pick<Turns, 'run'>;
  /** Never goes back. */
  readonly clock: Clock;
  /** The clock of the machine. */
  readonly wall: Clock;
  /** Maximum resources in a past graph. */
  readonly most?: number;
  /** Maximum resources that one question may visit. */
  readonly mostWalked?: number;
}

const usualMost = 50_000;
/** Graphs of up to this many resources are always built whole: that takes a tenth of a second. */
const usualFew = 2_000;
const mostGraphs = 4;
/** Milliseconds; less is between one look at the clock and the next. */
const mostAhead = 1_000;
const hint = 'narrow it, with namespace= or type= for example';

export class RecordedHistory implements History {
  readonly moments: Moments;
  readonly #options: HistoryOptions;
  readonly #most: number;
  readonly #few: number;
  readonly #graphs = new KeptGraphs<PastGraph>({ most: mostGraphs, graphOf: (graph) => graph });

  constructor(options: HistoryOptions) {
    this.#options = options;
    const { recorder, clock } = options;
    this.moments = new Moments({ recorder, clock, ask: this.#ask });
    this.#most = options.most ?? usualMost;
    this.#few = Math.min(this.#most, usualFew);
  }

  async at(asked: string, reach?: Reach): Promise<Past> {
    const { moment, time, lasting, gaps } = await this.moments.of(asked, 'at');
    const graph = await this.graphAt(moment, reach);
    return { graph, epoch: moment.epoch, moment, time, lasting, gaps };
  }

  async walk(asked: string): Promise<Past> {
    const { moment, time, lasting, gaps } = await this.moments.of(asked, 'at');
    const told = { epoch: moment.epoch, moment, time, lasting, gaps };
    if (!this.#isInParts(moment)) return { ...told, graph: await this.graphAt(moment, undefined) };
    const graph = new WalkedGraph({ ...this.#options.graph, ...(await this.#ask('facts', moment)), moment });
    const stream: Thread['stream'] = (what, of) => this.#stream(what, of);
    const places = () => this.#ask('places', moment);
    const { turns, mostWalked: most = usualMost } = this.#options;
    return { ...told, graph, walk: new Walk({ graph, moment, stream, places, most, turns }) };
  }

  async texts(asked: string): Promise<PastTexts | undefined> {
    const { moment, lasting, gaps } = await this.moments.of(asked, 'at');
    if (!this.#isInParts(moment)) return undefined;
    const { completeness } = await this.#ask('facts', moment);
    const stream: Thread['stream'] = (what, of) => this.#stream(what, of);
    return new PastTexts({ moment, completeness, lasting, gaps, stream, turns: this.#options.turns });
  }

  async differenceTexts({ from, to, question }: AskedTexts): Promise<DifferenceTexts> {
    const { first, last } = await this.moments.between(from, to);
    const gaps = await this.moments.gapsBetween(first.time, last.time);
    const between = { from: first.moment, to: last.moment };
    return { ...between, gaps, parts: this.#stream('difference', { ...between, question }) };
  }

  async difference({ from, to, narrowing, texts, exact, trim }: AskedDifference): Promise<FoundDifference> {
    const { first, last } = await this.moments.between(from, to);
    const ids = await this.touched(first.moment, last.moment);
    const reach = { ids: [...ids.keys()] };
    const [before, after] = [await this.graphAt(first.moment, reach), await this.graphAt(last.moment, reach)];
    const steps = differenceOf(before, after, { ids, narrowing, texts, exact, trim });
    const found = await this.#options.turns.run(steps, never);
    const gaps = await this.moments.gapsBetween(first.time, last.time);
    return { ...found, from: first.moment, to: last.moment, completeness: after.completeness(), gaps };
  }

  /** What may differ between two moments. @throws Fault `query_too_large`. */
  async touched(from: Moment, to: Moment): Promise<ReadonlyMap<string, Observed>> {
    const found = new Map<string, Observed>();
    for await (const some of this.#stream('touched', { from, to })) {
      for (const { id, observed } of some) if (observed.observed !== 'watch' || !found.has(id)) found.set(id, observed);
      this.#bound(found.size, 'resources changed');
    }
    return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  async life(id: string, span: AskedSpan): Promise<FoundLife> {
    const { from, to } = await this.moments.spanOf(span);
    const life = await this.#ask('life', { id, from, to });
    return { ...life, gaps: await this.moments.gapsBetween(from, to) };
  }

  async timeline(
    span: AskedSpan,
    buckets: number,
    since?: { readonly [namespace: string]: number | null },
  ): Promise<Timeline> {
    const { from, to } = await this.moments.spanOf(span);
    const { oldestAvailable } = await this.#ask('overview', undefined);
    const begin = span.whole ? from : Math.max(from, Date.parse(oldestAvailable ?? '') || from);
    if (begin >= to) throw fault('bad_parameter', { parameter: 'from', reason: 'it is not before `to`' });
    const counts: Count[] = [];
    for await (const some of this.#stream('timeline', { from: begin, to, buckets, since })) counts.push(...some);
    return { from: begin, to, counts, gaps: await this.moments.gapsBetween(begin, to) };
  }

  async overview(): Promise<HistoryOverview> {
    const { recorder, place, limits, wall } = this.#options;
    const { now } = await this.moments.now();
    const { bound, ...overview } = await this.#ask('overview', undefined);
    const gaps = [...overview.gaps, ...this.moments.gapsAfter(overview, now)];
    const ahead = now - wall();
    const { state, clockAhead } = recorder;
    const told = { ...overview, gaps, state, place, limits: { ...limits, bytes: bound } };
    return { ...told, ...(ahead > mostAhead && { ahead }), ...(clockAhead > 0 && { clockAhead }) };
  }

  /** Types and namespaces with objects around that time. */
  placesAt(moment: Moment): Promise<Places> {
    return this.#ask('places', moment);
  }

  /** Whether only parts of the graph of that moment may be built. */
  isLarge({ size }: Moment): boolean {
    return size > this.#most;
  }

  since(uids: { readonly [namespace: string]: string }): Promise<{ readonly [namespace: string]: number | null }> {
    return this.#ask('since', uids);
  }

  /** The whole graph if small, otherwise what the question needs. @throws Fault `query_too_large`. */
  graphAt(moment: Moment, reach: Reach | undefined): Promise<PastGraph> {
    const part = this.#isInParts(moment) ? (reach ?? {}) : {};
    if (Object.keys(part).length === 0) this.#bound(moment.size, 'resources are known of that time');
    return this.#graphs.get(keyOf(moment, part), () => this.#load(moment, part));
  }

  /** Whether only the requested part is read. */
  #isInParts(moment: Moment): boolean {
    return moment.size > this.#few && !this.#graphs.has(keyOf(moment, {}));
  }

  async #load(moment: Moment, reach: Reach): Promise<PastGraph> {
    const { graph: like, turns } = this.#options;
    // Asked beside the first objects: the thread answers in order.
    const facts = this.#ask('facts', moment);
    facts.catch(() => undefined);
    let graph: PastGraph | undefined;
    for await (const chunk of this.#stream('load', { moment, reach })) {
      graph ??= new PastGraph({ ...like, ...(await facts), moment });
      await turns.run(graph.add(chunk), never);
      this.#bound(graph.order.size, 'resources were there');
    }
    graph ??= new PastGraph({ ...like, ...(await facts), moment });
    await turns.run(graph.link(), never);
    return graph;
  }

  #bound(size: number, what: string): void {
    if (size > this.#most) throw fault('query_too_large', { reason: `more than ${this.#most} ${what}`, hint });
  }

  #ask: Thread['ask'] = async (what, asked) => {
    try {
      return await this.#options.thread.ask(what, asked);
    } catch (error) {
      throw asFault(error);
    }
  };

  async *#stream<W extends keyof Streams>(what: W, asked: Streams[W]['asked']): AsyncGenerator<Streams[W]['told']> {
    try {
      yield* this.#options.thread.stream(what, asked);
    } catch (error) {
      throw asFault(error);
    }
  }
}

function keyOf({ segment, revision }: Moment, reach: Reach): string {
  return createHash('sha256')
    .update(JSON.stringify([segment, revision, reach]))
    .digest('base64');
}

/** Work for several callers continues when one leaves. */
const never = new AbortController().signal;

function asFault(error: unknown): unknown {
  if (error instanceof Fault || !(error instanceof ThreadFailure)) return error;
  return fault('unavailable', { reason: `history cannot be read: ${error.message}` }, error);
}
