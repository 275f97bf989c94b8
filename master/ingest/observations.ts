// What is measured of containers: by the probes of their node, otherwise by its kubelet.
import type { Known, Observed } from './known-container.ts';

export class Observations {
  /** By node, then by runtime id. */
  readonly #probed = new Map<string, ReadonlyMap<string, Observed>>();
  /** By id of the container, with the node whose kubelet reported it. */
  readonly #byKubelet = new Map<string, { readonly node: string; readonly observed: Observed }>();

  /** Replaces what the node's probes report, by runtime id; returns the runtime ids for which it differs. */
  tellProbed(node: string, now: ReadonlyMap<string, Observed>): ReadonlySet<string> {
    const before = this.#probed.get(node) ?? new Map<string, Observed>();
    if (now.size > 0) this.#probed.set(node, now);
    else this.#probed.delete(node);
    const all = new Set([...before.keys(), ...now.keys()]);
    return new Set([...all].filter((id) => !isSame(before.get(id), now.get(id))));
  }

  /** Replaces what the node's kubelet reports, by the containers' own ids; returns the ids for which it differs. */
  tellByKubelet(node: string, now: ReadonlyMap<string, Observed>): ReadonlySet<string> {
    const changed = new Set<string>();
    for (const [id, before] of this.#byKubelet) {
      if (before.node !== node || now.has(id)) continue;
      this.#byKubelet.delete(id);
      changed.add(id);
    }
    for (const [id, observed] of now) {
      if (isSame(this.#byKubelet.get(id)?.observed, observed)) continue;
      this.#byKubelet.set(id, { node, observed });
      changed.add(id);
    }
    return changed;
  }

  hasByKubelet(id: string): boolean {
    return this.#byKubelet.has(id);
  }

  /** `known`: what a runtime reports of the container. */
  of(id: string, known: Pick<Known, 'node' | 'runtimeId'> | undefined): Observed | undefined {
    return (known && this.#probed.get(known.node)?.get(known.runtimeId)) ?? this.#byKubelet.get(id)?.observed;
  }
}

function isSame(a: Observed | undefined, b: Observed | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
