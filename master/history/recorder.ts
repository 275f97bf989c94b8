// Sends the graph's changes to the writing thread: a keyframe first, then changes a few times a second. It never blocks the
// graph: if the thread is behind, changes wait in the graph's own log; if that overflows, a new segment begins and the gap
// is recorded.
import type { Clock } from '../../src/clock.ts';
import type { Logger } from '../../src/logger.ts';
import { repeat } from '../../src/repeat.ts';
import { every } from '../../src/steps.ts';
import type { GraphReader } from '../graph/contract.ts';
import type { Change } from '../graph/revisions/changes.ts';
import { changesAfter } from '../graph/revisions/feed.ts';
import type { ReadView } from '../graph/revisions/read-view.ts';
import { capture } from '../graph/revisions/snapshot.ts';
import type { Subscription, Subscriptions } from '../graph/subscription.ts';
import type { Turns } from '../turns.ts';
import type { Progress } from './asks.ts';
import { packChanges, packWhole } from './packing.ts';
import type { EventRecord, GapReason, KeyName, Relist } from './records.ts';
import { RevisionNotes } from './revision-notes.ts';
import { type Thread, ThreadFailure } from './threads.ts';

export interface RecorderOptions {
  readonly graph: GraphReader;
  readonly subscriptions: Subscriptions;
  readonly thread: Pick<Thread, 'ask'>;
  readonly epoch: string;
  /** Stores references: needed if callers have restricted rights. */
  readonly references: boolean;
  readonly turns: Pick<Turns, 'pace'>;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly times?: Partial<RecorderTimes>;
  /** Maximum bytes sent and not yet written. */
  readonly underWay?: number;
}

/** Milliseconds. */
export interface RecorderTimes {
  /** Between two transactions of the thread. */
  readonly together: number;
  /** Between two records that nothing changed. */
  readonly look: number;
  /** Until the next try after a failure. */
  readonly again: number;
}

export type RecorderState =
  | { readonly state: 'starting' | 'recording' | 'closed' }
  | { readonly state: 'stopped'; readonly reason: GapReason; readonly since: string; readonly words: string };

const usualTimes: RecorderTimes = { together: 250, look: 10_000, again: 60_000 };
/** Bytes sent at once, and maximum bytes sent but not written. */
const portion = 4 << 20;
const usualUnderWay = 16 << 20;

export class Recorder {
  readonly #options: RecorderOptions;
  readonly #times: RecorderTimes;
  readonly #underWay: number;
  readonly #notes: RevisionNotes;
  #events: EventRecord[] = [];
  #pending: Change[] = [];
  #pendingBytes = 0;
  #bytesUnderWay = 0;
  #written: Promise<unknown> = Promise.resolve();
  /** A keyframe is sent without anything in between. */
  #beginning: Promise<void> = Promise.resolve();
  #subscription: Subscription | undefined;
  #state: RecorderState = { state: 'starting' };
  /** Since when it is stopped, through all tries to begin again. */
  #stoppedSince: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #unlook: (() => void) | undefined;
  #unfollow: (() => void) | undefined;
  #end = 0;
  #clockAhead = 0;
  #counts = { revisions: 0, gaps: 0, failures: 0 };

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#times = { ...usualTimes, ...options.times };
    this.#underWay = options.underWay ?? usualUnderWay;
    this.#notes = new RevisionNotes(options.graph, options.references);
  }

  get state(): RecorderState {
    return this.#state;
  }

  /**
   * End of what is recorded in milliseconds, as of the last `flush`; 0 if nothing is. The time of a recording never goes back, so that it
   * is ahead of a clock that was set back.
   */
  get end(): number {
    return this.#end;
  }

  /** Milliseconds that the clock is ahead of where it was expected, while something is kept for that; else 0. */
  get clockAhead(): number {
    return this.#clockAhead;
  }

  /** Numbers of revisions, gaps and failures, and bytes sent but not written. */
  counts() {
    return { ...this.#counts, behind: this.#bytesUnderWay + this.#pendingBytes };
  }

  /** Resolves when the first keyframe is written or has failed. */
  async start(): Promise<void> {
    const { graph, logger } = this.#options;
    graph.changes.record();
    // Additional data is recorded when a version is created: it may have changed by the time of sending.
    this.#unfollow = graph.changes.follow((change) => {
      if (!this.#isIdle) this.#notes.note(change);
    });
    this.#unlook = repeat(this.#times.look, () => this.#look(), logger);
    await this.#begin('restart');
  }

  /** A list had changes that no watch reported: its revision and kind. */
  noteRelist(revision: number, relist: Relist): void {
    if (!this.#isIdle) this.#notes.noteRelist(revision, relist);
  }

  noteName(name: KeyName): void {
    if (!this.#isIdle) this.#notes.noteName(name);
  }

  noteEvent(event: EventRecord): void {
    if (!this.#isIdle && this.#events.length < 10_000) this.#events.push(event);
    this.#schedule();
  }

  /** Resolves when all changes so far are written, or cannot be. */
  async flush(): Promise<void> {
    await this.#beginning;
    this.#drain();
    this.#handOver();
    await this.#written;
  }

  async close(): Promise<void> {
    this.#unlook?.();
    clearTimeout(this.#timer);
    this.#unfollow?.();
    if (this.#state.state === 'recording') this.#drain();
    this.#subscription?.close();
    this.#handOver();
    this.#state = { state: 'closed' };
    await this.#written;
  }

  // --- keyframe --------------------------------------------------------------------------------------------------------

  #begin(gap: GapReason | undefined): Promise<void> {
    this.#beginning = this.#keyframe(gap).catch((error: unknown) => this.#fail(error));
    return this.#beginning;
  }

  async #keyframe(gap: GapReason | undefined): Promise<void> {
    const { graph, thread, epoch, references, turns } = this.#options;
    // Earlier changes go to the previous segment: nothing may come between.
    this.#drain();
    this.#subscription?.close();
    this.#subscription = undefined;
    this.#handOver();
    // Records for revisions up to here are in the keyframe.
    this.#notes.clear();
    const view: ReadView = { graph, snapshot: capture(graph), undoLog: graph.undoLogs.open(), pause: every(64) };
    const { revision, timestamp } = view.snapshot;
    const completeness = { short: view.snapshot.completeness, full: view.snapshot.fullCompleteness };
    let isCut = false;
    const stop = view.snapshot.onCut(() => {
      isCut = true;
    });
    try {
      const names = references ? [...graph.keys()].map(({ index, key, id }): KeyName => [`${index} ${key}`, id]) : [];
      this.#end = await thread.ask('begin', { epoch, revision, timestamp, completeness, names, gap });
      for await (const portion of turns.pace(packWhole(view, references))) {
        if (isCut) throw new Error('too much changed while the whole graph was handed over');
        if (this.#state.state === 'closed') return;
        await thread.ask('key', portion, [portion.texts, portion.ends]);
      }
      await thread.ask('keyed', undefined);
    } finally {
      stop();
      view.undoLog.close();
      view.snapshot.release();
    }
    if (this.#state.state === 'closed') return;
    if (gap && gap !== 'restart') this.#counts.gaps++;
    this.#state = { state: 'recording' };
    this.#stoppedSince = undefined;
    this.#follow(revision);
  }

  #follow(from: number): void {
    const { graph, subscriptions, logger } = this.#options;
    this.#subscription = subscriptions.subscribe({
      from,
      next: (revision) => changesAfter(graph.changes, revision),
      sink: {
        write: ({ changes }) => this.#take(changes),
        resync: () => {
          logger.warn('history could not keep up with the changes: a gap is left in it');
          queueMicrotask(() => void this.#begin('overload'));
          return false;
        },
        fail: (error) => this.#fail(error),
      },
    });
    this.#subscription.resume();
  }

  // --- changes ---------------------------------------------------------------------------------------------------------

  /** Records made now are not needed: the next keyframe contains them. */
  get #isIdle(): boolean {
    const { state } = this.#state;
    return state === 'stopped' || state === 'closed';
  }

  #take(changes: readonly Change[]): boolean {
    for (const change of changes) {
      this.#pending.push(change);
      for (const { version } of change.resources) this.#pendingBytes += version.length;
      for (const { text } of change.relations) this.#pendingBytes += text.length;
    }
    if (this.#pendingBytes >= portion) this.#handOver();
    else this.#schedule();
    return this.#bytesUnderWay < this.#underWay;
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => this.#handOver(), this.#times.together).unref();
  }

  /** Changes that the subscription has not received yet. */
  #drain(): void {
    const { graph } = this.#options;
    const subscription = this.#subscription;
    for (let last = -1; subscription && subscription.revision < graph.revision && subscription.revision > last; ) {
      last = subscription.revision;
      subscription.resume();
    }
  }

  #handOver(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { thread } = this.#options;
    if (this.#state.state === 'stopped') return this.#forget();
    this.#handOverEvents();
    const changes = this.#pending;
    const bytes = this.#pendingBytes;
    this.#pending = [];
    this.#pendingBytes = 0;
    if (changes.length === 0) return;
    const last = changes.at(-1)?.revision;
    const { records, texts } = packChanges(
      changes,
      (version) => this.#notes.takeExtra(version),
      (revision) => this.#notes.take(revision, revision === last),
    );
    this.#give(bytes, async () => {
      const progress = await thread.ask('write', { revisions: JSON.stringify(records), texts }, [texts]);
      this.#counts.revisions += records.length;
      this.#progress(progress);
    });
  }

  /** If the thread is behind, they wait, up to a maximum. */
  #handOverEvents(): void {
    const { thread } = this.#options;
    const events = this.#events;
    if (events.length === 0 || this.#bytesUnderWay >= this.#underWay) return;
    this.#events = [];
    const bytes = events.reduce((sum, { message, target }) => sum + message.length + target.length, 0);
    this.#give(bytes, () => thread.ask('writeEvents', events));
  }

  /** Counts bytes as under way until the work is done. */
  #give(bytes: number, work: () => Promise<unknown>): void {
    this.#bytesUnderWay += bytes;
    void this.#after(work).finally(() => {
      this.#bytesUnderWay -= bytes;
      if (this.#subscription?.slow && this.#bytesUnderWay < this.#underWay) this.#subscription.resume();
    });
  }

  #forget(): void {
    this.#notes.clear();
    this.#pending = [];
    this.#events = [];
    this.#pendingBytes = 0;
  }

  /** In order of the calls; a failure ends the segment. */
  #after(work: () => Promise<unknown>): Promise<unknown> {
    // Sent at once: the thread processes messages in order.
    const done = work().catch((error: unknown) => this.#fail(error));
    this.#written = Promise.all([this.#written, done]);
    return done;
  }

  async #look(): Promise<void> {
    if (this.#state.state !== 'recording' || !this.#subscription) return;
    const { thread } = this.#options;
    await this.#after(async () => this.#progress(await thread.ask('look', undefined)));
  }

  #progress({ wantsRoll, end, clockAhead }: Progress): void {
    this.#end = end;
    if (clockAhead > 0 && this.#clockAhead === 0)
      this.#options.logger.warn(
        `the clock is ${Math.round(clockAhead / 3_600_000)} hours ahead of history: what that makes too old stays until the clock has been there for an hour`,
      );
    this.#clockAhead = clockAhead;
    if (wantsRoll) queueMicrotask(() => void this.#roll());
  }

  #rolling = false;

  async #roll(): Promise<void> {
    if (this.#rolling || this.#state.state !== 'recording') return;
    this.#rolling = true;
    try {
      await this.flush();
      if (this.#state.state === 'recording') await this.#begin(undefined);
    } finally {
      this.#rolling = false;
    }
  }

  // --- failure ---------------------------------------------------------------------------------------------------------

  #fail(error: unknown): void {
    if (this.#state.state === 'closed') return;
    const { thread, clock, logger } = this.#options;
    const reason: GapReason = error instanceof ThreadFailure ? error.hindrance : 'failure';
    // A graph rarely shrinks, and trying is expensive.
    const again = this.#times.again * (reason === 'too_large' ? 60 : 1);
    const words = error instanceof Error ? error.message : String(error);
    if (this.#state.state !== 'stopped') {
      if (this.#stoppedSince === undefined) {
        this.#counts.failures++;
        logger.warn({ err: error }, 'history stopped: the graph goes on without it');
      }
      this.#stoppedSince ??= new Date(clock()).toISOString();
      this.#state = { state: 'stopped', reason, since: this.#stoppedSince, words };
      setTimeout(() => void this.#again(reason), again).unref();
    }
    this.#subscription?.close();
    this.#subscription = undefined;
    this.#forget();
    thread.ask('fail', undefined).catch(() => undefined);
  }

  async #again(reason: GapReason): Promise<void> {
    if (this.#state.state !== 'stopped') return;
    this.#state = { state: 'starting' };
    await this.#begin(reason);
    if (this.state.state !== 'recording') return;
    this.#options.logger.info('history goes on, with a gap');
  }
}
