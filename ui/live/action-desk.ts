// Actions of one cluster at its gateway: listed, proposed, decided. Each thing that is sent takes two steps: the first shows what it
// is about, the second sends it; what has changed in between is not sent.
import { type ActionEntry, groupOf, isAnother, isDecidable } from '../actions.ts';
import type { ActionDocument } from '../sizing.ts';
import { type Api, ApiError } from './api.ts';

export type Step =
  | { readonly what: 'propose'; readonly id: string; readonly document: ActionDocument }
  /** `shown` is what the caller decides on; undefined until it is loaded. */
  | { readonly what: 'approve' | 'withdraw'; readonly id: string; readonly shown?: ActionEntry };

export interface ActionDeskOptions {
  /** As the gateway knows it. */
  readonly cluster: string;
  readonly api: Pick<Api, 'ask' | 'send'>;
  /** Whether there is a token to send. */
  readonly hasToken: () => boolean;
  /** The one that the page was let in with. */
  readonly pageToken: () => string | undefined;
  readonly onToken: (token: string) => void;
  readonly delay: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly isHidden: () => boolean;
  readonly onUpdate: () => void;
}

/** What is asked again and again: all, those proposed here, or nothing. */
export type Following = 'all' | 'own' | 'none';

const every = 3_000;
const changed = 'It is another than was shown: look at it again. Nothing was sent.';

interface ListAnswer {
  readonly actions: readonly ActionEntry[];
  readonly staleSince?: string;
}

export class ActionDesk {
  readonly #options: ActionDeskOptions;
  #entries = new Map<string, ActionEntry>();
  readonly #own = new Set<string>();
  readonly #etags = new Map<string, string | undefined>();
  #listed = false;
  #staleSince: string | undefined;
  #failure = '';
  #needsToken = false;
  #said = { id: '', words: '' };
  #step: Step | undefined;
  #sending = false;
  #following: Following = 'none';
  #stop = new AbortController();

  constructor(options: ActionDeskOptions) {
    this.#options = options;
  }

  get cluster(): string {
    return this.#options.cluster;
  }

  /** The newest first; undefined until they are listed. */
  get entries(): readonly ActionEntry[] | undefined {
    return this.#listed ? [...this.#entries.values()] : undefined;
  }

  /** Since when the actor is away. */
  get staleSince(): string | undefined {
    return this.#staleSince;
  }

  /** Why they could not be listed; empty if they were. */
  get failure(): string {
    return this.#failure;
  }

  /** Whether the cluster asks who calls. */
  get needsToken(): boolean {
    return this.#needsToken || !this.#options.hasToken();
  }

  get step(): Step | undefined {
    return this.#step;
  }

  /** Whether the second step would send something. */
  get isReady(): boolean {
    const step = this.#step;
    if (!step || this.#sending || this.needsToken) return false;
    return step.what === 'propose' || (step.shown !== undefined && isDecidable(step.shown));
  }

  of(id: string): ActionEntry | undefined {
    return this.#entries.get(id);
  }

  /** The server's last message about it; empty if there is none. */
  saidOf(id: string): string {
    return this.#said.id === id ? this.#said.words : '';
  }

  /** The same again changes nothing. */
  follow(following: Following): void {
    if (following === this.#following) return;
    this.#following = following;
    this.#stop.abort();
    this.#stop = new AbortController();
    if (following !== 'none') void this.#keep(following, this.#stop.signal);
  }

  async #keep(following: Following, signal: AbortSignal): Promise<void> {
    const { delay, isHidden } = this.#options;
    while (!signal.aborted) {
      if (!isHidden() && !this.needsToken) await (following === 'all' ? this.#list(signal) : this.#lookAtOwn());
      if (signal.aborted) return;
      await delay(every, signal);
    }
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { api, onUpdate } = this.#options;
    try {
      const answer = await api.ask<ListAnswer>('actions', { etag: this.#etags.get(''), signal });
      if (signal.aborted) return;
      if (answer) this.#take(answer.body, answer.etag);
      this.#failure = '';
    } catch (error) {
      if (signal.aborted) return;
      this.#failure = this.#wordsOf(error);
    }
    onUpdate();
  }

  #take({ actions, staleSince }: ListAnswer, etag: string | undefined): void {
    this.#etags.set('', etag);
    this.#staleSince = staleSince;
    this.#listed = true;
    this.#entries = new Map();
    for (const entry of actions) this.#put(staleSince === undefined ? entry : { ...entry, staleSince });
  }

  async #lookAtOwn(): Promise<void> {
    for (const id of this.#own) {
      const known = this.#entries.get(id);
      if (known !== undefined && groupOf(known) === 'Over') continue;
      await this.#look(id).catch((error: unknown) => this.#say(id, this.#wordsOf(error)));
    }
  }

  async #look(id: string): Promise<ActionEntry | undefined> {
    const answer = await this.#options.api.ask<ActionEntry>(pathOf(id), { etag: this.#etags.get(id) });
    if (answer) {
      this.#etags.set(id, answer.etag);
      this.#put(answer.body);
    }
    this.#options.onUpdate();
    return this.#entries.get(id);
  }

  #put(entry: ActionEntry): void {
    const step = this.#step;
    this.#entries.set(entry.id, entry);
    if (step === undefined || step.what === 'propose' || step.id !== entry.id || this.#sending) return;
    if (step.shown === undefined || !isAnother(step.shown, entry)) return;
    this.#step = undefined;
    this.#said = { id: entry.id, words: changed };
  }

  #say(id: string, words: string): void {
    this.#said = { id, words };
    this.#options.onUpdate();
  }

  #wordsOf(error: unknown): string {
    if (error instanceof ApiError && error.status === 401) this.#needsToken = true;
    return error instanceof ApiError ? error.message : String(error);
  }

  /** The token that the page was let in with, to be offered and not to be taken unasked. */
  get pageToken(): string | undefined {
    return this.#options.pageToken();
  }

  /** A token of the cluster; empty where a proxy on the way sends it. */
  signIn(token: string): void {
    this.#needsToken = false;
    this.#failure = '';
    this.#options.onToken(token);
    const following = this.#following;
    this.follow('none');
    this.follow(following);
    this.#options.onUpdate();
  }

  /** The first step of a proposal: nothing is sent. The same again closes it. */
  prepareProposal(document: ActionDocument): void {
    if (this.#sending) return;
    if (this.#step?.id === document.id) return this.cancel();
    this.#said = { id: '', words: '' };
    this.#step = { what: 'propose', id: document.id, document };
    this.#options.onUpdate();
  }

  /** The first step of a decision: asks for the action as it is now, and sends nothing. The same again closes it. */
  async prepare(what: 'approve' | 'withdraw', id: string): Promise<void> {
    if (this.#sending) return;
    if (this.#step?.id === id && this.#step.what === what) return this.cancel();
    this.#said = { id: '', words: '' };
    const step: Step = { what, id };
    this.#step = step;
    this.#options.onUpdate();
    try {
      this.#etags.delete(id);
      const shown = await this.#look(id);
      if (this.#step === step && shown) this.#step = { ...step, shown };
      this.#options.onUpdate();
    } catch (error) {
      if (this.#step === step) this.#step = undefined;
      this.#say(id, this.#wordsOf(error));
    }
  }

  cancel(): void {
    if (this.#sending) return;
    this.#step = undefined;
    this.#options.onUpdate();
  }

  /** The second step: sends what is shown. Does nothing unless it is ready. */
  async confirm(): Promise<void> {
    const step = this.#step;
    if (!step || !this.isReady) return;
    const { api, onUpdate } = this.#options;
    this.#sending = true;
    onUpdate();
    const isProposal = step.what === 'propose';
    const path = isProposal ? 'actions' : `${pathOf(step.id)}/${step.what}`;
    const body = isProposal ? JSON.stringify(step.document) : '{}';
    try {
      const headers = { accept: 'application/json', 'content-type': 'application/json' };
      const entry = (await (await api.send(path, headers, { method: 'POST', body })).json()) as ActionEntry;
      this.#own.add(entry.id);
      this.#etags.clear();
      this.#put(entry);
    } catch (error) {
      const isLost = !(error instanceof ApiError) || error.status === 0;
      this.#said = {
        id: step.id,
        words: `${this.#wordsOf(error)}${isLost ? '. Whether it arrived is not known: its state says so' : ''}`,
      };
      if (isLost) this.#own.add(step.id);
    }
    this.#sending = false;
    this.#step = undefined;
    onUpdate();
  }
}

function pathOf(id: string): string {
  return `actions/${encodeURIComponent(id)}`;
}
