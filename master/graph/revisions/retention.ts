// What readers of past revisions may keep in memory, those of all graphs of the process together. A reader as slow as it
// likes costs nothing while nothing changes; behind one that reads on and on while everything changes, the past piles up.
// Bounded twice: above the half no large answer is begun and those go that can come back, above all of it those go that
// hold most; in both, first those of the tenant whose readers hold most together.

export interface Retention {
  /** Bytes. */
  readonly most: number;
  /** Bytes that nothing but readers of past revisions still holds. */
  held(): number;
  /** Adds a reader of the graph that `of` counts for; returns how it leaves. */
  enter(of: Counted, reader: Reader): () => void;
  /** The readers of that graph are this tenant's from now on; those of a graph nobody said it of are of one tenant more. */
  belong(of: Counted, tenant: () => string): void;
  /**
   * Cuts readers off until no more is held than may be: to be called every second or so. False where so much is held,
   * even so, that no large answer should begin.
   */
  look(): boolean;
}

interface Counted {
  held(): number;
}

interface Reader extends Counted {
  /** Reads page by page: it is at rest most of the time, and can begin again. */
  readonly rests: boolean;
  cut(): void;
}

export interface RetentionOptions {
  readonly most?: number;
  /** Called for each reader that is cut off, with the bytes that it held and whether it was between two pages. */
  readonly onCut?: (held: number, rests: boolean) => void;
}

const mostEver = 512 << 20;
/** Of the memory that the process may have: half as much again as the graph is what all answers under way have. */
const share = 1 / 8;

/** Bytes of the past that a process may hold which may have `memory` bytes in all. */
export function mostOf(memory: number): number {
  return Math.min(mostEver, memory * share);
}

export function createRetention({ most = mostEver, onCut }: RetentionOptions = {}): Retention {
  const readers = new Map<Counted, Set<Reader>>();
  const tenants = new WeakMap<Counted, () => string>();

  function held(): number {
    return readers.keys().reduce((sum, of) => sum + of.held(), 0);
  }

  function leave(of: Counted, reader: Reader): void {
    const those = readers.get(of);
    those?.delete(reader);
    if (those?.size === 0) readers.delete(of);
  }

  /** Its readers that may be cut off, of the tenant with the most held for it that has such. */
  function heaviestTenant(may: (reader: Reader) => boolean): readonly Reader[] {
    const byTenant = Map.groupBy(readers.keys(), (of) => tenants.get(of)?.() ?? '');
    const loads = [...byTenant.values()].map((graphs) => ({
      held: graphs.reduce((sum, of) => sum + of.held(), 0),
      those: graphs.flatMap((of) => [...(readers.get(of) ?? [])].filter(may)),
    }));
    const [first] = loads.filter(({ those }) => those.length > 0).sort((a, b) => b.held - a.held);
    return first?.those ?? [];
  }

  function cutDown(to: number, may: (reader: Reader) => boolean): void {
    while (held() > to) {
      const [heaviest] = heaviestTenant(may)
        .map((reader) => ({ reader, held: reader.held() }))
        .sort((a, b) => b.held - a.held);
      if (!heaviest) return;
      heaviest.reader.cut();
      onCut?.(heaviest.held, heaviest.reader.rests);
    }
  }

  return {
    most,
    held,
    enter(of, reader) {
      readers.set(of, (readers.get(of) ?? new Set<Reader>()).add(reader));
      return () => leave(of, reader);
    },
    belong: (of, tenant) => void tenants.set(of, tenant),
    look() {
      cutDown(most / 2, ({ rests }) => rests);
      cutDown(most, () => true);
      return held() <= most / 2;
    },
  };
}
