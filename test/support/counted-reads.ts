// An object that counts reads of its fields: measures the cost of a function without a clock.

export interface Counted<T> {
  readonly object: T;
  reads(): number;
}

export function counted<T extends object>(object: T): Counted<T> {
  let reads = 0;
  const wrapped = new WeakMap<object, object>();

  function wrap(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value;
    const known = wrapped.get(value);
    if (known) return known;
    const proxy = new Proxy(value, {
      get(target, key, receiver) {
        reads++;
        return wrap(Reflect.get(target, key, receiver));
      },
      has(target, key) {
        reads++;
        return Reflect.has(target, key);
      },
      ownKeys(target) {
        const keys = Reflect.ownKeys(target);
        reads += keys.length;
        return keys;
      },
    });
    wrapped.set(value, proxy);
    return proxy;
  }

  return { object: wrap(object) as T, reads: () => reads };
}
