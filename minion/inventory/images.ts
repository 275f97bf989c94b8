// The images that the node's containers were made from: each inspected once, until its names change.
import { mapBounded } from '../../src/concurrency.ts';
import { snapshotLimits } from '../../src/minion-api.ts';
import type { Engine } from '../engine.ts';
import type { Outgoing } from '../outgoing.ts';
import type { Runtime } from '../runtimes/runtime.ts';
import { atOnce } from './containers.ts';
import { codeOf } from './failure.ts';

interface HeldImage {
  readonly names: string | undefined;
  readonly json: string;
}

export interface ImageInventoryOptions {
  readonly engine: Engine;
  readonly outgoing: Outgoing;
}

export class ImageInventory {
  readonly #options: ImageInventoryOptions;
  #held = new Map<string, HeldImage>();
  #left = 0;

  constructor(options: ImageInventoryOptions) {
    this.#options = options;
  }

  /** As JSON, in order of id. */
  all(): string[] {
    return [...this.#held].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, { json }]) => json);
  }

  /** How many more there are than are kept. */
  get left(): number {
    return this.#left;
  }

  /** Events name an image by its id or by any of its names: reading the few images again is simpler than guessing. */
  doubt(id: string): void {
    if (this.#held.has(id) || !id.startsWith('sha256:')) this.forget();
  }

  forget(): void {
    this.#held = new Map();
  }

  /** Reads those of `ids` that are new or are called otherwise. @throws Fault when the runtime cannot be asked. */
  async read(ids: Iterable<string>, runtime: Runtime): Promise<void> {
    const needed = [...new Set(ids)].filter((id) => id !== '');
    const chosen = needed.slice(0, snapshotLimits.images);
    this.#left = needed.length - chosen.length;
    const names = await this.#names(runtime);
    const kept = new Map<string, HeldImage>();
    const asked: string[] = [];
    for (const id of chosen) {
      const held = this.#held.get(id);
      if (held && held.names === names?.get(id)) kept.set(id, held);
      else asked.push(id);
    }
    await mapBounded(asked, atOnce, async (id) => {
      const json = await this.#inspect(id);
      if (json !== undefined) kept.set(id, { names: names?.get(id), json });
    });
    this.#held = kept;
  }

  async #names(runtime: Runtime): Promise<ReadonlyMap<string, string> | undefined> {
    if (!runtime.imageNames) return undefined;
    const { engine } = this.#options;
    return engine.call('imageNames', async (one) => (await one.imageNames?.()) ?? new Map<string, string>());
  }

  /** Undefined where the image was removed under its container, or is more than is kept. */
  async #inspect(id: string): Promise<string | undefined> {
    const { engine, outgoing } = this.#options;
    try {
      const json = JSON.stringify(outgoing.image(await engine.call('inspectImage', (one) => one.inspectImage(id))));
      return Buffer.byteLength(json) > snapshotLimits.inspect ? undefined : json;
    } catch (error) {
      if (codeOf(error) === 'engine_down') throw error;
      return undefined;
    }
  }
}
