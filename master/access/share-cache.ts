// A cache that tenants share: when it is full, the tenant that holds most loses what it used least lately. However much one
// of them puts in, what the others hold stays.

interface Entry<V> {
  readonly tenant: string;
  readonly value: V;
}

/** Of what the largest tenant holds goes at once: it is not looked for again at every entry. */
const part = 1 / 16;

export class ShareCache<V> {
  readonly #most: number;
  readonly #entries = new Map<string, Entry<V>>();
  /** Keys, from the one used longest ago to the newest. */
  readonly #byTenant = new Map<string, Set<string>>();

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** How many entries a tenant has. */
  held(tenant: string): number {
    return this.#byTenant.get(tenant)?.size ?? 0;
  }

  get(key: string): V | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    this.#touch(entry.tenant, key);
    return entry.value;
  }

  set(tenant: string, key: string, value: V): void {
    this.delete(key);
    if (this.#entries.size >= this.#most) this.#makeRoom(tenant);
    this.#entries.set(key, { tenant, value });
    this.#touch(tenant, key);
  }

  delete(key: string): void {
    const tenant = this.#entries.get(key)?.tenant;
    if (tenant === undefined) return;
    this.#entries.delete(key);
    const keys = this.#byTenant.get(tenant);
    keys?.delete(key);
    if (keys?.size === 0) this.#byTenant.delete(tenant);
  }

  #touch(tenant: string, key: string): void {
    const keys = this.#byTenant.get(tenant) ?? new Set();
    keys.delete(key);
    keys.add(key);
    this.#byTenant.set(tenant, keys);
  }

  /** The one who comes loses, where nobody holds more. */
  #makeRoom(comes: string): void {
    let largest = this.#byTenant.get(comes) ?? new Set<string>();
    for (const keys of this.#byTenant.values()) if (keys.size > largest.size) largest = keys;
    let left = Math.ceil(largest.size * part);
    for (const key of largest) {
      if (left-- <= 0) return;
      this.delete(key);
    }
  }
}
