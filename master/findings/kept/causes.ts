// Which finding explains which: one that hangs on, or harms, what stands on the proof of another and is nearer to the cause.
import { getOrMake } from '../../../src/get-or-make.ts';
import { type FindingTier, findingTiers } from '../finding-rule.ts';

/** What causes are looked for by. */
export interface Explained {
  readonly id: string;
  readonly tier: FindingTier | undefined;
  /** Only what is broken explains something. */
  readonly isBroken: boolean;
  readonly resource: string;
  /** All of them, by id. */
  readonly affected: readonly string[];
  /** Ids of resources on its path. */
  readonly path: readonly string[];
}

export class Causes {
  readonly #all = new Map<string, Explained>();
  /** By resource: findings that hang on it or harm it. */
  readonly #at = new Map<string, Set<string>>();
  /** By resource: findings on whose proof it stands. */
  readonly #over = new Map<string, Set<string>>();

  /** Undefined takes it out. Returns the ids of findings whose cause may be another now, its own among them. */
  set(id: string, now: Explained | undefined): ReadonlySet<string> {
    const touched = new Set([id]);
    const before = this.#all.get(id);
    if (before) this.#file(before, false, touched);
    if (now) {
      this.#all.set(id, now);
      this.#file(now, true, touched);
    } else this.#all.delete(id);
    return touched;
  }

  /** The nearest to the root of it; undefined where nothing explains it. */
  of(id: string): string | undefined {
    const one = this.#all.get(id);
    if (!one?.tier) return undefined;
    let found: Explained | undefined;
    for (const place of placesOver(one)) {
      for (const other of this.#at.get(place) ?? []) {
        const cause = this.#all.get(other);
        if (cause && explains(cause, one) && (!found || isNearer(cause, found))) found = cause;
      }
    }
    return found?.id;
  }

  #file(one: Explained, there: boolean, touched: Set<string>): void {
    for (const place of placesOver(one)) change(this.#over, place, one.id, there);
    if (!one.isBroken || !one.tier) return;
    for (const place of placesAt(one)) {
      change(this.#at, place, one.id, there);
      for (const other of this.#over.get(place) ?? []) touched.add(other);
    }
  }
}

function placesAt({ resource, affected, path }: Explained): Set<string> {
  // The end of the path is what is missing, or the worst of it.
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
  return tier ? findingTiers.indexOf(tier) : findingTiers.length;
}

function change(map: Map<string, Set<string>>, key: string, value: string, there: boolean): void {
  if (there) return void getOrMake(map, key, () => new Set<string>()).add(value);
  const set = map.get(key);
  set?.delete(value);
  if (set?.size === 0) map.delete(key);
}
