// Keeps the model in step with the view: loads, follows, reloads after a resync, waits while offline. Changes are queued
// until the next frame, so a picture is always one whole revision.
import { type Answer, type Change, ClusterModel } from '../model.ts';
import type { ViewState } from '../state/view-state.ts';
import { momentOf, type View } from '../views/view.ts';
import { type Api, ApiError } from './api.ts';
import { follow } from './stream.ts';

export type Standing = 'loading' | 'live' | 'polling' | 'paused' | 'behind' | 'offline' | 'past' | 'refused';

export interface SessionOptions {
  readonly api: Pick<Api, 'ask' | 'send'>;
  readonly slot: () => Promise<(() => void) | undefined>;
  readonly clock: () => number;
  readonly delay: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** Something must be drawn. */
  readonly onUpdate: () => void;
}

/** Reload delay of a view whose stream only signals changes. */
const soon = 2_000;
/** Minimum interval of reloads for neighbours that a namespace's stream does not cover. */
const later = 5_000;
const pollEvery = 3_000;
const longestWait = 15_000;
/** More changes waiting for a frame mean that the page does not keep up. */
const mostWaiting = 500;

interface Shown {
  readonly view: View;
  readonly state: ViewState;
  readonly stop: AbortController;
}

export class Session {
  readonly model = new ClusterModel();
  readonly #options: SessionOptions;
  #shown: Shown | undefined;
  #standing: Standing = 'loading';
  #since = 0;
  #failure: ApiError | undefined;
  #waiting: Change[] = [];
  /** Changes during a request: its answer may be older. */
  #meanwhile: Change[] | undefined;
  /** Old revisions are meaningless: apply nothing until the next answer. */
  #resyncing = false;
  #following: AbortController | undefined;
  #etag: string | undefined;
  #lastId = '';
  #paused = false;
  #hidden = false;
  #reloadAt = Number.POSITIVE_INFINITY;
  #loadedAt = 0;
  #hasLoaded = false;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  get standing(): Standing {
    if (this.#waiting.length > mostWaiting) return 'behind';
    return this.#standing;
  }

  /** Time of the last state change in milliseconds. */
  get since(): number {
    return this.#since;
  }

  /** Why the last request failed, until one succeeds. */
  get failure(): ApiError | undefined {
    return this.#failure;
  }

  /** Whether the model has data for the current view. */
  get hasLoaded(): boolean {
    return this.#hasLoaded;
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** Shows another subject: loads, then follows. */
  show(view: View, state: ViewState): void {
    this.#shown?.stop.abort();
    const shown = { view, state, stop: new AbortController() };
    this.#shown = shown;
    this.#waiting = [];
    this.#meanwhile = undefined;
    this.#resyncing = false;
    this.#etag = undefined;
    this.#failure = undefined;
    this.#hasLoaded = false;
    this.#stand('loading');
    void this.#run(shown);
  }

  /** Starts over, for example after signing in. */
  again(): void {
    if (!this.#shown) return;
    const { view, state } = this.#shown;
    this.show(view, state);
  }

  pause(): void {
    this.#paused = true;
    this.#following?.abort();
    this.#stand('paused');
  }

  resume(): void {
    this.#paused = false;
    this.#restart();
  }

  /** A hidden tab gives up its connection. */
  hide(): void {
    this.#hidden = true;
    this.#following?.abort();
  }

  unhide(): void {
    if (!this.#hidden) return;
    this.#hidden = false;
    this.#restart();
  }

  /** Applies the changes since the last frame. Whether there were any. */
  flush(): boolean {
    if (this.#resyncing || this.#paused || this.#waiting.length === 0) return false;
    const known = Number(this.model.revision);
    const changes = this.#waiting.filter(({ revision }) => revision > known);
    this.#waiting = [];
    for (const change of changes) this.model.apply(change);
    this.#meanwhile?.push(...changes);
    return changes.length > 0;
  }

  #restart(): void {
    const shown = this.#shown;
    if (!shown || this.#paused || this.#hidden || shown.stop.signal.aborted) return;
    if (this.#following?.signal.aborted !== false) void this.#keep(shown);
  }

  async #run(shown: Shown): Promise<void> {
    if (!(await this.#loadUntilAnswered(shown))) return;
    await this.#keep(shown);
  }

  /** Streams if possible, otherwise polls. */
  async #keep(shown: Shown): Promise<void> {
    if (shown.state.at !== '' || shown.view.name === 'changes') return this.#stand('past');
    if (this.#paused) return this.#stand('paused');
    if (this.#hidden) return;
    const following = new AbortController();
    this.#following?.abort();
    this.#following = following;
    const signal = AbortSignal.any([shown.stop.signal, following.signal]);
    const narrowing = shown.view.stream?.(shown.state);
    while (!signal.aborted) {
      const release = narrowing === undefined ? undefined : await this.#options.slot();
      if (signal.aborted) return release?.();
      try {
        if (release && narrowing !== undefined) await this.#stream(shown, narrowing, signal);
        else await this.#poll(shown, signal);
      } finally {
        release?.();
      }
      if (this.#failure && this.#failure.status >= 400 && this.#failure.status < 500) return;
    }
  }

  async #stream(shown: Shown, narrowing: string, signal: AbortSignal): Promise<void> {
    const { api, delay } = this.#options;
    const reloading = this.#reloadWhenTouched(shown, signal);
    await follow({
      api,
      narrowing,
      from: this.#lastId,
      signal,
      delay,
      onOpen: () => this.#stand(this.#resyncing ? 'behind' : 'live'),
      onChange: (change) => this.#take(shown, change),
      onResync: () => {
        this.#waiting = [];
        this.#meanwhile = undefined;
        this.#resyncing = true;
        this.#etag = undefined;
        this.#reloadAt = 0;
        this.#stand('behind');
      },
      onLost: (error) => {
        this.#failure = error && error.status >= 400 ? error : this.#failure;
        this.#stand(error && error.status >= 400 && error.status < 500 ? 'refused' : 'offline');
      },
      onId: (id) => {
        this.#lastId = id;
      },
    });
    this.#reloadAt = Number.POSITIVE_INFINITY;
    if (!signal.aborted) await delay(pollEvery, signal);
    void reloading;
  }

  #take(shown: Shown, change: Change): void {
    const { direct, whole } = shown.view;
    const wait = direct ? later : soon;
    if (!whole)
      this.#reloadAt = Math.min(this.#reloadAt, Math.max(this.#loadedAt + wait, this.#options.clock() + wait / 4));
    if (!direct) return;
    this.#waiting.push(change);
    // A tab without frames keeps no queue: it reloads.
    if (this.#waiting.length > 4 * mostWaiting) {
      this.#waiting = [];
      this.#reloadAt = 0;
    }
    this.#options.onUpdate();
  }

  /** The stream covers the namespace; the rest of the picture is reloaded, not too often. */
  async #reloadWhenTouched(shown: Shown, signal: AbortSignal): Promise<void> {
    const { clock, delay } = this.#options;
    while (!signal.aborted) {
      await delay(250, signal);
      if (signal.aborted || clock() < this.#reloadAt) continue;
      this.#reloadAt = Number.POSITIVE_INFINITY;
      const answered = await this.#load(shown, signal);
      if (signal.aborted) return;
      if (answered) this.#stand('live');
      else this.#reloadAt = clock() + later;
    }
  }

  async #poll(shown: Shown, signal: AbortSignal): Promise<void> {
    this.#stand('polling');
    await this.#options.delay(pollEvery, signal);
    if (signal.aborted) return;
    if (await this.#load(shown, signal)) this.#stand('polling');
    else await this.#options.delay((this.#failure?.retryAfter ?? 2) * 1000, signal);
  }

  async #loadUntilAnswered(shown: Shown): Promise<boolean> {
    const { signal } = shown.stop;
    let wait = 1000;
    while (!signal.aborted) {
      if (await this.#load(shown, signal)) return true;
      const failure = this.#failure;
      if (signal.aborted || (failure && failure.status >= 400 && failure.status < 500 && failure.status !== 429))
        return false;
      await this.#options.delay(failure?.retryAfter === undefined ? wait : failure.retryAfter * 1000, signal);
      wait = Math.min(wait * 2, longestWait);
    }
    return false;
  }

  /** Whether it succeeded; a failure is stored and shown. */
  async #load(shown: Shown, signal: AbortSignal): Promise<boolean> {
    const { api, clock, onUpdate } = this.#options;
    const { view, state } = shown;
    let first = true;
    let etag = this.#etag;
    this.#meanwhile = [];
    const ask = async (path: string): Promise<Answer> => {
      const answer = await api.ask<Answer>(momentOf(path, state.at), { etag: first ? this.#etag : undefined, signal });
      if (first) etag = answer?.etag ?? etag;
      first = false;
      if (!answer) throw new Unchanged();
      return answer.body;
    };
    try {
      const answer = await (view.load ? view.load(state, ask) : ask(view.question(state)));
      if (signal.aborted) return false;
      this.#etag = etag;
      this.#lastId = eventIdOf(etag, answer.revision);
      this.model.load(answer);
      for (const change of this.#meanwhile ?? [])
        if (change.revision > Number(answer.revision)) this.model.apply(change);
      this.#resyncing = false;
      this.#hasLoaded = true;
    } catch (error) {
      if (signal.aborted) return false;
      if (!(error instanceof Unchanged)) return this.#failed(error);
    }
    this.#failure = undefined;
    this.#loadedAt = clock();
    onUpdate();
    return true;
  }

  #failed(error: unknown): false {
    this.#failure = error instanceof ApiError ? error : new ApiError(0, 'failed', String(error), undefined, error);
    this.#stand(this.#failure.status >= 400 && this.#failure.status < 500 ? 'refused' : 'offline');
    return false;
  }

  #stand(standing: Standing): void {
    if (standing !== this.#standing) this.#since = this.#options.clock();
    this.#standing = standing;
    this.#options.onUpdate();
  }
}

class Unchanged extends Error {}

/** The tag says which process answered; of a part of the graph it says no revision of the whole. */
function eventIdOf(etag: string | undefined, revision: unknown): string {
  const process = /([0-9a-f]{8})-/.exec(etag ?? '')?.[1];
  return process === undefined ? String(revision) : `${process}-${String(revision)}`;
}
