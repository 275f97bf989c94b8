// Who may still look at what was let go. A reader that takes several turns enters; what is let go while it is there stays as
// it was until the last reader has left that had entered before.

export class Epochs {
  /** How many readers have entered so far: the number of the newest. */
  #now = 0;
  /** In the order in which they entered. */
  readonly #open = new Set<number>();

  get now(): number {
    return this.#now;
  }

  /** Returns how to leave; further calls do nothing. */
  enter(): () => void {
    const own = ++this.#now;
    this.#open.add(own);
    return () => void this.#open.delete(own);
  }

  /** Whether nobody is there any more that had entered at that time. */
  isOver(epoch: number): boolean {
    const [oldest] = this.#open;
    return oldest === undefined || oldest > epoch;
  }
}
