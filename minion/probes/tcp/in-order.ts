// Reads several sources at once, each in order of time, as one in order of time. No I/O.

export interface TimedSource {
  /** Of what it is at; Infinity if there is nothing now. */
  readonly time: number;
  /** Goes to the next. */
  advance(): void;
}

/**
 * Takes all that is not later than `until`; what is later stays in its source. Returns how many. `sources` is reordered: it is a
 * heap, which costs a comparison or two where a source has many in a row.
 */
export function takeInOrder<Source extends TimedSource>(
  sources: Source[],
  until: number,
  take: (source: Source) => void,
): number {
  let taken = 0;
  sources.sort((a, b) => (a.time < b.time ? -1 : 1));
  for (let [first] = sources; first && first.time <= until; [first] = sources) {
    take(first);
    taken++;
    first.advance();
    sink(sources, first);
  }
  return taken;
}

/** Restores the order of the heap after its first has become later. */
function sink<Source extends TimedSource>(heap: Source[], moved: Source): void {
  let at = 0;
  for (;;) {
    let below = 2 * at + 1;
    let earlier = heap[below];
    const other = heap[below + 1];
    if (earlier && other && other.time < earlier.time) {
      earlier = other;
      below++;
    }
    if (!earlier || earlier.time >= moved.time) break;
    heap[at] = earlier;
    at = below;
  }
  heap[at] = moved;
}
