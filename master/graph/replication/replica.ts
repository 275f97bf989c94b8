// A graph that is fed with the messages of an input log, over whatever transport: it keeps an engine that is, revision for
// revision, what the teller's is. What does not follow on what it has is a hole: then the transport brings a keyframe, the
// newest snapshot or the log from its beginning. Meanwhile what was there last is served, and says since when it is stale.
// Another epoch or term is built beside what is served, and takes its place when it is whole.
import type { MonotonicClock, MonotonicTime } from '../../../src/clock.ts';
import { timestampOf } from '../../../src/clock.ts';
import { Fault, fault } from '../../../src/errors.ts';
import type { Logger } from '../../../src/logger.ts';
import type { Steps } from '../../../src/steps.ts';
import type { Rule } from '../../relations/relation.ts';
import { LineReader, type LogLine, type Synced } from './log-lines.ts';
import { checkHead, type LogMessage, type MessageHead, Unpacker } from './messages.ts';
import type { KindSaid, LimitSaid, Origin, RuleSaid } from './origin.ts';

/** What is built of an input log. */
export interface ReplicaTarget {
  /** Lines that one transaction told, or a slice of a keyframe; `rules` are those that were told last. */
  apply(timestamp: string, lines: readonly LogLine[]): void;
  addKind(kind: KindSaid): void;
  setRules(rules: readonly Rule[]): void;
  setLimit(limit: LimitSaid): void;
  /** The keyframe is whole. */
  finish(synced: Synced): Steps<void>;
  /** The revision that it is at; undefined where it counts by itself. */
  readonly revision: number | undefined;
}

export interface ReplicaOptions<T extends ReplicaTarget> {
  /** Begins a target for what an epoch tells. */
  readonly open: (origin: Origin, rules: readonly Rule[]) => T;
  /** Runs work in short turns of the event loop. */
  readonly run: (steps: Steps<void>) => Promise<void>;
  readonly clock: MonotonicClock;
  readonly now: () => number;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** Called with what is served from now on. */
  readonly onServed?: (served: Served<T>) => void;
}

/** A graph that is whole. */
export interface Served<T> {
  readonly target: T;
  readonly origin: Origin;
  readonly epoch: string;
  readonly term: string;
}

/** `taken`; `known` already; or a `hole`: a keyframe is needed. */
export type Verdict = 'taken' | 'known' | 'hole';

/** Where in a log a reader is: the number of the message that it waits for. */
export interface LogPlace {
  readonly epoch: string;
  readonly term: string;
  readonly number: number;
}

export interface ReplicaStanding {
  /** `empty` before anything is whole; `stale` where what is served may have been overtaken. */
  readonly state: 'empty' | 'following' | 'stale';
  /** Milliseconds since the teller was last heard; undefined where it never was. */
  readonly lag: number | undefined;
  /** From when on it may have been overtaken. */
  readonly staleSince: string | undefined;
  readonly reason: string | undefined;
  /** A keyframe is needed. */
  readonly hole: boolean;
}

/** Milliseconds between two beats of a teller that has nothing to tell. */
export const beatPeriod = 5_000;
/** Beats that are missed before what is served counts as stale. */
const missed = 3;
/** Characters of what one transaction tells at most: a list of a whole large cluster is less. */
const mostPending = 1 << 30;

/** What is told now, whole or not. */
interface Following<T> extends Served<T> {
  readonly rules: Map<string, Rule>;
  whole: boolean;
}

export class Replica<T extends ReplicaTarget> {
  readonly #options: ReplicaOptions<T>;
  #served: Served<T> | undefined;
  #following: Following<T> | undefined;
  #place: LogPlace | undefined;
  #unpacker = new Unpacker();
  #lines = new LineReader();
  #pending: LogLine[] = [];
  #pendingChars = 0;
  #heard: MonotonicTime | undefined;
  #heardAt = 0;
  #unsound: { readonly since: string; readonly reason: string } | undefined;
  #behind = 0;
  #queue: Promise<unknown> = Promise.resolve();
  #counts = { messages: 0, transactions: 0, holes: 0, resyncs: 0, snapshots: 0 };

  constructor(options: ReplicaOptions<T>) {
    this.#options = options;
  }

  /** What is whole, and served. */
  get served(): Served<T> | undefined {
    return this.#served;
  }

  /** What comes next; undefined where a keyframe is needed. */
  get place(): LogPlace | undefined {
    return this.#place;
  }

  /** The same where all that came so far has had its effect; undefined in the middle of a transaction, or of a pack. */
  get boundary(): LogPlace | undefined {
    return this.#pending.length === 0 && this.#unpacker.isEmpty && this.#following?.whole ? this.#place : undefined;
  }

  /** Milliseconds of the log that are still to be read, as the transport told. */
  get behind(): number {
    return this.#behind;
  }

  /** To be told by the transport: how old the oldest message is that was not handed in. */
  noteBehind(milliseconds: number): void {
    this.#behind = milliseconds;
  }

  counts() {
    return { ...this.#counts };
  }

  standing(): ReplicaStanding {
    const { clock } = this.#options;
    const lag = this.#heard === undefined ? undefined : clock() - this.#heard;
    const hole = this.#place === undefined;
    const silent = lag === undefined || lag > missed * beatPeriod;
    const since = this.#unsound?.since ?? (silent && this.#heardAt > 0 ? timestampOf(this.#heardAt) : undefined);
    const reason = this.#unsound?.reason ?? (silent ? 'nothing is heard of the master' : undefined);
    if (!this.#served) return { state: 'empty', lag, staleSince: undefined, reason, hole };
    return { state: reason === undefined ? 'following' : 'stale', lag, staleSince: since, reason, hole };
  }

  /** Takes one message after the other, however many are handed in: resolves when this one has had its effect. */
  receive(message: LogMessage): Promise<Verdict> {
    return this.#inTurn(() => this.#receive(message));
  }

  /**
   * Takes a snapshot: messages of a keyframe from its beginning to its end. `next` is what follows on it in the log.
   * False where it is no whole one, or what is followed already is as new.
   */
  restore(messages: AsyncIterable<LogMessage>, next: LogPlace): Promise<boolean> {
    return this.#inTurn(() => this.#restore(messages, next));
  }

  /** Runs `work` between two messages. */
  between<R>(work: () => R | Promise<R>): Promise<R> {
    return this.#inTurn(async () => work());
  }

  /** The transport lost its place: whatever comes next but a keyframe is a hole. */
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
      const verdict = this.#placed(message);
      if (verdict !== 'taken') return verdict;
      this.#hear(message);
      await this.#take(message);
      return 'taken';
    } catch (error) {
      return this.#refuse(error);
    }
  }

  /** Whether a message follows on the last one; goes on to the next place where it does. */
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
    this.#counts.holes++;
    this.#lose(reason);
    return 'hole';
  }

  #lose(reason: string): void {
    this.#place = undefined;
    this.#forget();
    this.#unsound ??= { since: timestampOf(this.#heardAt || this.#options.now()), reason };
  }

  #forget(): void {
    this.#unpacker = new Unpacker();
    this.#lines = new LineReader();
    this.#pending = [];
    this.#pendingChars = 0;
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
    const text = this.#unpacker.take(message);
    if (text) await this.#options.run(this.#read(text, message));
    const revision = this.#following?.whole ? this.#following.target.revision : undefined;
    const told = message.parts === message.part && this.#pending.length === 0;
    if (told && revision !== undefined && revision !== message.revision)
      throw fault('bad_log', { reason: `it came to revision ${revision}, and the master to ${message.revision}` });
  }

  *#read(text: string, head: MessageHead): Steps<void> {
    for (let from = 0; from < text.length; ) {
      const end = text.indexOf('\n', from);
      const line = this.#lines.read(text.slice(from, end), this.#following?.rules ?? none);
      this.#pendingChars += end - from;
      if (this.#pendingChars > mostPending) throw fault('bad_log', { reason: 'a transaction is too long' });
      from = end + 1;
      if (!line) continue;
      if (line.what === 'begin') this.#begin(line.origin, head);
      else yield* this.#hearLine(line);
    }
  }

  #begin(origin: Origin, { epoch, term }: MessageHead): void {
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
    this.#pendingChars = 0;
    this.#counts.transactions++;
    target.apply(timestamp, lines);
  }

  /** A copy that came to another revision is another graph. */
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
    const { target, origin, epoch, term } = following;
    yield* target.finish(synced);
    following.whole = true;
    this.#unsound = undefined;
    if (this.#served) this.#counts.resyncs++;
    this.#served = { target, origin, epoch, term };
    this.#options.onServed?.(this.#served);
  }
}

const none: ReadonlyMap<string, Rule> = new Map();

/** The same words are the same rule: what rests on it is not made again. */
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
