// Which claims of a group make their relations where all together would make too many: those of small sets first, each whole
// or not at all. It depends on what the claims say and how large their sets are now, not on the way there.
import { textOrder } from '../../../src/text-order.ts';
import type { Claim } from '../model/vertex.ts';
import type { SharedSet } from './shared-sets.ts';

/** By set; those of all its claims that are admitted. */
export function admittedClaims(sets: Iterable<SharedSet>, most: number): Map<SharedSet, Set<Claim>> {
  const admitted = new Map<SharedSet, Set<Claim>>();
  let room = most;
  for (const [size, equals] of bySize(sets)) {
    const claims = equals.flatMap((set) => set.claims.map((claim) => ({ set, claim })));
    const fits = size === 0 ? claims.length : Math.floor(room / size);
    const first = fits >= claims.length ? claims : claims.sort(compare).slice(0, fits);
    for (const set of equals) admitted.set(set, new Set());
    for (const { set, claim } of first) admitted.get(set)?.add(claim);
    room -= first.length * size;
  }
  return admitted;
}

function bySize(sets: Iterable<SharedSet>): [number, SharedSet[]][] {
  return [...Map.groupBy(sets, ({ size }) => size)].sort(([a], [b]) => a - b);
}

interface One {
  readonly set: SharedSet;
  readonly claim: Claim;
}

function compare(a: One, b: One): number {
  return (
    textOrder(a.claim.speaker.id, b.claim.speaker.id) ||
    textOrder(a.claim.reason.rule.name, b.claim.reason.rule.name) ||
    textOrder(a.claim.reason.field, b.claim.reason.field) ||
    textOrder(a.set.key, b.set.key)
  );
}
