// A queue in memory: it survives changed webhook settings, and ends with the process.
import type { Delivery, Spool } from './delivery-queue.ts';

export class MemorySpool implements Spool {
  readonly #kept = new Map<string, Delivery>();

  async load(): Promise<readonly Delivery[]> {
    return [...this.#kept.values()];
  }

  async keep(delivery: Delivery): Promise<void> {
    this.#kept.set(delivery.id, delivery);
  }

  async drop(id: string): Promise<void> {
    this.#kept.delete(id);
  }
}
