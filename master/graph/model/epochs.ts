// Epoch-based reclamation: a released object stays unchanged until every reader has left that entered before its release.

export class Epochs {
  /** Number of readers so far: also that of the newest. */
  #now = 0;
  /** In the order of entry. */
  readonly #open = new Set<number>();

  get now(): number {
    return this.#now;
  }

  /** Returns a function to leave; repeated calls do nothing. */
  enter(): () => void {
    const own = ++this.#now;
    this.#open.add(own);
    return () => void this.#open.delete(own);
  }

  /** Whether all readers of that epoch and before have left. */
  isOver(epoch: number): boolean {
    const [oldest] = this.#open;
    return oldest === undefined || oldest > epoch;
  }
}
