// Which class has the next turn on a line that is too slow for all: each gets of the line what its share says, the one with
// the larger share goes first, and none starves. Stride scheduling: a class's pass grows by what it sent over its share.
import { type MessageClass, messageClasses, shares } from './protocol.ts';

export class FairOrder {
  readonly #passes = new Map<MessageClass, number>();
  /** Classes that had something at the last turn: one that comes back gets nothing for the time it was away. */
  #waited: ReadonlySet<MessageClass> = new Set();
  #now = 0;

  /** The class of `waiting` that goes next; undefined where none waits. */
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

  /** `bytes` of the class were sent. */
  sent(one: MessageClass, bytes: number): void {
    this.#passes.set(one, this.#passOf(one) + bytes / shares[one]);
  }

  #passOf(one: MessageClass): number {
    return this.#passes.get(one) ?? 0;
  }
}
