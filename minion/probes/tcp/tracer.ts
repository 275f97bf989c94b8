// Reads trace events of TCP and processes in order of time, and maintains owners and connections.
import type { Connections } from './connections.ts';
import { Decoder, tracedEvents } from './decoder.ts';
import type { Owners } from './owners.ts';
import type { Page } from './ring-buffer.ts';
import { removeLeftInstances, TraceInstance } from './trace-instance.ts';

export interface TracerOptions {
  readonly folder: string;
  readonly owners: Owners;
  readonly connections: Connections;
  readonly name?: string;
  readonly kilobytes?: number;
}

export class Tracer {
  readonly #instance: TraceInstance;
  readonly #take: (record: Page) => void;
  /** Milliseconds since the epoch, of the current look. */
  #now = 0;

  /** @throws Error if the kernel refuses or its events are different. */
  constructor({
    folder,
    owners,
    connections,
    name = `cluster-insight-${process.pid}`,
    kilobytes = 1024,
  }: TracerOptions) {
    removeLeftInstances(folder, /^cluster-insight-\d+$/);
    this.#instance = new TraceInstance({ folder, name, events: tracedEvents, kilobytes });
    try {
      const decoder = new Decoder(this.#instance.formats, {
        changed: (change) => connections.change(change, this.#now),
        retransmitted: (socket) => connections.retransmitted(socket),
        began: (thread, parent, elsewhere) => owners.begin(thread, parent, elsewhere),
        moved: (thread, path) => owners.move(thread, path),
        ended: (thread) => owners.end(thread),
        ownerOf: (thread) => owners.of(thread),
      });
      this.#take = (record) => decoder.take(record);
    } catch (error) {
      this.#instance.close();
      throw error;
    }
  }

  get lost(): number {
    return this.#instance.lost;
  }

  /** Room for events, per processor: it grows when some were lost. */
  get kilobytes(): number {
    return this.#instance.kilobytes;
  }

  /**
   * Processes events up to this call, and returns how many. `now`: milliseconds since the epoch. Events during the read wait for the next call,
   * because the earlier of two on different processors may not be read yet.
   */
  look(now: number): number {
    this.#now = now;
    return this.#instance.drain(Number(process.hrtime.bigint()), this.#take);
  }

  close(): void {
    this.#instance.close();
  }
}
