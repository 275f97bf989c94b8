// What comes of asking about one resource.
import type { Draft } from './draft.ts';

const none: ReadonlyMap<string, string> = new Map();

export class Asked {
  readonly drafts: Draft[] = [];
  readonly #before: readonly Draft[];
  #reasons: Map<string, string> | undefined;

  constructor(before: readonly Draft[]) {
    this.#before = before;
  }

  /** By rule: why it could not be decided. */
  get reasons(): ReadonlyMap<string, string> {
    return this.#reasons ?? none;
  }

  found(draft: Draft): void {
    this.drafts.push(draft);
  }

  /** What was found before stays: nothing ends because it is not known. */
  undecided(rule: string, reason: string): void {
    this.#said.set(rule, reason);
    for (const draft of this.#before) if (draft.rule.name === rule) this.drafts.push(draft);
  }

  /** What it found counts, and there may be more. */
  partly(rule: string, reason: string): void {
    this.#said.set(rule, reason);
  }

  /** The same of what is about one of these, by id. */
  unsure(rule: string, ids: ReadonlyMap<string, string>): void {
    for (const reason of ids.values()) this.#said.set(rule, reason);
    for (const draft of this.#before) {
      if (draft.rule.name === rule && ids.has(draft.key) && !this.drafts.some(({ id }) => id === draft.id))
        this.drafts.push(draft);
    }
  }

  get #said(): Map<string, string> {
    this.#reasons ??= new Map();
    return this.#reasons;
  }
}
