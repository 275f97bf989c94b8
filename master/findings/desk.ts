// Provides findings to routes: those of the current graph, kept up to date from first use, and those of past moments, computed
// once.
import { setTimeout as wait } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import { getOrMake } from '../../src/get-or-make.ts';
import type { Steps } from '../../src/steps.ts';
import type { GraphReader } from '../graph/contract.ts';
import type { FindingBook } from './book.ts';
import type { Finding, FindingsReader } from './contract.ts';
import { Findings, type FindingsOptions, findingOrder } from './kept/findings.ts';
import { FindingKeeper } from './kept/keeper.ts';

/** Milliseconds that a request waits for the first round. */
const patience = 250;
/** Moments per past graph whose findings are cached. */
const mostTimes = 4;

export interface DeskOptions {
  readonly graph: GraphReader;
  readonly book: FindingBook;
  readonly clock: () => number;
  readonly run: (steps: Steps<void>, signal: AbortSignal) => Promise<void>;
  /** False for files, which never change. */
  readonly watched?: boolean;
  readonly onError?: (error: unknown) => void;
  readonly onProblem?: NonNullable<FindingsOptions['onProblem']>;
  readonly room?: NonNullable<FindingsOptions['room']>;
  /** Advice is computed only while it is wanted. */
  readonly sparesAdvice?: boolean;
  /** Milliseconds that `soon` waits for the latest changes; unlimited by default. */
  readonly patience?: number;
}

/** What is known of a graph that may change faster than it is examined. */
export interface SoonFound {
  readonly found: FindingsReader;
  /** Resources that changed before the call and are not examined again yet; 0 if all are. */
  readonly unjudged: number;
}

/** Provides findings to routes, computed here or received from another process. */
export interface FindingsPlace {
  /** The rules and settings used here. */
  readonly book: FindingBook;
  /** Includes advice if requested. */
  current(advice?: boolean): Promise<FindingsReader>;
  /** Without advice, and without waiting long for the first round or for the latest changes. */
  soon(): Promise<SoonFound>;
  /** Keeps advice until the returned function is called. */
  wantAdvice(): () => void;
  /** Findings and advice on one resource, quickly; undefined if it would take long. */
  about(resource: string): Promise<readonly Finding[] | undefined>;
  /** `time` in milliseconds: findings that depend on age change over time even if the graph does not. */
  ofPast(graph: GraphReader, time: number): Promise<FindingsReader>;
}

export class FindingsDesk implements FindingsPlace {
  /** Empty before a request or `start`. */
  readonly findings: Findings;
  readonly book: FindingBook;
  readonly #options: DeskOptions;
  readonly #keeper: FindingKeeper;
  readonly #pasts = new WeakMap<GraphReader, LRUCache<number, Promise<Findings>>>();
  readonly #closing = new AbortController();
  readonly #unfollow: () => void;
  #started = false;

  constructor(options: DeskOptions) {
    const { graph, book, clock, run, watched = true, sparesAdvice = false, onError = () => {} } = options;
    const { onProblem, room } = options;
    const { rules, settings } = book;
    this.#options = options;
    this.book = book;
    this.findings = new Findings({
      graph,
      rules,
      clock,
      settings,
      watched,
      sparesAdvice,
      ...(onProblem ? { onProblem } : {}),
      ...(room ? { room } : {}),
    });
    this.#keeper = new FindingKeeper({ findings: this.findings, run, clock, onError });
    this.#unfollow = book.follow(() => this.findings.declare(book.rules, book.settings));
  }

  /** Computes and keeps all findings. */
  start(): Promise<void> {
    this.#started = true;
    return this.#keeper.start();
  }

  /** Findings of the current graph, with advice if requested. */
  current(advice = false): Promise<Findings> {
    return this.#keeper.current(advice);
  }

  /**
   * Without advice. Does not wait for the first round, nor long for later ones: they take seconds on a large cluster. Until then
   * returns what is known so far.
   */
  async soon(): Promise<SoonFound> {
    const { findings } = this;
    const { patience: most } = this.#options;
    if (this.#started && !findings.settled) return { found: findings, unjudged: findings.waiting };
    const now = this.#keeper.current(false);
    if (most === undefined) return { found: await now, unjudged: 0 };
    const isLate = await Promise.race([now.then(() => false), wait(most, true, { ref: false })]);
    // Its failure is told by the rounds themselves.
    now.catch(() => undefined);
    return { found: findings, unjudged: isLate ? Math.max(1, findings.waiting) : 0 };
  }

  /** Keeps advice until the returned function is called. */
  wantAdvice(): () => void {
    return this.#keeper.wantAdvice();
  }

  /**
   * Findings on one resource. Does not wait for others, which may be a round old. Undefined during the first round if it takes
   * long.
   */
  async about(resource: string): Promise<readonly Finding[] | undefined> {
    const { findings } = this;
    if (!findings.settled) await Promise.race([this.start(), wait(patience, undefined, { ref: false })]);
    if (!findings.settled) return undefined;
    return [...findings.aboutNow(resource), ...findings.adviceAbout(resource)].sort(findingOrder);
  }

  /** For another graph that never changes. */
  ofPast(graph: GraphReader, time: number): Promise<Findings> {
    const times = getOrMake(this.#pasts, graph, () => new LRUCache<number, Promise<Findings>>({ max: mostTimes }));
    const known = times.get(time);
    if (known) return known;
    const found = this.#find(graph, time);
    times.set(time, found);
    found.catch(() => times.delete(time));
    return found;
  }

  close(): void {
    this.#unfollow();
    this.#closing.abort();
    this.#keeper.close();
  }

  async #find(graph: GraphReader, time: number): Promise<Findings> {
    const { rules, settings } = this.book;
    const findings = new Findings({ graph, rules, clock: () => time, settings, watched: false });
    await this.#options.run(findings.make(), this.#closing.signal);
    return findings;
  }
}
