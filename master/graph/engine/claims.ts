// What objects assert about each other, kept resolved. A claim with fixed ends makes its edge at once; one by UID or key is
// resolved again when its target changes; one about a set has an edge for each member.
import type { Condition, End, Fact } from '../../relations/relation.ts';
import type { SourcedReference } from '../contract.ts';
import { none } from '../model/compact.ts';
import { keyOf } from '../model/packed-ends.ts';
import { listOf } from '../model/sets.ts';
import { noRow } from '../model/table.ts';
import type { Ends, Vertex } from '../model/vertex.ts';
import type { ClaimRow, ClaimTable } from './claim-table.ts';
import { ClaimsByKey } from './claims-by-key.ts';
import { ConditionalClaims, type ConditionalClaimsOptions } from './conditional-claims.ts';
import type { EdgeTable } from './edge-table.ts';
import type { Facts } from './facts.ts';
import type { Links } from './links.ts';
import { createReasons } from './reasons.ts';
import type { Resolver } from './resolver.ts';
import { createSaysThe, isFixed, keyOfReason, keyOfSaid, type SaysThe } from './same-claim.ts';
import type { SetClaims } from './set-claims.ts';
import { setEndOf } from './set-end.ts';
import type { Transactions } from './transaction.ts';
import { WaitingClaims, type WaitingClaimsOptions } from './waiting-claims.ts';

export interface ClaimsOptions
  extends Pick<WaitingClaimsOptions, 'tellAmbiguous'>,
    Pick<ConditionalClaimsOptions, 'tellCut'> {
  readonly edges: EdgeTable;
  readonly resolver: Resolver;
  readonly facts: Facts;
  readonly links: Links;
  readonly sets: SetClaims;
  readonly transactions: Transactions;
  /** Whether all objects of a type in a namespace are known. */
  readonly isKnown: (type: string, namespace: string) => boolean;
}

export class Claims {
  readonly #options: ClaimsOptions;
  readonly #table: ClaimTable;
  readonly #saysThe: SaysThe;
  readonly #reasonOf = createReasons();
  /** Claims to resolve again when the value of a key changes. */
  readonly #byKey = new ClaimsByKey();
  readonly #conditional: ConditionalClaims;
  readonly #waiting: WaitingClaims;
  /** Keys whose values change while the claims of one vertex are replaced: an object may state one key thousands of times. */
  readonly #changed = new Set<string>();
  #gathersKeys = false;

  constructor(options: ClaimsOptions) {
    this.#options = options;
    this.#table = options.edges.claims;
    this.#saysThe = createSaysThe(options.resolver.clusterId, options.edges);
    this.#waiting = new WaitingClaims({ ...options, byKey: this.#byKey });
    this.#conditional = new ConditionalClaims({
      ...options,
      claims: this.#table,
      byKey: this.#byKey,
      replace: (speaker, before, references) => this.#replace(speaker, before, references),
      withdraw: (claim) => this.#withdraw(claim),
    });
  }

  /** Replaces the claims of a vertex; false if they are the same. A claim that is repeated keeps its relation and timestamp. */
  renew(vertex: Vertex, references: readonly SourcedReference[]): boolean {
    return this.#wakingOnce(() => this.#renew(vertex, references));
  }

  #renew(vertex: Vertex, references: readonly SourcedReference[]): boolean {
    const before = this.#table.saidBy(vertex);
    if (before.length === 0) {
      if (references.length === 0) return false;
      this.#say(
        vertex,
        references.map((said) => this.#claim(vertex, said)),
      );
      return true;
    }
    const isSame = (said: SourcedReference, i: number) => this.#saysThe(before[i] as ClaimRow, said);
    if (before.length === references.length && references.every(isSame)) return false;
    this.#say(vertex, this.#replace(vertex, before, references));
    return true;
  }

  /** Withdraws all claims of the vertex. */
  clear(vertex: Vertex): void {
    this.#wakingOnce(() => {
      for (const claim of this.#table.saidBy(vertex)) this.#withdraw(claim);
      this.#say(vertex, none);
    });
  }

  /** Reports ambiguous references. Call before a transaction ends. */
  settle(): void {
    this.#waiting.settle();
  }

  /** Resolves claims by UID again after the vertex came, went or changed its incarnation. */
  awaitedAgain(vertex: Vertex): void {
    this.#waiting.awaitedAgain(vertex);
  }

  setKey(index: string, key: string, id: string | undefined): void {
    const full = keyOf(index, key);
    if (this.#options.resolver.setKey(full, id)) this.#wake(full);
  }

  /** Resolves conditional claims again after it changed whether all objects of the type are known. */
  knownAgain(type: string): void {
    this.#conditional.knownAgain(type);
  }

  #say(vertex: Vertex, claims: readonly ClaimRow[]): void {
    this.#table.setSaid(vertex, claims);
  }

  #replace(vertex: Vertex, before: Iterable<ClaimRow>, references: readonly SourcedReference[]): ClaimRow[] {
    const byKey = new Map<string, ClaimRow[]>();
    for (const claim of before) listOf(byKey, keyOfReason(this.#table.reasonOf(claim))).push(claim);
    const kept = new Set<ClaimRow>();
    const now = references.map((said) => {
      const same = byKey.get(keyOfSaid(said))?.find((claim) => !kept.has(claim) && this.#saysThe(claim, said));
      if (same === undefined) return this.#claim(vertex, said);
      kept.add(same);
      return same;
    });
    for (const claim of before) if (!kept.has(claim)) this.#withdraw(claim);
    return now;
  }

  #claim(speaker: Vertex, said: SourcedReference): ClaimRow {
    const { source, target, states, when } = said.reference;
    const plain = !states && !when;
    const ends = plain && isFixed(source) && isFixed(target) ? undefined : endsSaid(source, target, states, when);
    const made = this.#table.add(speaker, this.#reasonOf(said), ends);
    if (states) this.#state(made, states);
    else if (when) this.#conditional.claim(made, when);
    else if (!ends) this.#linkFixed(made, speaker, source, target);
    else if (setEndOf(source, target)) this.#options.sets.claim(made);
    else this.#waiting.claim(made);
    return made;
  }

  #linkFixed(claim: ClaimRow, speaker: Vertex, source: End | undefined, target: End | undefined): void {
    const { links, resolver } = this.#options;
    const edge = links.link(claim, resolver.fixed(source, speaker), resolver.fixed(target, speaker));
    this.#table.setEdge(claim, edge);
  }

  #withdraw(claim: ClaimRow): void {
    const ends = this.#table.endsOf(claim);
    if (ends?.states) this.#unstate(claim, ends.states);
    else if (ends?.when) this.#conditional.withdraw(claim, ends.when);
    else if (!ends || !this.#options.sets.withdraw(claim)) this.#unlink(claim, ends);
    this.#table.remove(claim);
  }

  #unlink(claim: ClaimRow, ends: Ends | undefined): void {
    const edge = this.#table.edgeOf(claim);
    if (edge !== noRow) this.#options.links.unlink(claim, edge);
    if (ends) this.#waiting.withdraw(claim, ends);
  }

  #state(claim: ClaimRow, fact: Fact): void {
    if ('template' in fact) return this.#options.sets.setTemplate(this.#table.speakerOf(claim), fact.template);
    this.#options.facts.add(claim);
    this.#wake(keyOf(fact.index, fact.key));
  }

  #unstate(claim: ClaimRow, fact: Fact): void {
    if ('template' in fact) return this.#options.sets.dropTemplate(this.#table.speakerOf(claim), fact.template);
    this.#options.facts.remove(claim);
    this.#wake(keyOf(fact.index, fact.key));
  }

  /** Resolves claims again after the value of a key changed. */
  #wake(key: string): void {
    if (this.#gathersKeys) this.#changed.add(key);
    else this.#wakeNow(key);
  }

  /** Runs `change`, then resolves the claims of each key that changed meanwhile. */
  #wakingOnce<T>(change: () => T): T {
    if (this.#gathersKeys) return change();
    this.#gathersKeys = true;
    try {
      return change();
    } finally {
      // The loop also visits keys that are added during iteration.
      for (const key of this.#changed) {
        this.#changed.delete(key);
        this.#wakeNow(key);
      }
      this.#gathersKeys = false;
    }
  }

  #wakeNow(key: string): void {
    for (const claim of this.#byKey.under(key)) {
      if (this.#table.endsOf(claim)?.when) this.#conditional.reconsider(claim);
      else this.#waiting.resolveAgain(claim);
    }
  }
}

function endsSaid(
  source: End | undefined,
  target: End | undefined,
  states: Fact | undefined,
  when: Condition | undefined,
): Ends {
  if (states) return { source, target, states };
  return when ? { source, target, when } : { source, target };
}
