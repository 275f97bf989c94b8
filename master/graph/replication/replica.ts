// A graph fed by the messages of an input log, over any transport. Its engine equals the original revision by revision.
// A gap in the messages is a hole: the transport must supply a keyframe from the newest snapshot or the start of the log.
// Meanwhile the last complete graph is served, marked as stale. A new epoch or term is built separately and replaces it
// when complete.
import type { MonotonicClock, MonotonicTime } from '../../../src/clock.ts';
import { timestampOf } from '../../../src/clock.ts';
import { Fault, fault } from '../../../src/errors.ts';
import type { Logger } from '../../../src/logger.ts';
import { every, type Steps } from '../../../src/steps.ts';
import type { Rule } from '../../relations/relation.ts';
import { LineReader, type LogLine, type Synced } from './log-lines.ts';
import { checkHead, type LogMessage, type MessageHead, mostUnpacked, Unpacker } from './messages.ts';
import type { KindSaid, LimitSaid, Origin, RuleSaid } from './origin.ts';

/** What an input log is applied to. */
export interface ReplicaTarget {
  /** Lines of one transaction or slice; `rules` are the latest ones received. */
  apply(timestamp: string, lines: readonly LogLine[]): void;
  addKind(kind: KindSaid): void;
  setRules(rules: readonly Rule[]): void;
  setLimit(limit: LimitSaid): void;
  /** The keyframe is complete. */
  finish(synced: Synced): Steps<void>;
  /** Its current revision; undefined if it numbers its own. */
  readonly revision: number | undefined;
  /** The epoch of those; undefined while it equals the original. */
  readonly ownEpoch?: string | undefined;
}

export interface ReplicaOptions<T extends ReplicaTarget> {
  /** Creates the target for a new epoch. */
  readonly open: (origin: Origin, rules: readonly Rule[]) => T;
  /** Runs steps in short turns of the event loop. */
  readonly run: (steps: Steps<void>) => Promise<void>;
  readonly clock: MonotonicClock;
  readonly now: () => number;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** Maximum bytes of one transaction, and of one message that is unpacked. */
  readonly mostBytes?: number;
  /** Called whenever another graph is served. */
  readonly onServed?: (served: Served<T>) => void;
}

/** A complete graph. */
export interface Served<T> {
  readonly target: T;
  readonly origin: Origin;
  readonly epoch: string;
  readonly term: string;
}

/** `taken`; `known` already; `hole`: needs a keyframe. */
export type Verdict = 'taken' | 'known' | 'hole';

/** Position in a log: the number of the next expected message. */
export interface LogPlace {
  readonly epoch: string;
  readonly term: string;
  readonly number: number;
}

export interface ReplicaStanding {
  /** `empty` until a graph is complete; `stale` if the served graph may be outdated. */
  readonly state: 'empty' | 'following' | 'stale';
  /** Milliseconds since the last message; undefined before the first. */
  readonly lag: number | undefined;
  /** Since when it may be outdated. */
  readonly staleSince: string | undefined;
  readonly reason: string | undefined;
  /** Needs a keyframe. */
  readonly hole: boolean;
}

/** Milliseconds between two beats of an idle publisher. */
export const beatPeriod = 5_000;
/** Missed beats before the graph counts as stale. */
const missed = 3;
/** Milliseconds for which a graph that found no room is not tried again. */
const barred = 600_000;

/** The graph that is being received, complete or not. */
interface Following<T> extends Served<T> {
  readonly rules: Map<string, Rule>;
  whole: boolean;
}

export class Replica<T extends ReplicaTarget> {
  readonly #options: ReplicaOptions<T>;
  #served: Served<T> | undefined;
  #following: Following<T> | undefined;
  #place: LogPlace | undefined;
  #unpacker: Unpacker;
  #lines = new LineReader();
  #pending: LogLine[] = [];
  #pendingBytes = 0;
  #heard: MonotonicTime | undefined;
  #heardAt = 0;
  #unsound: { readonly since: string; readonly reason: string } | undefined;
  #behind = 0;
  #barredUntil = Number.NEGATIVE_INFINITY;
  #queue: Promise<unknown> = Promise.resolve();
  #counts = { messages: 0, transactions: 0, holes: 0, resyncs: 0, snapshots: 0 };

  constructor(options: ReplicaOptions<T>) {
    this.#options = options;
    this.#unpacker = new Unpacker(options.mostBytes);
  }

  /** The complete graph that is served. */
  get served(): Served<T> | undefined {
    return this.#served;
  }

  /** Next expected position; undefined if a keyframe is needed. */
  get place(): LogPlace | undefined {
    return this.#place;
  }

  /** The same, once everything received is applied; undefined within a transaction or pack. */
  get boundary(): LogPlace | undefined {
    // What others begin with must be the original.
    if (this.#following?.target.ownEpoch !== undefined) return undefined;
    return this.#pending.length === 0 && this.#unpacker.isEmpty && this.#following?.whole ? this.#place : undefined;
  }

  /** Milliseconds of log still to be read, as reported by the transport. */
  get behind(): number {
    return this.#behind;
  }

  /** Call with the age of the oldest message not yet passed to `receive`. */
  noteBehind(milliseconds: number): void {
    this.#behind = milliseconds;
  }

  counts() {
    return { ...this.#counts };
  }

  standing(): ReplicaStanding {
    const { clock } = this.#options;
    const lag = this.#heard === undefined ? undefined : Math.round(clock() - this.#heard);
    const hole = this.#place === undefined;
    const silent = lag === undefined || lag > missed * beatPeriod;
    const since = this.#unsound?.since ?? (silent && this.#heardAt > 0 ? timestampOf(this.#heardAt) : undefined);
    const reason = this.#unsound?.reason ?? (silent ? 'nothing is heard of the master' : undefined);
    if (!this.#served) return { state: 'empty', lag, staleSince: undefined, reason, hole };
    return { state: reason === undefined ? 'following' : 'stale', lag, staleSince: since, reason, hole };
  }

  /** Queues the message; resolves when it is applied. */
  receive(message: LogMessage): Promise<Verdict> {
    return this.#inTurn(() => this.#receive(message));
  }

  /**
   * Applies a snapshot: the messages of one keyframe from start to end. `next` is the log position after it. False if it is
   * incomplete or not newer than what is followed.
   */
  restore(messages: AsyncIterable<LogMessage>, next: LogPlace): Promise<boolean> {
    return this.#inTurn(() => this.#restore(messages, next));
  }

  /** Runs `work` between two messages. */
  between<R>(work: () => R | Promise<R>): Promise<R> {
    return this.#inTurn(async () => {
      const result = await work();
      this.#takeOwnEpoch();
      return result;
    });
  }

  /** The transport lost its position: from now on everything but a keyframe is a hole. */
  lose(reason: string): void {
    this.#lose(reason);
  }

  #inTurn<R>(work: () => Promise<R>): Promise<R> {
    const done = this.#queue.then(work);
    this.#queue = done.catch(() => undefined);
    return done;
  }

  async #receive(message: LogMessage): Promise<Verdict> {
    try {
      checkHead(message);
      this.#counts.messages++;
      if (this.#options.clock() < this.#barredUntil) return 'known';
      const verdict = this.#placed(message);
      if (verdict !== 'taken') return verdict;
      this.#hear(message);
      await this.#take(message);
      this.#takeOwnEpoch();
      return 'taken';
    } catch (error) {
      return this.#refuse(error);
    }
  }

  /** Whether the message is the expected one; if so, advances the position. */
  #placed({ kind, epoch, term, number, part }: MessageHead): Verdict {
    const at = this.#place;
    const sameTerm = at?.epoch === epoch && at.term === term;
    if (kind === 'begin' && part === 1 && !sameTerm) {
      if (number !== 0) throw fault('bad_log', { reason: `a term begins with message ${number}` });
      this.#forget();
      if (this.#served) this.#unsound ??= { since: timestampOf(this.#heardAt), reason: 'the master began again' };
      this.#place = { epoch, term, number: 1 };
      return 'taken';
    }
    if (!sameTerm) return this.#hole('another term is told, and its beginning was missed');
    if (number < at.number) return 'known';
    if (number > at.number) return this.#hole(`message ${at.number} was missed: ${number} came`);
    this.#place = { ...at, number: number + 1 };
    return 'taken';
  }

  #hear({ kind }: MessageHead): void {
    const { clock, now } = this.#options;
    this.#heard = clock();
    this.#heardAt = now();
    if (kind === 'end') this.#unsound = { since: timestampOf(this.#heardAt), reason: 'the master has ended' };
    else if (this.#following?.whole) this.#unsound = undefined;
  }

  #hole(reason: string): Verdict {
    if (this.#place) {
      this.#counts.holes++;
      this.#options.logger.warn({ reason }, 'the log has a hole: a keyframe is asked for');
    }
    this.#lose(reason);
    return 'hole';
  }

  #refuse(error: unknown): Verdict {
    const reason = error instanceof Fault ? error.message : 'what was told cannot be applied';
    this.#options.logger.warn({ err: error }, reason);
    if (error instanceof Fault && error.code === 'no_room') return this.#bar(reason);
    this.#counts.holes++;
    this.#lose(reason);
    return 'hole';
  }

  /** Nothing is read for a while: a keyframe would only be too large again. */
  #bar(reason: string): Verdict {
    const { clock, now } = this.#options;
    this.#barredUntil = clock() + barred;
    this.#unsound = { since: timestampOf(now()), reason };
    this.#lose(reason);
    return 'known';
  }

  #lose(reason: string): void {
    this.#place = undefined;
    this.#forget();
    this.#unsound ??= { since: timestampOf(this.#heardAt || this.#options.now()), reason };
  }

  #forget(): void {
    this.#unpacker = new Unpacker(this.#options.mostBytes);
    this.#lines = new LineReader();
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#following = undefined;
  }

  async #restore(messages: AsyncIterable<LogMessage>, next: LogPlace): Promise<boolean> {
    const at = this.#place;
    if (at?.epoch === next.epoch && at.term === next.term && at.number >= next.number && this.#served) return false;
    this.#forget();
    this.#place = undefined;
    try {
      for await (const message of messages) {
        checkHead(message);
        await this.#take({ ...message, epoch: next.epoch, term: next.term });
      }
      if (!this.#isWhole()) throw fault('bad_log', { reason: 'a snapshot ends before its keyframe does' });
    } catch (error) {
      this.#refuse(error);
      return false;
    }
    this.#place = next;
    this.#counts.snapshots++;
    this.#unsound = undefined;
    return true;
  }

  #isWhole(): boolean {
    return this.#following?.whole === true;
  }

  async #take(message: LogMessage): Promise<void> {
    const bytes = this.#unpacker.take(message);
    if (bytes && bytes.length > 0) await this.#options.run(this.#read(bytes, message));
    const revision = this.#following?.whole ? this.#following.target.revision : undefined;
    const told = message.parts === message.part && this.#pending.length === 0;
    if (told && revision !== undefined && revision !== message.revision)
      throw fault('bad_log', { reason: `it came to revision ${revision}, and the master to ${message.revision}` });
  }

  *#read(bytes: Buffer, head: MessageHead): Steps<void> {
    const pause = every(linesOfStep);
    for (let from = 0; from < bytes.length; ) {
      const end = bytes.indexOf(lineFeed, from);
      if (end < 0) throw fault('bad_log', { reason: 'a message ends within a line' });
      if (end - from > mostLine) throw fault('bad_log', { reason: `a line has more than ${mostLine} bytes` });
      if (pause()) yield;
      const line = this.#lines.read(bytes.subarray(from, end), this.#following?.rules ?? none);
      this.#pendingBytes += end - from;
      if (this.#pendingBytes > (this.#options.mostBytes ?? mostUnpacked))
        throw fault('bad_log', { reason: 'a transaction is too long' });
      from = end + 1;
      if (!line) continue;
      if (line.what === 'begin') this.#begin(line.origin, head);
      else yield* this.#hearLine(line);
    }
  }

  #begin(origin: Origin, { epoch, term }: MessageHead): void {
    if (this.#following) throw fault('bad_log', { reason: 'a term begins twice' });
    const rules = rulesOf(origin.rules, none);
    const target = this.#options.open(origin, [...rules.values()]);
    this.#following = { target, origin, epoch, term, rules, whole: false };
  }

  *#hearLine(line: LogLine): Steps<void> {
    const following = this.#following;
    if (!following) throw fault('bad_log', { reason: 'lines come before the one that begins a term' });
    const { target, rules } = following;
    if (line.what === 'kind') target.addKind(line.kind);
    else if (line.what === 'limit') target.setLimit(line.limit);
    else if (line.what === 'rules') this.#renewRules(rules, target, line.rules);
    else if (line.what === 'synced') yield* this.#serve(following, line.synced);
    else if (line.what === 'slice') this.#apply(following, line.timestamp);
    else if (line.what === 'commit') this.#apply(following, line.commit.timestamp);
    else this.#pending.push(line);
    if (line.what === 'slice' || line.what === 'commit') yield;
    if (line.what === 'commit') this.#check(following, line.commit.revision);
  }

  #apply({ target }: Following<T>, timestamp: string): void {
    const lines = this.#pending;
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#counts.transactions++;
    target.apply(timestamp, lines);
  }

  /** A copy with another revision is a different graph. */
  #check({ target, whole }: Following<T>, revision: number): void {
    if (whole && target.revision !== undefined && target.revision !== revision)
      throw fault('bad_log', { reason: `it came to revision ${target.revision}, and the master to ${revision}` });
  }

  #renewRules(rules: Map<string, Rule>, target: T, said: readonly RuleSaid[]): void {
    const now = rulesOf(said, rules);
    rules.clear();
    for (const [name, rule] of now) rules.set(name, rule);
    target.setRules([...rules.values()]);
  }

  *#serve(following: Following<T>, synced: Synced): Steps<void> {
    if (following.whole) throw fault('bad_log', { reason: 'a keyframe ends twice' });
    const { target, origin, epoch, term } = following;
    yield* target.finish(synced);
    following.whole = true;
    this.#unsound = undefined;
    if (this.#served) this.#counts.resyncs++;
    this.#served = { target, origin, epoch: target.ownEpoch ?? epoch, term };
    this.#options.onServed?.(this.#served);
  }

  /** What became another graph than the original is served as one. */
  #takeOwnEpoch(): void {
    const epoch = this.#served?.target.ownEpoch;
    if (!this.#served || epoch === undefined || epoch === this.#served.epoch) return;
    this.#served = { ...this.#served, epoch };
    this.#options.onServed?.(this.#served);
  }
}

const none: ReadonlyMap<string, Rule> = new Map();
const lineFeed = 10;
/** Maximum bytes: the times of a million relations fit. */
const mostLine = 64 << 20;
/** Lines that are read between two pauses: they may all be of one transaction. */
const linesOfStep = 64;

/** Equal rules keep their identity, so that claims that use them are not made again. */
function rulesOf(said: readonly RuleSaid[], before: ReadonlyMap<string, Rule>): Map<string, Rule> {
  return new Map(
    said.map((one) => {
      const known = before.get(one.name);
      const { infer: _, ...words } = known ?? { infer: undefined };
      const same = known !== undefined && JSON.stringify(words) === JSON.stringify(one);
      return [one.name, same ? known : { ...one, infer: () => undefined }];
    }),
  );
}
