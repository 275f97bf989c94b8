import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Epochs } from '../../../../master/graph/model/epochs.ts';
import { NumberColumn } from '../../../../master/graph/model/number-column.ts';
import { ObjectColumn } from '../../../../master/graph/model/object-column.ts';
import { noRow, Table } from '../../../../master/graph/model/table.ts';

type Step =
  | { readonly do: 'add'; readonly value: number }
  | { readonly do: 'retire'; readonly nth: number }
  | { readonly do: 'reclaim' | 'enter' | 'leave' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('add' as const), value: fc.integer({ min: 1, max: 2 ** 32 - 1 }) }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('retire' as const), nth: fc.nat() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('reclaim' as const, 'enter' as const, 'leave' as const) }) },
);

/** Chunks of four rows, so that chunks are often added and removed. */
function createTable() {
  const epochs = new Epochs();
  const table = new Table(epochs, 2);
  return { epochs, table, numbers: new NumberColumn(table), objects: new ObjectColumn<{ readonly of: number }>(table) };
}

type Tables = ReturnType<typeof createTable>;

/** The expected rows, and those that readers may still look at. */
class World {
  readonly tables = createTable();
  readonly live = new Map<number, number>();
  readonly readers: { readonly leave: () => void; readonly sees: ReadonlyMap<number, number> }[] = [];

  run(each: Step): void {
    const { table, numbers, objects, epochs } = this.tables;
    if (each.do === 'add') {
      const row = table.add();
      this.#isNew(row);
      numbers.set(row, each.value);
      objects.set(row, { of: each.value });
      this.live.set(row, each.value);
    } else if (each.do === 'retire') {
      const row = [...this.live.keys()][each.nth % Math.max(1, this.live.size)];
      if (row === undefined) return;
      this.live.delete(row);
      table.retire(row);
    } else if (each.do === 'reclaim') table.reclaim();
    else if (each.do === 'enter') this.readers.push({ leave: epochs.enter(), sees: new Map(this.live) });
    else this.readers.splice(this.readers.length >> 1, 1)[0]?.leave();
  }

  /** @throws Error if the row is not empty, or a reader may look at it. */
  #isNew(row: number): void {
    const { numbers, objects } = this.tables;
    const isSeen = this.live.has(row) || this.readers.some(({ sees }) => sees.has(row));
    if (row === noRow || isSeen || numbers.get(row) !== 0 || objects.get(row) !== undefined)
      throw new Error(`row ${row} is not new`);
  }

  /** Every row that a reader may look at, with the expected value. */
  *expected(): Generator<readonly [row: number, value: number]> {
    yield* this.live;
    for (const { sees } of this.readers) yield* sees;
  }
}

function held({ numbers, objects }: Tables, row: number) {
  return [numbers.get(row), objects.get(row)?.of];
}

describe('a table', () => {
  it('keeps what its rows hold, shows nothing of an old row in a new one, and keeps what readers may look at', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const world = new World();
        for (const each of steps) {
          world.run(each);
          for (const [row, value] of world.expected()) expect(held(world.tables, row)).toEqual([value, value]);
        }
        const { live, held: rows } = world.tables.table.size;
        expect(live).toBeGreaterThanOrEqual(world.live.size);
        expect(rows).toBeGreaterThanOrEqual(live);
      }),
      { numRuns: 300 },
    );
  });

  it('gives all memory back but that of a chunk when all rows have gone, whatever came and went before', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const world = new World();
        for (const each of steps) world.run(each);
        for (const { leave } of world.readers) leave();
        for (const row of world.live.keys()) world.tables.table.retire(row);
        world.tables.table.reclaim();
        expect(world.tables.table.size.live).toBe(0);
        expect(world.tables.table.size.held).toBeLessThanOrEqual(4);
      }),
      { numRuns: 300 },
    );
  });

  it('holds no more than it once needed, however often rows come and go', () => {
    const { table } = createTable();
    const rows = Array.from({ length: 40 }, () => table.add());
    const { held: most } = table.size;
    for (let n = 0; n < 5000; n++) {
      table.retire(rows.splice((n * 7) % rows.length, 1)[0] as number);
      table.reclaim();
      rows.push(table.add());
    }
    expect(table.size).toEqual({ live: 40, held: most });
  });
});
