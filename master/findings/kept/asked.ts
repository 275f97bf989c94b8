// The results of running the rules on one resource.
import type { Draft } from './draft.ts';

const none: ReadonlyMap<string, string> = new Map();

export class Asked {
  readonly drafts: Draft[] = [];
  readonly #before: readonly Draft[];
  #reasons: Map<string, string> | undefined;

  constructor(before: readonly Draft[]) {
    this.#before = before;
  }

  /** By rule: why it is undecided. */
  get reasons(): ReadonlyMap<string, string> {
    return this.#reasons ?? none;
  }

  found(draft: Draft): void {
    this.drafts.push(draft);
  }

  /** Earlier findings remain: missing knowledge ends none. */
  undecided(rule: string, reason: string): void {
    this.#said.set(rule, reason);
    for (const draft of this.#before) if (draft.rule.name === rule) this.drafts.push(draft);
  }

  /** Its findings count, but there may be more. */
  partly(rule: string, reason: string): void {
    this.#said.set(rule, reason);
  }

  /** The same for findings about one of these ids only. */
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
