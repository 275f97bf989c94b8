// Reads the trace events of TCP and of processes, in order of time, and keeps owners and connections by them.

import type { Connections } from './connections.ts';
import { compareTimes, type Decoded, Decoder, tracedEvents } from './decoder.ts';
import type { Owners } from './owners.ts';
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
  readonly #decoder: Decoder;
  readonly #owners: Owners;
  readonly #connections: Connections;
  #early: Decoded[] = [];

  /** @throws Error where the kernel refuses, or has other events than are known. */
  constructor({
    folder,
    owners,
    connections,
    name = `cluster-insight-${process.pid}`,
    kilobytes = 512,
  }: TracerOptions) {
    removeLeftInstances(folder, /^cluster-insight-\d+$/);
    this.#instance = new TraceInstance({ folder, name, events: tracedEvents, kilobytes });
    this.#owners = owners;
    this.#connections = connections;
    try {
      this.#decoder = new Decoder(this.#instance.formats);
    } catch (error) {
      this.#instance.close();
      throw error;
    }
  }

  get lost(): number {
    return this.#instance.lost;
  }

  /**
   * Takes in what happened until this call. `now` in milliseconds since the epoch. What happens while the processors are read one
   * after another is left for the next call: of two events on two of them the earlier one may not be read yet.
   */
  look(now: number): void {
    const until = Number(process.hrtime.bigint());
    const batch = this.#early;
    this.#early = [];
    this.#instance.drain((time, event, page, offset, length) => {
      const decoded = this.#decoder.decode(time, event, page, offset, length);
      if (decoded) batch.push(decoded);
    });
    // Each processor has a buffer of its own: what belongs together may lie in several.
    for (const event of batch.sort(compareTimes)) {
      if (event.time > until) this.#early.push(event);
      else this.#take(event, now);
    }
  }

  close(): void {
    this.#instance.close();
  }

  #take(event: Decoded, now: number): void {
    switch (event.kind) {
      case 'state':
        this.#connections.change({ ...event, owner: event.names ? this.#owners.of(event.thread) : undefined }, now);
        break;
      case 'retransmit':
        this.#connections.retransmitted(event.socket);
        break;
      case 'begin':
        this.#owners.begin(event.thread, event.parent, event.elsewhere);
        break;
      case 'move':
        this.#owners.move(event.thread, event.path);
        break;
      case 'end':
        this.#owners.end(event.thread);
        break;
    }
  }
}
