// What objects say of one another, kept resolved. A claim with fixed ends makes its edge at once; one by UID or key is
// resolved again when what it names changes; one about a set has an edge for each vertex that the set holds.
import type { End } from '../../relations/relation.ts';
import type { SourcedReference } from '../contract.ts';
import { appended, each, none, withOne, without, withoutOne } from '../model/compact.ts';
import { drop, listOf, setOf } from '../model/sets.ts';
import type { Claim, Ends, Labels, Vertex } from '../model/vertex.ts';
import { findEdge } from './edges.ts';
import type { Links } from './links.ts';
import { createReasons } from './reasons.ts';
import type { Resolver } from './resolver.ts';
import { keyOf } from './resolver.ts';
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
}

export function createClaims(
  { clusterId, fixed, namesakes, resolve, ...resolver }: Resolver,
  { link, unlink }: Links,
  selectors: Selectors,
  { touch }: Transactions,
): Claims {
  const saysThe = createSaysThe(clusterId);
  const keyClaims = new Map<string, Set<Claim>>();
  const setMatches = new Map<Claim, Set<Vertex>>();
  const reasonOf = createReasons();

  function claimAnew(vertex: Vertex, references: readonly SourcedReference[]): void {
    const before = vertex.claims;
    if (before.length === 0) {
      if (references.length > 0) vertex.claims = references.map((said) => claim(vertex, said));
      return;
    }
    if (before.length === references.length && references.every((said, i) => saysThe(before[i] as Claim, said))) return;
    const byKey = new Map<string, Claim[]>();
    for (const claim of before) listOf(byKey, keyOfClaim(claim)).push(claim);
    const kept = new Set<Claim>();
    vertex.claims = references.map((said) => {
      const same = byKey.get(keyOfSaid(said))?.find((claim) => !kept.has(claim) && saysThe(claim, said));
      if (!same) return claim(vertex, said);
      kept.add(same);
      return same;
    });
    for (const claim of before) if (!kept.has(claim)) withdraw(claim);
  }

  function claim(speaker: Vertex, said: SourcedReference): Claim {
    const { source, target } = said.reference;
    const ends: Ends | undefined = isFixed(source) && isFixed(target) ? undefined : { source, target };
    const made: Claim = { speaker, reason: reasonOf(said), ends, edge: undefined };
    if (!ends) made.edge = link(made, fixed(source, speaker), fixed(target, speaker));
    else if (setEndOf(source, target)) claimSet(made);
    else claimWaiting(made);
    return made;
  }

  function withdraw(claim: Claim): void {
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
      if (end?.by === 'uid') for (const vertex of namesakes(end)) vertex.awaited = withOne(vertex.awaited, claim);
      if (end?.by === 'key') setOf(keyClaims, keyOf(end.index, end.key)).add(claim);
    }
    resolveAgain(claim);
  }

  function stopWaiting(claim: Claim, { source, target }: Ends): void {
    for (const end of [source, target]) {
      if (end?.by === 'key') drop(keyClaims, keyOf(end.index, end.key), claim);
      if (end?.by !== 'uid') continue;
      for (const vertex of namesakes(end)) {
        vertex.awaited = withoutOne(vertex.awaited, claim);
        touch(vertex);
      }
    }
  }

  function resolveAgain(claim: Claim): void {
    const { source, target } = claim.ends as Ends;
    const from = resolve(source, claim.speaker);
    const to = resolve(target, claim.speaker);
    const before = claim.edge;
    if (before && from === before.source && to === before.target) return;
    claim.edge = from && to ? link(claim, from, to) : undefined;
    if (before) unlink(claim, before);
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
      for (const claim of [...(keyClaims.get(full) ?? [])]) resolveAgain(claim);
    },
  };
}
