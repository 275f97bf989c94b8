// What objects say of one another, kept resolved. A claim with fixed ends makes its edge at once; one by UID or key is
// resolved again when what it names changes; one about a set has an edge for each vertex that the set holds.
import type { Condition, End, Fact } from '../../relations/relation.ts';
import type { SourcedReference } from '../contract.ts';
import { appended, each, none, withOne, without, withoutOne } from '../model/compact.ts';
import { drop, listOf, setOf } from '../model/sets.ts';
import type { Claim, Ends, Labels, Vertex } from '../model/vertex.ts';
import { keysOfCondition, outcomeOf } from './conditions.ts';
import { findEdge } from './edges.ts';
import type { Facts } from './facts.ts';
import { keyOf } from './facts.ts';
import type { Links } from './links.ts';
import { createReasons } from './reasons.ts';
import type { Resolver } from './resolver.ts';
import { createSaysThe, isFixed, keyOfClaim, keyOfSaid } from './same-claim.ts';
import type { Selectors } from './selectors.ts';
import { setEndOf } from './selectors.ts';
import type { Transactions } from './transaction.ts';

export interface Claims {
  /** Replaces what the vertex says. What it said before and says again keeps its relations, and their timestamps. */
  renew(vertex: Vertex, references: readonly SourcedReference[]): void;
  /** It says nothing any more, and is in no set. */
  clear(vertex: Vertex): void;
  /** It came, went, or is another incarnation: who names it by UID looks again. */
  awaitedAgain(vertex: Vertex): void;
  /** Its labels changed: compares the claims that match it with those that did. */
  rematch(vertex: Vertex): void;
  /** Where it is a Namespace that has these labels now, or is gone: what chooses namespaces by label looks at it again. */
  rechoose(vertex: Vertex, labels: Labels | undefined): void;
  setKey(index: string, key: string, id: string | undefined): void;
  /** Whether all of a type is known changed: what is said only then is looked at again. */
  knownAgain(type: string): void;
}

/** Ids by field. */
type Doubts = { readonly [field: string]: readonly string[] };

export interface ClaimsOptions {
  readonly resolver: Resolver;
  readonly facts: Facts;
  readonly links: Links;
  readonly selectors: Selectors;
  readonly transactions: Transactions;
  /** Whether all objects of a type in a namespace are known. */
  readonly isKnown: (type: string, namespace: string) => boolean;
  /** Told what the references of a vertex might mean, by their fields; undefined where all are clear. */
  readonly tellAmbiguous: (vertex: Vertex, among: Doubts | undefined) => void;
}

export function createClaims(options: ClaimsOptions): Claims {
  const { facts, selectors, isKnown, resolver } = options;
  const { clusterId, fixed, resolve, awaitedBy, keysOf } = resolver;
  const { link, unlink } = options.links;
  const { touch } = options.transactions;
  const saysThe = createSaysThe(clusterId);
  /** Those that look again when the facts under a key change. */
  const keyClaims = new Map<string, Set<Claim>>();
  /** What conditional claims come to. */
  const outcomes = new Map<Claim, readonly Claim[]>();
  /** Conditional claims by the type that they want to know all of. */
  const knowing = new Map<string, Set<Claim>>();
  const doubts = new Map<Vertex, Map<Claim, readonly Vertex[]>>();
  const setMatches = new Map<Claim, Set<Vertex>>();
  const reasonOf = createReasons();

  function claimAnew(vertex: Vertex, references: readonly SourcedReference[]): void {
    const before = vertex.claims;
    if (before.length === 0) {
      if (references.length > 0) vertex.claims = references.map((said) => claim(vertex, said));
      return;
    }
    if (before.length === references.length && references.every((said, i) => saysThe(before[i] as Claim, said))) return;
    vertex.claims = replace(vertex, before, references);
  }

  /** Keeps of the claims what is said again, makes the others, and withdraws the rest. */
  function replace(vertex: Vertex, before: readonly Claim[], references: readonly SourcedReference[]): Claim[] {
    const byKey = new Map<string, Claim[]>();
    for (const claim of before) listOf(byKey, keyOfClaim(claim)).push(claim);
    const kept = new Set<Claim>();
    const now = references.map((said) => {
      const same = byKey.get(keyOfSaid(said))?.find((claim) => !kept.has(claim) && saysThe(claim, said));
      if (!same) return claim(vertex, said);
      kept.add(same);
      return same;
    });
    for (const claim of before) if (!kept.has(claim)) withdraw(claim);
    return now;
  }

  function claim(speaker: Vertex, said: SourcedReference): Claim {
    const { source, target, states, when } = said.reference;
    const plain = !states && !when;
    const ends = plain && isFixed(source) && isFixed(target) ? undefined : endsSaid(source, target, states, when);
    const made: Claim = { speaker, reason: reasonOf(said), ends, edge: undefined };
    if (states) state(made, states);
    else if (when) claimConditional(made, when);
    else if (!ends) made.edge = link(made, fixed(source, speaker), fixed(target, speaker));
    else if (setEndOf(source, target)) claimSet(made);
    else claimWaiting(made);
    return made;
  }

  function state(claim: Claim, fact: Fact): void {
    if ('template' in fact) return setTemplate(claim.speaker, fact.template);
    facts.add(claim);
    wake(keyOf(fact.index, fact.key));
  }

  function unstate(claim: Claim, fact: Fact): void {
    if ('template' in fact) return setTemplate(claim.speaker, undefined);
    facts.remove(claim);
    wake(keyOf(fact.index, fact.key));
  }

  function setTemplate(vertex: Vertex, labels: Labels | undefined): void {
    selectors.setTemplate(vertex, labels);
    if (vertex.present) rematch(vertex);
  }

  /** What a key stands for changed. */
  function wake(key: string): void {
    for (const claim of [...(keyClaims.get(key) ?? [])]) {
      if (claim.ends?.when) reconsider(claim);
      else resolveAgain(claim);
    }
  }

  function claimConditional(claim: Claim, when: Condition): void {
    for (const key of keysOfCondition(when)) setOf(keyClaims, key).add(claim);
    if ('grantedBy' in when) setOf(knowing, when.grantedBy).add(claim);
    reconsider(claim);
  }

  function reconsider(claim: Claim): void {
    const before = outcomes.get(claim) ?? none;
    const now = replace(claim.speaker, before, outcomeOf(claim, facts, isKnown));
    if (now.length > 0) outcomes.set(claim, now);
    else outcomes.delete(claim);
  }

  function withdrawConditional(claim: Claim, when: Condition): void {
    for (const key of keysOfCondition(when)) drop(keyClaims, key, claim);
    if ('grantedBy' in when) drop(knowing, when.grantedBy, claim);
    for (const outcome of outcomes.get(claim) ?? none) withdraw(outcome);
    outcomes.delete(claim);
  }

  function withdraw(claim: Claim): void {
    const { states, when } = claim.ends ?? {};
    if (states) return unstate(claim, states);
    if (when) return withdrawConditional(claim, when);
    const matches = setMatches.get(claim);
    if (matches) {
      for (const vertex of matches) {
        vertex.matched = without(vertex.matched, claim);
        unlinkMatch(claim, vertex);
      }
      setMatches.delete(claim);
      selectors.remove(claim);
    }
    if (claim.edge) unlink(claim, claim.edge);
    claim.edge = undefined;
    if (claim.ends) stopWaiting(claim, claim.ends);
  }

  function claimWaiting(claim: Claim): void {
    const { source, target } = claim.ends as Ends;
    for (const end of [source, target]) {
      for (const vertex of awaitedBy(end)) vertex.awaited = withOne(vertex.awaited, claim);
      for (const key of keysOf(end)) setOf(keyClaims, key).add(claim);
    }
    resolveAgain(claim);
  }

  function stopWaiting(claim: Claim, { source, target }: Ends): void {
    for (const end of [source, target]) {
      for (const key of keysOf(end)) drop(keyClaims, key, claim);
      for (const vertex of awaitedBy(end)) {
        vertex.awaited = withoutOne(vertex.awaited, claim);
        touch(vertex);
      }
    }
    doubt(claim, undefined);
  }

  function resolveAgain(claim: Claim): void {
    const { source, target } = claim.ends as Ends;
    doubt(claim, resolver.ambiguous(source) ?? resolver.ambiguous(target));
    const from = resolve(source, claim.speaker);
    const to = resolve(target, claim.speaker);
    const before = claim.edge;
    if (before && from === before.source && to === before.target) return;
    claim.edge = from && to ? link(claim, from, to) : undefined;
    if (before) unlink(claim, before);
  }

  function doubt(claim: Claim, among: readonly Vertex[] | undefined): void {
    const { speaker } = claim;
    const of = doubts.get(speaker) ?? new Map<Claim, readonly Vertex[]>();
    if (!among && !of.delete(claim)) return;
    if (among) of.set(claim, among);
    if (of.size > 0) doubts.set(speaker, of);
    else doubts.delete(speaker);
    options.tellAmbiguous(speaker, doubtsIn(of));
  }

  function claimSet(claim: Claim): void {
    selectors.add(claim);
    setMatches.set(claim, new Set());
    for (const vertex of selectors.matchesOf(claim)) match(claim, vertex);
  }

  function match(claim: Claim, vertex: Vertex): void {
    setMatches.get(claim)?.add(vertex);
    vertex.matched = appended(vertex.matched, claim);
    linkMatch(claim, vertex);
  }

  /** The fixed other end of a set's edge, and the matched one. */
  function endsOf(claim: Claim, matched: Vertex): [Vertex, Vertex] {
    const { source, target } = claim.ends as Ends;
    const isSet = (end: End | undefined) => end?.by === 'labels' || end?.by === 'kind';
    return [
      isSet(source) ? matched : fixed(source, claim.speaker),
      isSet(target) ? matched : fixed(target, claim.speaker),
    ];
  }

  function linkMatch(claim: Claim, vertex: Vertex): void {
    link(claim, ...endsOf(claim, vertex));
  }

  function unlinkMatch(claim: Claim, vertex: Vertex): void {
    const [source, target] = endsOf(claim, vertex);
    const edge = findEdge(source, claim.reason.rule.relation, target.id);
    if (edge) unlink(claim, edge);
  }

  function leave(claim: Claim, vertex: Vertex): void {
    vertex.matched = without(vertex.matched, claim);
    unmatch(claim, vertex);
  }

  function unmatch(claim: Claim, vertex: Vertex): void {
    setMatches.get(claim)?.delete(vertex);
    unlinkMatch(claim, vertex);
  }

  function rematch(vertex: Vertex): void {
    const now = selectors.claimsFor(vertex);
    const before = vertex.matched;
    vertex.matched = now;
    for (const claim of now) {
      const matches = setMatches.get(claim);
      if (!matches || matches.has(vertex)) continue;
      matches.add(vertex);
      linkMatch(claim, vertex);
    }
    if (before.length > 0) for (const claim of new Set(before).difference(new Set(now))) unmatch(claim, vertex);
    rechoose(vertex, vertex.labels ?? {});
  }

  function rechoose({ type, namespace, name }: Vertex, labels: Labels | undefined): void {
    if (type !== 'Namespace' || namespace !== '') return;
    for (const [claim, chosen] of selectors.rechoose(name, labels)) {
      for (const vertex of selectors.matchesIn(claim, name)) {
        if (setMatches.get(claim)?.has(vertex) === chosen) continue;
        if (chosen) match(claim, vertex);
        else leave(claim, vertex);
      }
    }
  }

  return {
    renew: claimAnew,
    clear(vertex) {
      for (const claim of vertex.matched) unmatch(claim, vertex);
      vertex.matched = none;
      for (const claim of vertex.claims) withdraw(claim);
      vertex.claims = none;
    },
    awaitedAgain(vertex) {
      for (const claim of each(vertex.awaited)) resolveAgain(claim);
    },
    rematch,
    rechoose,
    setKey(index, key, id) {
      const full = keyOf(index, key);
      if (!resolver.setKey(full, id)) return;
      wake(full);
    },
    knownAgain(type) {
      for (const claim of [...(knowing.get(type) ?? [])]) reconsider(claim);
    },
  };
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

/** So many are listed of what a reference may mean. */
const mostDoubts = 10;

/** `{ field: [id, …] }`, in order whatever came first. */
function doubtsIn(doubts: ReadonlyMap<Claim, readonly Vertex[]>): Doubts | undefined {
  if (doubts.size === 0) return undefined;
  const byField = new Map<string, readonly string[]>();
  for (const [{ reason }, among] of doubts)
    byField.set(
      reason.field,
      among.slice(0, mostDoubts).map(({ id }) => id),
    );
  return Object.fromEntries([...byField].sort(([a], [b]) => (a < b ? -1 : 1)));
}
