// The images of the node. Those that its containers were made from are inspected, each once, until they are called
// otherwise; of the others the runtime's list tells enough: what they are called and how much room they take.
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

/** What containers were made from. */
export interface ImagesOfContainers {
  /** Of the containers that are shown. */
  readonly shown: Iterable<string>;
  /** Of all that the runtime has, sandboxes among them. */
  readonly inUse: ReadonlySet<string>;
}

export class ImageInventory {
  readonly #options: ImageInventoryOptions;
  #held = new Map<string, HeldImage>();
  /** As JSON, by id; undefined where they could not be listed. */
  #others: ReadonlyMap<string, string> | undefined;
  /** What the runtime lists; undefined where it could not be asked. */
  #listed: readonly ListedImage[] | undefined;
  #mustList = true;
  #left = 0;

  constructor(options: ImageInventoryOptions) {
    this.#options = options;
  }

  /** Those that containers were made from as JSON, in order of id. */
  all(): string[] {
    return inOrder([...this.#held].map(([id, { json }]) => [id, json]));
  }

  /** The others as JSON, in order of id; undefined where they are not known. */
  others(): string[] | undefined {
    return this.#others && inOrder([...this.#others]);
  }

  /** How many more there are than are kept. */
  get left(): number {
    return this.#left;
  }

  /** Events name an image by its id or by any of its names: reading the few images again is simpler than guessing. */
  doubt(id: string): void {
    this.listAgain();
    if (this.#held.has(id) || !id.startsWith('sha256:')) this.#held = new Map();
  }

  /** Asks what there is at the next round, and inspects nothing again that is called as before. */
  listAgain(): void {
    this.#mustList = true;
  }

  forget(): void {
    this.listAgain();
    this.#held = new Map();
  }

  /** Reads what is new or is called otherwise. @throws Fault when the runtime cannot be asked. */
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
    // Where events tell of each change, names need not be compared: the list may lag behind an event.
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

  /** Undefined where the runtime does not list them: a proxy before it may let other calls alone through. */
  async #list(): Promise<readonly ListedImage[] | undefined> {
    try {
      return await this.#options.engine.call('listImages', (one) => one.listImages());
    } catch (error) {
      if (codeOf(error) === 'engine_down') throw error;
      return undefined;
    }
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

function namesOf({ RepoTags, RepoDigests }: ListedImage): string {
  return JSON.stringify([RepoTags, RepoDigests]);
}

/** Of too many the largest are told: they fill the disk. */
function byWorth(images: readonly ListedImage[]): ListedImage[] {
  return images.toSorted((a, b) => (b.Size ?? 0) - (a.Size ?? 0) || (a.Id < b.Id ? -1 : 1));
}

function inOrder(byId: readonly (readonly [id: string, json: string])[]): string[] {
  return byId.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, json]) => json);
}
