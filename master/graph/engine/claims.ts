// What objects say of one another, kept resolved. A claim with fixed ends makes its edge at once; one by UID or key is
// resolved again when what it names changes; one about a set has an edge for each vertex that the set holds.
import type { Condition, End, Fact } from '../../relations/relation.ts';
import type { SourcedReference } from '../contract.ts';
import { none } from '../model/compact.ts';
import { listOf } from '../model/sets.ts';
import type { Claim, Ends, Labels, Vertex } from '../model/vertex.ts';
import { ConditionalClaims } from './conditional-claims.ts';
import type { Facts } from './facts.ts';
import { keyOf } from './facts.ts';
import type { Links } from './links.ts';
import { createReasons } from './reasons.ts';
import type { Resolver } from './resolver.ts';
import { createSaysThe, isFixed, keyOfClaim, keyOfSaid, type SaysThe } from './same-claim.ts';
import type { SetClaims } from './set-claims.ts';
import { setEndOf } from './set-end.ts';
import type { Transactions } from './transaction.ts';
import { WaitingClaims, type WaitingClaimsOptions } from './waiting-claims.ts';

export interface ClaimsOptions extends Pick<WaitingClaimsOptions, 'tellAmbiguous'> {
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
  readonly #saysThe: SaysThe;
  readonly #reasonOf = createReasons();
  /** Those that look again when what is under a key changes. */
  readonly #byKey = new Map<string, Set<Claim>>();
  readonly #conditional: ConditionalClaims;
  readonly #waiting: WaitingClaims;

  constructor(options: ClaimsOptions) {
    this.#options = options;
    this.#saysThe = createSaysThe(options.resolver.clusterId);
    this.#waiting = new WaitingClaims({ ...options, byKey: this.#byKey });
    this.#conditional = new ConditionalClaims({
      ...options,
      byKey: this.#byKey,
      replace: (speaker, before, references) => this.#replace(speaker, before, references),
      withdraw: (claim) => this.#withdraw(claim),
    });
  }

  /** Replaces what the vertex says. What it said before and says again keeps its relations, and their timestamps. */
  renew(vertex: Vertex, references: readonly SourcedReference[]): void {
    const before = vertex.claims;
    if (before.length === 0) {
      if (references.length > 0) vertex.claims = references.map((said) => this.#claim(vertex, said));
      return;
    }
    const isSame = (said: SourcedReference, i: number) => this.#saysThe(before[i] as Claim, said);
    if (before.length === references.length && references.every(isSame)) return;
    vertex.claims = this.#replace(vertex, before, references);
  }

  /** It says nothing any more. */
  clear(vertex: Vertex): void {
    for (const claim of vertex.claims) this.#withdraw(claim);
    vertex.claims = none;
  }

  /** It came, went, or is another incarnation: what names it by UID looks again. */
  awaitedAgain(vertex: Vertex): void {
    this.#waiting.awaitedAgain(vertex);
  }

  setKey(index: string, key: string, id: string | undefined): void {
    const full = keyOf(index, key);
    if (this.#options.resolver.setKey(full, id)) this.#wake(full);
  }

  /** Whether all of a type is known changed: what is said only then is looked at again. */
  knownAgain(type: string): void {
    this.#conditional.knownAgain(type);
  }

  #replace(vertex: Vertex, before: readonly Claim[], references: readonly SourcedReference[]): Claim[] {
    const byKey = new Map<string, Claim[]>();
    for (const claim of before) listOf(byKey, keyOfClaim(claim)).push(claim);
    const kept = new Set<Claim>();
    const now = references.map((said) => {
      const same = byKey.get(keyOfSaid(said))?.find((claim) => !kept.has(claim) && this.#saysThe(claim, said));
      if (!same) return this.#claim(vertex, said);
      kept.add(same);
      return same;
    });
    for (const claim of before) if (!kept.has(claim)) this.#withdraw(claim);
    return now;
  }

  #claim(speaker: Vertex, said: SourcedReference): Claim {
    const { source, target, states, when } = said.reference;
    const plain = !states && !when;
    const ends = plain && isFixed(source) && isFixed(target) ? undefined : endsSaid(source, target, states, when);
    const made: Claim = { speaker, reason: this.#reasonOf(said), ends, edge: undefined };
    if (states) this.#state(made, states);
    else if (when) this.#conditional.claim(made, when);
    else if (!ends) this.#linkFixed(made, source, target);
    else if (setEndOf(source, target)) this.#options.sets.claim(made);
    else this.#waiting.claim(made);
    return made;
  }

  #linkFixed(claim: Claim, source: End | undefined, target: End | undefined): void {
    const { links, resolver } = this.#options;
    claim.edge = links.link(claim, resolver.fixed(source, claim.speaker), resolver.fixed(target, claim.speaker));
  }

  #withdraw(claim: Claim): void {
    const { sets, links } = this.#options;
    const { states, when } = claim.ends ?? {};
    if (states) return this.#unstate(claim, states);
    if (when) return this.#conditional.withdraw(claim, when);
    if (claim.ends && sets.withdraw(claim)) return;
    if (claim.edge) links.unlink(claim, claim.edge);
    claim.edge = undefined;
    if (claim.ends) this.#waiting.withdraw(claim, claim.ends);
  }

  #state(claim: Claim, fact: Fact): void {
    if ('template' in fact) return this.#setTemplate(claim.speaker, fact.template);
    this.#options.facts.add(claim);
    this.#wake(keyOf(fact.index, fact.key));
  }

  #unstate(claim: Claim, fact: Fact): void {
    if ('template' in fact) return this.#setTemplate(claim.speaker, undefined);
    this.#options.facts.remove(claim);
    this.#wake(keyOf(fact.index, fact.key));
  }

  #setTemplate(vertex: Vertex, labels: Labels | undefined): void {
    this.#options.sets.setTemplate(vertex, labels);
  }

  /** What a key stands for changed. */
  #wake(key: string): void {
    for (const claim of [...(this.#byKey.get(key) ?? [])]) {
      if (claim.ends?.when) this.#conditional.reconsider(claim);
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
