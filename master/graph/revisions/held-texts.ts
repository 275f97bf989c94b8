// What past data the readers of one graph retain: a replaced text stays until the last reader that started before its
// replacement has ended.

/** What one reader holds until it is closed. */
export interface Holding {
  /** Bytes that only this reader retains. */
  held(): number;
  close(): void;
}

/** A reader of the whole graph. */
interface Whole {
  readonly number: number;
  /** Bytes not held by newer readers, by the oldest reader that holds them. */
  readonly held: Map<Whole, number>;
}

export class HeldTexts {
  /** Oldest first. */
  #wholes: Whole[] = [];
  readonly #parts = new Set<Pick<Holding, 'held'>>();
  #superseded = 0;

  /** Bytes of all texts replaced while there were readers. */
  get superseded(): number {
    return this.#superseded;
  }

  /** A text was replaced that was written at `generation` and that open readers may hold. */
  supersede(generation: number, bytes: number): void {
    this.#superseded += bytes;
    const newest = this.#wholes.at(-1);
    if (!newest || newest.number <= generation) return;
    grow(newest, this.#wholes.find(({ number }) => number > generation) as Whole, bytes);
  }

  /** For a reader of the whole graph, newer than all others. */
  openWhole(number: number): Holding {
    const whole: Whole = { number, held: new Map() };
    this.#wholes.push(whole);
    return { held: () => this.#heldBy(whole), close: () => this.#close(whole) };
  }

  /** For a reader of at most `size` bytes. `before`: `superseded` at its start. */
  openPart(size: () => number, before: number): Holding {
    let most: number | undefined;
    const part = { held: () => Math.min((most ??= size()), this.#superseded - before) };
    this.#parts.add(part);
    return { ...part, close: () => void this.#parts.delete(part) };
  }

  /** Bytes that only readers retain. */
  held(): number {
    let sum = 0;
    for (const { held } of this.#wholes) for (const bytes of held.values()) sum += bytes;
    for (const part of this.#parts) sum += part.held();
    return sum;
  }

  /** Frees what it alone held; adjacent readers take over the rest. */
  #close(whole: Whole): void {
    const at = this.#wholes.indexOf(whole);
    const older = this.#wholes[at - 1];
    const newer = this.#wholes[at + 1];
    for (const [oldest, bytes] of whole.held) if (older && oldest !== whole) grow(older, oldest, bytes);
    this.#wholes = this.#wholes.toSpliced(at, 1);
    for (const each of this.#wholes.slice(at)) {
      const bytes = each.held.get(whole);
      if (bytes !== undefined && newer) grow(each, newer, bytes);
      each.held.delete(whole);
    }
  }

  #heldBy({ number }: Whole): number {
    let sum = 0;
    for (const newest of this.#wholes)
      if (newest.number >= number) for (const [oldest, bytes] of newest.held) if (oldest.number <= number) sum += bytes;
    return sum;
  }
}

function grow(newest: Whole, oldest: Whole, bytes: number): void {
  newest.held.set(oldest, (newest.held.get(oldest) ?? 0) + bytes);
}
