// Which finding explains which: a finding on (or affecting) a resource explains the findings whose proof contains that resource,
// if its tier is nearer to the cause.
import { type FindingTier, findingTiers } from '../finding-rule.ts';
import { FewByKey } from './few.ts';

/** What determines causes. */
export interface Explained {
  readonly id: string;
  readonly tier: FindingTier;
  /** Only findings of class `broken` explain others. */
  readonly isBroken: boolean;
  readonly resource: string;
  /** All affected ids. */
  readonly affected: readonly string[];
  /** Ids of resources on its path. */
  readonly path: readonly string[];
}

export class Causes {
  readonly #all = new Map<string, Explained>();
  /** By resource: findings on it or affecting it. */
  readonly #at = new FewByKey();
  /** By resource: findings with it in their proof. */
  readonly #over = new FewByKey();

  /** Undefined removes the finding. Adds to `touched` the ids of findings whose cause may have changed, including its own. */
  set(id: string, now: Explained | undefined, touched: Set<string>): void {
    const before = this.#all.get(id);
    if (!before && !now) return;
    touched.add(id);
    if (before) this.#file(before, 'delete', touched);
    if (now) {
      this.#all.set(id, now);
      this.#file(now, 'add', touched);
    } else this.#all.delete(id);
  }

  /** The explaining finding nearest to the root; undefined if none. */
  of(id: string): string | undefined {
    const one = this.#all.get(id);
    if (!one) return undefined;
    let found: Explained | undefined;
    for (const place of placesOver(one)) {
      for (const other of this.#at.on(place)) {
        const cause = this.#all.get(other);
        if (cause && explains(cause, one) && (!found || isNearer(cause, found))) found = cause;
      }
    }
    return found?.id;
  }

  #file(one: Explained, how: 'add' | 'delete', touched: Set<string>): void {
    for (const place of placesOver(one)) this.#over[how](place, one.id);
    if (!one.isBroken) return;
    for (const place of placesAt(one)) {
      this.#at[how](place, one.id);
      for (const other of this.#over.on(place)) touched.add(other);
    }
  }
}

function placesAt({ resource, affected, path }: Explained): Set<string> {
  // The end of the path is the missing or worst resource.
  return new Set([resource, ...affected, ...path.slice(-1)]);
}

function placesOver({ resource, affected, path }: Explained): Set<string> {
  return new Set([resource, ...affected, ...path]);
}

function explains(cause: Explained, one: Explained): boolean {
  return cause.isBroken && cause !== one && rankOf(cause) < rankOf(one);
}

function isNearer(a: Explained, b: Explained): boolean {
  return rankOf(a) < rankOf(b) || (rankOf(a) === rankOf(b) && a.id < b.id);
}

function rankOf({ tier }: Explained): number {
  return findingTiers.indexOf(tier);
}
