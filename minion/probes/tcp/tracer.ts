// Reads trace events of TCP and processes in order of time, and maintains owners and connections.

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

  /** @throws Error if the kernel refuses or its events are different. */
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

  /** Room for events, per processor: it grows when some were lost. */
  get kilobytes(): number {
    return this.#instance.kilobytes;
  }

  /**
   * Processes events up to this call. `now`: milliseconds since the epoch. Events during the read wait for the next call,
   * because the earlier of two on different processors may not be read yet.
   */
  look(now: number): void {
    const until = Number(process.hrtime.bigint());
    const batch = this.#early;
    this.#early = [];
    this.#instance.drain((time, event, page, offset, length) => {
      const decoded = this.#decoder.decode(time, event, page, offset, length);
      if (decoded) batch.push(decoded);
    });
    // Each processor has its own buffer: related events may be in several.
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
