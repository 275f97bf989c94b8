// The node's images. Images of containers are inspected once, until their names change; for others the runtime's list has
// enough: names and size.
import { mapBounded } from '../../src/concurrency.ts';
import { snapshotLimits } from '../../src/minion-api.ts';
import type { Engine } from '../engine.ts';
import type { Outgoing } from '../outgoing.ts';
import type { ListedImage, Runtime } from '../runtimes/runtime.ts';
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

/** The images of containers. */
export interface ImagesOfContainers {
  /** Of the containers in the snapshot. */
  readonly shown: Iterable<string>;
  /** Of all containers in the runtime, including sandboxes. */
  readonly inUse: ReadonlySet<string>;
}

export class ImageInventory {
  readonly #options: ImageInventoryOptions;
  #held = new Map<string, HeldImage>();
  /** As JSON by id; undefined if they could not be listed. */
  #others: ReadonlyMap<string, string> | undefined;
  /** The runtime's list; undefined if it failed. */
  #listed: readonly ListedImage[] | undefined;
  #mustList = true;
  #left = 0;

  constructor(options: ImageInventoryOptions) {
    this.#options = options;
  }

  /** Images of containers as JSON, sorted by id. */
  all(): string[] {
    return inOrder([...this.#held].map(([id, { json }]) => [id, json]));
  }

  /** Other images as JSON, sorted by id; undefined if unknown. */
  others(): string[] | undefined {
    return this.#others && inOrder([...this.#others]);
  }

  /** Number of images that are not kept. */
  get left(): number {
    return this.#left;
  }

  /** Events name an image by id or any name: reading the few images again is simpler than guessing. */
  doubt(id: string): void {
    this.listAgain();
    if (this.#held.has(id) || !id.startsWith('sha256:')) this.#held = new Map();
  }

  /** Lists again in the next round, but inspects only renamed images. */
  listAgain(): void {
    this.#mustList = true;
  }

  forget(): void {
    this.listAgain();
    this.#held = new Map();
  }

  /** Reads new and renamed images. @throws Fault if the runtime cannot be asked. */
  async read({ shown, inUse }: ImagesOfContainers, runtime: Runtime): Promise<void> {
    const needed = [...new Set(shown)].filter((id) => id !== '');
    const chosen = needed.slice(0, snapshotLimits.images);
    this.#left = needed.length - chosen.length;
    if (this.#mustList) this.#listed = await this.#list();
    this.#mustList = false;
    await this.#readUsed(chosen, runtime);
    this.#readOthers(new Set(chosen), inUse);
  }

  async #readUsed(chosen: readonly string[], runtime: Runtime): Promise<void> {
    // If events report changes, names need no comparison: the list may lag behind an event.
    const names = runtime.tellsOfImages ? undefined : new Map(this.#listed?.map((one) => [one.Id, namesOf(one)]));
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

  #readOthers(shown: ReadonlySet<string>, inUse: ReadonlySet<string>): void {
    const others = this.#listed?.filter(({ Id }) => !shown.has(Id));
    const room = snapshotLimits.images - shown.size;
    this.#left += Math.max(0, (others?.length ?? 0) - room);
    this.#others =
      others &&
      new Map(
        byWorth(others)
          .slice(0, room)
          .map((one) => [one.Id, this.#textOf(one, inUse)]),
      );
  }

  #textOf({ ofSandboxes, ...image }: ListedImage, inUse: ReadonlySet<string>): string {
    const unused = !ofSandboxes && !inUse.has(image.Id);
    return JSON.stringify(this.#options.outgoing.stored(unused ? { ...image, unused } : image));
  }

  /** Undefined if the runtime does not list images: a proxy may allow other calls only. */
  async #list(): Promise<readonly ListedImage[] | undefined> {
    try {
      return await this.#options.engine.call('listImages', (one) => one.listImages());
    } catch (error) {
      if (codeOf(error) === 'engine_down') throw error;
      return undefined;
    }
  }

  /** Undefined if the image was removed or exceeds the limit. */
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

function namesOf({ RepoTags, RepoDigests }: ListedImage): string {
  return JSON.stringify([RepoTags, RepoDigests]);
}

/** If there are too many, the largest are kept: they fill the disk. */
function byWorth(images: readonly ListedImage[]): ListedImage[] {
  return images.toSorted((a, b) => (b.Size ?? 0) - (a.Size ?? 0) || (a.Id < b.Id ? -1 : 1));
}

function inOrder(byId: readonly (readonly [id: string, json: string])[]): string[] {
  return byId.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, json]) => json);
}
