// Chooses the next class to send on a line that is too slow for all: each class gets its share of bytes and none starves.
// Stride scheduling: the pass of a class grows by bytes sent divided by its share.
import { type MessageClass, messageClasses, shares } from './protocol.ts';

export class FairOrder {
  readonly #passes = new Map<MessageClass, number>();
  /** Classes with data at the last turn: a class that returns gets no credit for its absence. */
  #waited: ReadonlySet<MessageClass> = new Set();
  #now = 0;

  /** The next class among `waiting`; undefined if none waits. */
  next(waiting: ReadonlySet<MessageClass>): MessageClass | undefined {
    let first: MessageClass | undefined;
    for (const one of messageClasses) {
      if (!waiting.has(one)) continue;
      if (!this.#waited.has(one)) this.#passes.set(one, Math.max(this.#passOf(one), this.#now));
      if (first === undefined || this.#passOf(one) < this.#passOf(first)) first = one;
    }
    this.#waited = new Set(waiting);
    if (first !== undefined) this.#now = this.#passOf(first);
    return first;
  }

  /** Records that the class sent `bytes`. */
  sent(one: MessageClass, bytes: number): void {
    this.#passes.set(one, this.#passOf(one) + bytes / shares[one]);
  }

  #passOf(one: MessageClass): number {
    return this.#passes.get(one) ?? 0;
  }
}
