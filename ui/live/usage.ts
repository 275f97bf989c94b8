// The latest metrics of what a view shows, requested once a minute beside the graph, since they make no revision.
import type { ResourceNumbers } from '../numbers.ts';
import type { Api } from './api.ts';

export interface UsageOptions {
  readonly api: Pick<Api, 'ask'>;
  readonly delay: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly isHidden: () => boolean;
  readonly onUpdate: () => void;
}

/** As often as the master asks the minions. */
const every = 60_000;

export class Usage {
  readonly #options: UsageOptions;
  #questions = '';
  #numbers: ReadonlyMap<string, ResourceNumbers> = new Map();
  #stop = new AbortController();

  constructor(options: UsageOptions) {
    this.#options = options;
  }

  /** By id of resources with metrics of their own: containers and nodes. Empty without metrics. */
  get numbers(): ReadonlyMap<string, ResourceNumbers> {
    return this.#numbers;
  }

  /** Follows other questions, or none. The same again change nothing. */
  follow(questions: readonly string[]): void {
    const all = questions.join('\n');
    if (all === this.#questions) return;
    this.#questions = all;
    this.#numbers = new Map();
    this.#stop.abort();
    this.#stop = new AbortController();
    if (questions.length > 0) void this.#keep(questions, this.#stop.signal);
  }

  async #keep(questions: readonly string[], signal: AbortSignal): Promise<void> {
    const { delay, isHidden, onUpdate } = this.#options;
    while (!signal.aborted) {
      const asked = isHidden() ? undefined : await this.#ask(questions, signal);
      if (signal.aborted) return;
      if (asked) {
        this.#numbers = new Map(asked);
        onUpdate();
      }
      await delay(every, signal);
    }
  }

  /** Undefined if one of them fails: cards then have the numbers of before, or none; the panel says why. */
  async #ask(questions: readonly string[], signal: AbortSignal) {
    const { api } = this.#options;
    try {
      const answers = await Promise.all(questions.map((each) => api.ask<Told>(each, { signal })));
      return answers.flatMap((answer) => Object.entries(answer?.body.resources ?? {}));
    } catch {
      return undefined;
    }
  }
}

interface Told {
  readonly resources: { readonly [id: string]: ResourceNumbers };
}

/** The id of the node that a tile of a wall counts. */
export function nodeOf({ id }: { readonly id: string }): string {
  return id.replace('ResourceGroup:', 'Node:');
}

/** Characters of one question: servers and proxies refuse longer lines. */
const longest = 6_000;

/** Queries for the numbers of these, as many as needed. */
export function questionsOf(ids: readonly string[]): string[] {
  const questions: string[] = [];
  let at = longest;
  // What is on no node has no name.
  for (const id of ids.toSorted().filter((each) => !each.endsWith(':'))) {
    const part = new URLSearchParams({ of: id }).toString();
    at += part.length + 1;
    if (at <= longest) questions.push(`${questions.pop()}&${part}`);
    else {
      questions.push(part);
      at = part.length;
    }
  }
  return questions;
}
