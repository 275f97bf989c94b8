// A cache shared by tenants: when full, the tenant that holds most loses its least recently used entries. One tenant cannot
// displace the others.

interface Entry<V> {
  readonly tenant: string;
  readonly value: V;
  readonly weight: number;
}

/** A tenant's keys, least recently used first, and their total weight. */
interface Holding {
  readonly keys: Set<string>;
  weight: number;
}

export interface ShareCacheOptions<V> {
  /** Weight of an entry; default 1. */
  readonly weigh?: (value: V, key: string) => number;
  /** Called for each value that leaves the cache, replaced ones included. */
  readonly dropped?: (value: V) => void;
}

/** Share of the largest tenant that is dropped at once, so that the search for it is not repeated for every entry. */
const part = 1 / 16;

export class ShareCache<V> {
  readonly #most: number;
  readonly #weigh: (value: V, key: string) => number;
  readonly #dropped: (value: V) => void;
  readonly #entries = new Map<string, Entry<V>>();
  readonly #byTenant = new Map<string, Holding>();
  #weight = 0;

  /** `most`: maximum total weight. */
  constructor(most: number, { weigh = () => 1, dropped = () => undefined }: ShareCacheOptions<V> = {}) {
    this.#most = most;
    this.#weigh = weigh;
    this.#dropped = dropped;
  }

  get size(): number {
    return this.#entries.size;
  }

  get weight(): number {
    return this.#weight;
  }

  /** Number of a tenant's entries. */
  held(tenant: string): number {
    return this.#byTenant.get(tenant)?.keys.size ?? 0;
  }

  get(key: string): V | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    const { keys } = this.#byTenant.get(entry.tenant) as Holding;
    keys.delete(key);
    keys.add(key);
    return entry.value;
  }

  /** False if it exceeds the maximum by itself; it is not stored then. */
  set(tenant: string, key: string, value: V): boolean {
    this.delete(key);
    const weight = this.#weigh(value, key);
    if (weight > this.#most) {
      this.#dropped(value);
      return false;
    }
    while (this.#weight + weight > this.#most) this.#makeRoom(tenant);
    this.#entries.set(key, { tenant, value, weight });
    const holding = this.#byTenant.get(tenant) ?? { keys: new Set(), weight: 0 };
    holding.keys.add(key);
    holding.weight += weight;
    this.#byTenant.set(tenant, holding);
    this.#weight += weight;
    return true;
  }

  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#weight -= entry.weight;
    const holding = this.#byTenant.get(entry.tenant) as Holding;
    holding.keys.delete(key);
    holding.weight -= entry.weight;
    if (holding.keys.size === 0) this.#byTenant.delete(entry.tenant);
    this.#dropped(entry.value);
  }

  clear(): void {
    for (const key of [...this.#entries.keys()]) this.delete(key);
  }

  /** The new tenant loses if no other holds more. */
  #makeRoom(comes: string): void {
    let largest = this.#byTenant.get(comes);
    for (const one of this.#byTenant.values()) if (!largest || one.weight > largest.weight) largest = one;
    if (!largest) return;
    const enough = largest.weight * (1 - part);
    for (const key of largest.keys) {
      this.delete(key);
      if (largest.weight <= enough) return;
    }
  }
}
