// Facts that objects state under keys, for the references of other objects. A key yields its stating objects, best first.
import type { KeyFact } from '../../relations/relation.ts';
import type { Vertex } from '../model/vertex.ts';
import type { ClaimRow, ClaimTable } from './claim-table.ts';
import { ClaimsByKey } from './claims-by-key.ts';

export interface Facts {
  add(claim: ClaimRow): void;
  remove(claim: ClaimRow): void;
  has(key: string): boolean;
  /** Distinct values, sorted. */
  valuesOf(key: string): readonly string[];
  /** Distinct objects, highest rank first, then by id. */
  statedBy(key: string): readonly Vertex[];
}

export function createFacts(claims: ClaimTable): Facts {
  const stated = new ClaimsByKey();
  /** A fact stated by many is read by many: sorted once for all readers. */
  const sorted = new Map<string, Vertex[]>();
  const values = new Map<string, string[]>();

  function forget(key: string): void {
    sorted.delete(key);
    values.delete(key);
  }

  function factOf(claim: ClaimRow): KeyFact {
    return claims.endsOf(claim)?.states as KeyFact;
  }

  function compare(a: ClaimRow, b: ClaimRow): number {
    const [rankA = '', rankB = ''] = [factOf(a).rank, factOf(b).rank];
    if (rankA !== rankB) return rankA > rankB ? -1 : 1;
    return claims.speakerOf(a).id < claims.speakerOf(b).id ? -1 : 1;
  }

  return {
    add(claim) {
      const key = claims.factKeyOf(claim);
      forget(key);
      stated.add(key, claim);
    },
    remove(claim) {
      const key = claims.factKeyOf(claim);
      forget(key);
      stated.remove(key, claim);
    },
    has: (key) => stated.has(key),
    valuesOf(key) {
      const known = values.get(key);
      if (known) return known;
      const stating = stated.under(key);
      const found = [...new Set(stating.flatMap((claim) => factOf(claim).value ?? []))].sort();
      if (stating.length > 1) values.set(key, found);
      return found;
    },
    statedBy(key) {
      const known = sorted.get(key);
      if (known) return known;
      const stating = stated.under(key);
      if (stating.length < 2) return stating.map((claim) => claims.speakerOf(claim));
      const found = [...new Set(stating.sort(compare).map((claim) => claims.speakerOf(claim)))];
      sorted.set(key, found);
      return found;
    },
  };
}
