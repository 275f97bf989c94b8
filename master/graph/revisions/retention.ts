// Bounds the memory retained by readers of past revisions of all graphs of the process. A slow reader costs nothing while
// nothing changes; under constant change the past accumulates.
// Above half of the bound large answers are refused and paged readers are cut off, since they can restart; above the whole
// bound the readers that hold most are cut off. Readers of the tenant that holds most come first.

export interface Retention {
  /** Maximum in bytes. */
  readonly most: number;
  /** Bytes that only readers of past revisions retain. */
  held(): number;
  /** Adds a reader of the graph that `of` counts. Returns a function that removes it. */
  enter(of: Counted, reader: Reader): () => void;
  /** Assigns the readers of that graph to a tenant; unassigned graphs share one tenant. */
  belong(of: Counted, tenant: () => string): void;
  /** Cuts off readers until the bound is met: call it about every second. False if large answers must still be refused. */
  look(): boolean;
}

interface Counted {
  held(): number;
}

interface Reader extends Counted {
  /** Reads page by page: it is mostly idle and can restart. */
  readonly rests: boolean;
  cut(): void;
}

export interface RetentionOptions {
  readonly most?: number;
  /** Called for each reader cut off, with the bytes it held and whether it was between two pages. */
  readonly onCut?: (held: number, rests: boolean) => void;
}

const mostEver = 512 << 20;
/** Share of the process memory: all running answers may retain half as much again as the graph. */
const share = 1 / 8;

/** Bytes of past data for a process with `memory` bytes in total. */
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

  /** Removable readers of the tenant that holds most, among tenants that have some. */
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
