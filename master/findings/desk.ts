// Where routes ask for findings: those of their graph, kept from when they are first asked for, and those of a moment of the past,
// found once.
import { setTimeout as wait } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import { getOrMake } from '../../src/get-or-make.ts';
import type { Steps } from '../../src/steps.ts';
import type { GraphReader } from '../graph/contract.ts';
import type { FindingBook } from './book.ts';
import type { Finding, FindingsReader } from './contract.ts';
import { Findings, type FindingsOptions, findingOrder } from './kept/findings.ts';
import { FindingKeeper } from './kept/keeper.ts';

/** Milliseconds that an answer waits for the first look at everything. */
const patience = 250;
/** Moments of one graph of the past whose findings are kept. */
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
}

/** Where routes ask, whoever judged. */
export interface FindingsPlace {
  /** By what rules and settings it is judged here. */
  readonly book: FindingBook;
  /** With advice where it is asked for. */
  current(advice?: boolean): Promise<FindingsReader>;
  /** The same without advice and without waiting for the first look at everything: see `settled`. */
  soon(): Promise<FindingsReader>;
  /** Has advice kept until the function returned is called. */
  wantAdvice(): () => void;
  /** Those about one resource, advice among them, soon; undefined where that takes long. */
  about(resource: string): Promise<readonly Finding[] | undefined>;
  /** `time`: milliseconds. What is found when something lasts grows on while nothing changes. */
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

  /** In step with the graph as it is now, with advice where it is asked for. */
  current(advice = false): Promise<Findings> {
    return this.#keeper.current(advice);
  }

  /** The same without advice, but for the first round, which takes seconds on a large cluster: while that goes on, as far as it is. */
  async soon(): Promise<Findings> {
    if (this.#started && !this.findings.settled) return this.findings;
    return this.#keeper.current(false);
  }

  /** Has advice kept until the function returned is called. */
  wantAdvice(): () => void {
    return this.#keeper.wantAdvice();
  }

  /**
   * Those about one resource, without waiting for the others: those may be a round old. Undefined while everything is looked at for
   * the first time, where that takes long.
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
