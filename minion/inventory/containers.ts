// The node's containers: inspected when new, after an event, or when the list shows a change; otherwise kept.
import { mapBounded } from '../../src/concurrency.ts';
import { type ContainerInspect, type ContainerSummary, isSandbox } from '../../src/docker-api.ts';
import { snapshotLimits } from '../../src/minion-api.ts';
import type { Engine } from '../engine.ts';
import type { Metrics } from '../metrics.ts';
import type { Outgoing } from '../outgoing.ts';
import { codeOf, messageOf } from './failure.ts';

export interface Held {
  /** The list's entry at the time of the inspect. */
  readonly key: string;
  readonly id: string;
  readonly image: string;
  readonly running: boolean;
  /** 0 if it has none. */
  readonly pid: number;
  /** The inspect as JSON. */
  readonly json: string;
  readonly error?: string;
}

export interface InventoryOptions {
  readonly engine: Engine;
  readonly outgoing: Outgoing;
  readonly metrics: Pick<Metrics, 'cache'>;
}

/** Concurrent runtime calls. */
export const atOnce = 4;

export class ContainerInventory {
  readonly #options: InventoryOptions;
  /** Containers to inspect again, whatever the list shows. */
  readonly #doubtful = new Set<string>();
  #held = new Map<string, Held>();
  #left = 0;
  #images: ReadonlySet<string> = new Set();

  constructor(options: InventoryOptions) {
    this.#options = options;
  }

  /** Sorted by id. */
  all(): Held[] {
    return [...this.#held.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** Number of containers in the runtime that are not kept. */
  get left(): number {
    return this.#left;
  }

  /** Images of all containers in the runtime, including sandboxes and those not kept. */
  get images(): ReadonlySet<string> {
    return this.#images;
  }

  doubt(id: string): void {
    this.#doubtful.add(id);
  }

  doubtAll(): void {
    for (const id of this.#held.keys()) this.#doubtful.add(id);
  }

  /**
   * Compares the list with kept containers: inspects new, changed and doubtful ones.
   * @throws Fault if the runtime cannot be asked; doubtful ones stay doubtful.
   */
  async compare(): Promise<void> {
    const { engine, metrics } = this.#options;
    const list = await engine.call('listContainers', (one) => one.listContainers(true));
    this.#images = new Set(list.map(({ ImageID }) => ImageID));
    const chosen = this.#chosen(list.filter(({ Labels }) => !isSandbox(Labels)));
    const kept = new Map<string, Held>();
    const asked: ContainerSummary[] = [];
    for (const summary of chosen) {
      const held = this.#held.get(summary.Id);
      if (held && held.key === keyOf(summary) && !this.#doubtful.has(held.id)) kept.set(held.id, held);
      else asked.push(summary);
    }
    metrics.cache('hit', kept.size);
    metrics.cache('miss', asked.length);
    for (const held of await this.#inspectAll(asked)) if (held) kept.set(held.id, held);
    for (const id of this.#doubtful) if (!kept.has(id)) this.#doubtful.delete(id);
    this.#held = kept;
  }

  /** If there are too many: running ones first, then the newest. */
  #chosen(list: ContainerSummary[]): ContainerSummary[] {
    this.#left = Math.max(0, list.length - snapshotLimits.containers);
    return this.#left === 0 ? list : list.toSorted(byWorth).slice(0, snapshotLimits.containers);
  }

  async #inspectAll(asked: readonly ContainerSummary[]): Promise<(Held | undefined)[]> {
    try {
      return await mapBounded(asked, atOnce, (summary) => this.#inspect(summary));
    } catch (error) {
      // The results were lost with the failure.
      for (const { Id } of asked) this.#doubtful.add(Id);
      throw error;
    }
  }

  /** Undefined if the container was removed after the list. */
  async #inspect(summary: ContainerSummary): Promise<Held | undefined> {
    const { engine, outgoing } = this.#options;
    // Before the call: an event during it makes the container doubtful again.
    this.#doubtful.delete(summary.Id);
    try {
      const inspect = await engine.call('inspectContainer', (one) => one.inspectContainer(summary.Id));
      return hold(summary, outgoing.container(inspect));
    } catch (error) {
      if (codeOf(error) === 'container_not_found') return undefined;
      this.#doubtful.add(summary.Id);
      if (codeOf(error) === 'engine_down') throw error;
      return holdSummary(outgoing.summaries([summary])[0] as ContainerSummary, messageOf(error));
    }
  }
}

function byWorth(a: ContainerSummary, b: ContainerSummary): number {
  const [first, second] = [a.State === 'running', b.State === 'running'];
  if (first !== second) return first ? -1 : 1;
  if (a.Created !== b.Created) return b.Created - a.Created;
  return a.Id < b.Id ? -1 : 1;
}

/** The part of a list entry that changes with the container. `Status` always changes (`Up 5 minutes`) and is left out. */
function keyOf({ State, Names, ImageID }: ContainerSummary): string {
  return `${State} ${ImageID} ${Names.join(' ')}`;
}

function hold(summary: ContainerSummary, inspect: ContainerInspect): Held {
  const json = JSON.stringify(inspect);
  const size = Buffer.byteLength(json);
  if (size > snapshotLimits.inspect) return holdSummary(summary, `its inspect has ${size} bytes, more than is kept`);
  const { Image, State } = inspect;
  return { key: keyOf(summary), id: summary.Id, image: Image, running: State.Running, pid: State.Pid ?? 0, json };
}

/** The list entry of a container that cannot be inspected, with the error. */
function holdSummary(summary: ContainerSummary, error: string): Held {
  const inspect: ContainerInspect = {
    Id: summary.Id,
    Name: summary.Names[0] ?? '',
    Image: summary.ImageID,
    State: { Status: summary.State, Running: summary.State === 'running' },
    Config: { Image: summary.Image, Labels: summary.Labels },
  };
  const json = JSON.stringify(inspect);
  const { Running } = inspect.State;
  return { key: keyOf(summary), id: summary.Id, image: summary.ImageID, running: Running, pid: 0, json, error };
}
