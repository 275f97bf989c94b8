// The whole node in one answer. It is kept up to date: inventories request only changes, and only processes are read in
// every round.
import type { MonotonicClock } from '../../src/clock.ts';
import type { Engine } from '../engine.ts';
import type { Metrics } from '../metrics.ts';
import type { Outgoing } from '../outgoing.ts';
import type { ProcessReader } from '../proc/processes.ts';
import type { Runtime, RuntimeWatcher } from '../runtimes/runtime.ts';
import { answerOf, type SnapshotAnswer } from './answer.ts';
import { ContainerInventory, type Held } from './containers.ts';
import { ImageInventory } from './images.ts';
import { ProcessInventory } from './processes.ts';

export interface SnapshotOptions {
  readonly engine: Engine;
  readonly outgoing: Outgoing;
  readonly processes: ProcessReader;
  readonly metrics: Pick<Metrics, 'cache'>;
  readonly clock: MonotonicClock;
  readonly node?: string | undefined;
  /** A newer snapshot, in milliseconds, is reused while there is no event. */
  readonly freshFor?: number;
}

/** Lists are compared this often even with events: an event may be lost. */
const listEvery = 60_000;

/** A time, and the number of changes by then. */
interface Mark {
  readonly changes: number;
  readonly at: number;
}

export class Snapshot implements RuntimeWatcher {
  readonly #options: SnapshotOptions;
  readonly #containers: ContainerInventory;
  readonly #images: ImageInventory;
  readonly #processes: ProcessInventory;
  #runtime: Runtime | undefined;
  #watched = false;
  #changes = 0;
  #compared: Mark = { changes: -1, at: 0 };
  #last: (Mark & { readonly answer: SnapshotAnswer }) | undefined;
  #refreshing: Promise<SnapshotAnswer> | undefined;

  constructor(options: SnapshotOptions) {
    const { engine, outgoing, processes: reader } = options;
    this.#options = options;
    this.#containers = new ContainerInventory(options);
    this.#images = new ImageInventory(options);
    this.#processes = new ProcessInventory({ engine, outgoing, reader });
  }

  /** The current snapshot: one round for all concurrent callers. @throws Fault if the runtime cannot be asked. */
  async current(): Promise<SnapshotAnswer> {
    if (this.#last && this.#isFresh(this.#last)) return this.#last.answer;
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  /** Containers as of the last round, sorted by id. */
  held(): readonly Held[] {
    return this.#containers.all();
  }

  /** Events arrive: nothing is missed from now on, but earlier changes may have been. */
  watching(): void {
    this.#watched = true;
    this.#changes++;
    if (!this.#runtime || this.#runtime.restartsInPlace) this.#containers.doubtAll();
  }

  /** Events no longer arrive: lists are compared instead. */
  unwatched(): void {
    this.#watched = false;
    this.#changes++;
  }

  containerChanged(id: string): void {
    this.#containers.doubt(id);
    this.#changes++;
  }

  imageChanged(id: string): void {
    this.#images.doubt(id);
    this.#changes++;
  }

  #isFresh({ changes, at }: Mark): boolean {
    const { engine, clock, freshFor = 1000 } = this.#options;
    return changes === this.#changes && clock() - at < freshFor && engine.state() === true;
  }

  async #refresh(): Promise<SnapshotAnswer> {
    const { engine, clock, node } = this.#options;
    const runtime = await engine.call('find', async (found) => found);
    this.#meet(runtime);
    const began: Mark = { changes: this.#changes, at: clock() };
    if (this.#mustCompare()) {
      // Without events, a container that restarted in place looks the same in the list.
      if (!this.#watched && runtime.restartsInPlace) this.#containers.doubtAll();
      await this.#containers.compare();
      this.#images.listAgain();
      this.#compared = began;
    } else if (!runtime.tellsOfImages) this.#images.listAgain();
    const containers = this.#containers.all();
    await this.#images.read({ shown: containers.map(({ image }) => image), inUse: this.#containers.images }, runtime);
    await this.#processes.read(containers, runtime);
    const answer = answerOf({
      node,
      runtime: runtime.identity,
      containers,
      listed: (id) => this.#processes.of(id),
      images: this.#images.all(),
      others: this.#images.others(),
      left: { containers: this.#containers.left, images: this.#images.left },
    });
    this.#last = { answer, ...began };
    return answer;
  }

  /** Another runtime, or the same one after a restart: everything kept is outdated. */
  #meet(runtime: Runtime): void {
    if (runtime === this.#runtime) return;
    this.#containers.doubtAll();
    this.#images.forget();
    this.#runtime = runtime;
    this.#changes++;
  }

  #mustCompare(): boolean {
    const { changes, at } = this.#compared;
    return !this.#watched || changes !== this.#changes || this.#options.clock() - at >= listEvery;
  }
}
