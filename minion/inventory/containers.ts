// The containers of the node: inspected when they are new, when an event says that they changed, or when the list shows
// another state; kept else.
import { mapBounded } from '../../src/concurrency.ts';
import { type ContainerInspect, type ContainerSummary, isSandbox } from '../../src/docker-api.ts';
import { snapshotLimits } from '../../src/minion-api.ts';
import type { Engine } from '../engine.ts';
import type { Metrics } from '../metrics.ts';
import type { Outgoing } from '../outgoing.ts';
import { codeOf, messageOf } from './failure.ts';

export interface Held {
  /** What the list said when it was inspected. */
  readonly key: string;
  readonly id: string;
  readonly image: string;
  readonly running: boolean;
  /** 0 where it has none. */
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

/** Calls of the runtime at once. */
export const atOnce = 4;

export class ContainerInventory {
  readonly #options: InventoryOptions;
  /** Those that must be inspected again, whatever the list says of them. */
  readonly #doubtful = new Set<string>();
  #held = new Map<string, Held>();
  #left = 0;
  #images: ReadonlySet<string> = new Set();

  constructor(options: InventoryOptions) {
    this.#options = options;
  }

  /** In order of id. */
  all(): Held[] {
    return [...this.#held.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** How many the runtime has beyond those that are kept. */
  get left(): number {
    return this.#left;
  }

  /** What all that the runtime has was made from, sandboxes and containers that are not kept included. */
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
   * The list against what is held: new, changed and doubtful containers are inspected, the others kept.
   * @throws Fault when the runtime cannot be asked: what was doubtful is doubtful still.
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

  /** Of too many, those that run and among them those that were made last. */
  #chosen(list: ContainerSummary[]): ContainerSummary[] {
    this.#left = Math.max(0, list.length - snapshotLimits.containers);
    return this.#left === 0 ? list : list.toSorted(byWorth).slice(0, snapshotLimits.containers);
  }

  async #inspectAll(asked: readonly ContainerSummary[]): Promise<(Held | undefined)[]> {
    try {
      return await mapBounded(asked, atOnce, (summary) => this.#inspect(summary));
    } catch (error) {
      // What was learnt is lost with the failure.
      for (const { Id } of asked) this.#doubtful.add(Id);
      throw error;
    }
  }

  /** Undefined for a container that went away since it was listed. */
  async #inspect(summary: ContainerSummary): Promise<Held | undefined> {
    const { engine, outgoing } = this.#options;
    // Before the call: an event that comes meanwhile makes it doubtful again.
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

/** What of a list's entry changes when the container does. `Status` ticks (`Up 5 minutes`) and is left out. */
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

/** What the list says of a container that cannot be inspected, and why there is no more. */
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
