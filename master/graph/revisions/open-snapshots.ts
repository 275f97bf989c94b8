// Who reads past revisions of one graph, and what of the past they keep in memory: a text that was replaced stays until
// the last reader that began while it stood has ended.
import type { Retention } from './retention.ts';

export interface OpenSnapshots {
  /** How many captures there have been: each has its number. */
  readonly generation: number;
  /** The newest that is still being read, 0 if none is. What was made since then belongs to nobody else. */
  readonly newest: number;
  /** How many are still being read. */
  readonly readers: number;
  /** How many blocks and leaves were copied before they changed, for those. */
  copies: number;
  /** What the readers of all graphs of the process hold together. */
  readonly retention: Retention;
  /** A reader of the whole graph as it is now. */
  open(): OpenSnapshot;
  /** To be told of each text that is replaced: how many captures there had been when it was written, and its bytes. */
  supersede(generation: number, bytes: number): void;
  /** Bytes that nothing but these readers still holds. */
  held(): number;
}

export interface OpenSnapshot {
  /** Bytes that would go with it, were it the only one. */
  held(): number;
  /** From now on only a part is read: `size` is how many bytes it can hold at most. */
  narrow(size: () => number): void;
  /**
   * Calls `listener` when the reader is cut off, at once if it was: it has been released then. One is cut off before others
   * while it `rests`. Returns how to listen no more.
   */
  onCut(listener: () => void, rests?: () => boolean): () => void;
  /** Ends it. Further calls do nothing. */
  release(): void;
}

/** A reader of everything. */
interface Whole {
  readonly number: number;
  /** Bytes that no newer reader holds, by the oldest that does. */
  readonly held: Map<Whole, number>;
}

interface Part {
  held(): number;
}

export function createOpenSnapshots(retention: Retention): OpenSnapshots {
  const open = new Set<number>();
  /** From the oldest to the newest. */
  let wholes: Whole[] = [];
  const parts = new Set<Part>();
  let superseded = 0;

  function supersede(generation: number, bytes: number): void {
    if (openSnapshots.newest <= generation) return;
    superseded += bytes;
    const newest = wholes.at(-1);
    if (!newest || newest.number <= generation) return;
    grow(newest, wholes.find(({ number }) => number > generation) as Whole, bytes);
  }

  function openWhole(number: number) {
    const whole: Whole = { number, held: new Map() };
    wholes.push(whole);
    return { held: () => heldBy(whole), close: () => close(whole) };
  }

  /** `before` is what was superseded when it began. */
  function openPart(size: () => number, before: number) {
    let most: number | undefined;
    const part = { held: () => Math.min((most ??= size()), superseded - before) };
    parts.add(part);
    return { ...part, close: () => void parts.delete(part) };
  }

  /** What it held alone is gone; the rest falls to the readers beside it. */
  function close(whole: Whole): void {
    const at = wholes.indexOf(whole);
    const older = wholes[at - 1];
    const newer = wholes[at + 1];
    for (const [oldest, bytes] of whole.held) if (older && oldest !== whole) grow(older, oldest, bytes);
    wholes = wholes.toSpliced(at, 1);
    for (const each of wholes.slice(at)) {
      const bytes = each.held.get(whole);
      if (bytes !== undefined && newer) grow(each, newer, bytes);
      each.held.delete(whole);
    }
  }

  function heldBy({ number }: Whole): number {
    let sum = 0;
    for (const newest of wholes)
      if (newest.number >= number) for (const [oldest, bytes] of newest.held) if (oldest.number <= number) sum += bytes;
    return sum;
  }

  const openSnapshots = {
    generation: 0,
    newest: 0,
    readers: 0,
    copies: 0,
    retention,
    supersede,
    open(): OpenSnapshot {
      const own = ++openSnapshots.generation;
      const before = superseded;
      let counted = openWhole(own);
      let isCut = false;
      let isAtRest = () => false;
      const listeners = new Set<() => void>();
      const held = () => counted.held();
      const reader = {
        get rests() {
          return isAtRest();
        },
        held,
        cut() {
          isCut = true;
          release();
          for (const listener of listeners) listener();
        },
      };
      const release = () => {
        if (!open.delete(own)) return;
        counted.close();
        leave();
        openSnapshots.readers = open.size;
        // In the order in which they were taken: the last is the newest.
        if (openSnapshots.newest === own) openSnapshots.newest = [...open].at(-1) ?? 0;
      };
      open.add(own);
      openSnapshots.newest = own;
      openSnapshots.readers = open.size;
      const leave = retention.enter(openSnapshots, reader);
      return {
        held,
        release,
        narrow(size) {
          if (!open.has(own)) return;
          counted.close();
          counted = openPart(size, before);
        },
        onCut(listener, rests) {
          if (isCut) listener();
          else listeners.add(listener);
          if (rests) isAtRest = rests;
          return () => void listeners.delete(listener);
        },
      };
    },
    held() {
      let sum = 0;
      for (const { held } of wholes) for (const bytes of held.values()) sum += bytes;
      for (const part of parts) sum += part.held();
      return sum;
    },
  };
  return openSnapshots;
}

function grow(newest: Whole, oldest: Whole, bytes: number): void {
  newest.held.set(oldest, (newest.held.get(oldest) ?? 0) + bytes);
}
