// Claims that depend on facts stated by other objects: each yields other claims, which are made again when the facts
// change.
import { counted } from '../../../src/counted.ts';
import { Counts } from '../../../src/counts.ts';
import type { Condition } from '../../relations/relation.ts';
import type { SourcedReference } from '../contract.ts';
import { none } from '../model/compact.ts';
import { drop, setOf } from '../model/sets.ts';
import type { Vertex } from '../model/vertex.ts';
import type { ClaimRow, ClaimTable } from './claim-table.ts';
import type { ClaimsByKey } from './claims-by-key.ts';
import { keysOfCondition, mostFilled, notFilledIn, outcomeOf } from './conditions.ts';
import type { Facts } from './facts.ts';

export interface ConditionalClaimsOptions {
  readonly claims: ClaimTable;
  readonly facts: Facts;
  /** Whether all objects of a type in a namespace are known. */
  readonly isKnown: (type: string, namespace: string) => boolean;
  /** Claims to resolve again when the value of a key changes. */
  readonly byKey: ClaimsByKey;
  /** Keeps the claims of `before` that are repeated, makes the new ones and withdraws the rest. */
  readonly replace: (
    speaker: Vertex,
    before: readonly ClaimRow[],
    references: readonly SourcedReference[],
  ) => ClaimRow[];
  readonly withdraw: (claim: ClaimRow) => void;
  /** Told in words that values are left out; undefined when none is any more. */
  readonly tellCut: (what: string, said: string | undefined) => void;
}

export class ConditionalClaims {
  readonly #options: ConditionalClaimsOptions;
  readonly #outcomes = new Map<ClaimRow, readonly ClaimRow[]>();
  /** By the type whose completeness they depend on. */
  readonly #knowing = new Map<string, Set<ClaimRow>>();
  /** How many values are not filled in. */
  readonly #notFilled = new Counts<ClaimRow>();

  constructor(options: ConditionalClaimsOptions) {
    this.#options = options;
  }

  claim(claim: ClaimRow, when: Condition): void {
    for (const key of keysOfCondition(when)) this.#options.byKey.add(key, claim);
    if ('grantedBy' in when) setOf(this.#knowing, when.grantedBy).add(claim);
    this.reconsider(claim);
  }

  withdraw(claim: ClaimRow, when: Condition): void {
    for (const key of keysOfCondition(when)) this.#options.byKey.remove(key, claim);
    if ('grantedBy' in when) drop(this.#knowing, when.grantedBy, claim);
    for (const outcome of this.#outcomes.get(claim) ?? none) this.#options.withdraw(outcome);
    this.#outcomes.delete(claim);
    this.#noteNotFilled(claim, 0);
  }

  reconsider(claim: ClaimRow): void {
    const { claims, facts, isKnown, replace } = this.#options;
    const before = this.#outcomes.get(claim) ?? none;
    const spoken = claims.spokenAt(claim);
    const now = replace(claims.speakerOf(claim), before, outcomeOf(spoken, facts, isKnown));
    this.#noteNotFilled(claim, notFilledIn((spoken.ends as { when: Condition }).when, facts));
    if (now.length > 0) this.#outcomes.set(claim, now);
    else this.#outcomes.delete(claim);
  }

  #noteNotFilled(claim: ClaimRow, count: number): void {
    if (!this.#notFilled.set(claim, count)) return;
    const { size, sum } = this.#notFilled;
    const cut = counted(sum, 'value');
    const words = `cut: ${cut} for ${counted(size, 'reference')}, each takes ${mostFilled} of what another object names`;
    this.#options.tellCut('by values of others', size > 0 ? words : undefined);
  }

  /** It changed whether all objects of a type are known. */
  knownAgain(type: string): void {
    for (const claim of [...(this.#knowing.get(type) ?? [])]) this.reconsider(claim);
  }
}
