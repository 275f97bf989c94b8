// Chooses which claims of a group make relations when all together would exceed the limit: small sets first, each whole or
// not at all. The choice depends on the current claims and set sizes, never on history.
import { textOrder } from '../../../src/text-order.ts';
import type { ClaimRow, ClaimTable } from './claim-table.ts';
import type { SharedSet } from './shared-sets.ts';

/** By set: its admitted claims. */
export function admittedClaims(
  table: ClaimTable,
  sets: Iterable<SharedSet>,
  most: number,
): Map<SharedSet, Set<ClaimRow>> {
  const admitted = new Map<SharedSet, Set<ClaimRow>>();
  let room = most;
  for (const [size, equals] of bySize(sets)) {
    const claims = equals.flatMap((set) => set.claims.map((claim) => ({ set, claim })));
    const fits = size === 0 ? claims.length : Math.floor(room / size);
    const first = fits >= claims.length ? claims : claims.sort(comparing(table)).slice(0, fits);
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
  readonly claim: ClaimRow;
}

function comparing(claims: ClaimTable): (a: One, b: One) => number {
  return (a, b) => {
    const [one, other] = [claims.claimAt(a.claim), claims.claimAt(b.claim)];
    return (
      textOrder(one.speaker.id, other.speaker.id) ||
      textOrder(one.reason.rule.name, other.reason.rule.name) ||
      textOrder(one.reason.field, other.reason.field) ||
      textOrder(a.set.key, b.set.key)
    );
  };
}
