import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Epochs } from '../../../../master/graph/model/epochs.ts';
import { emptyList, Lists } from '../../../../master/graph/model/lists.ts';

const number = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const which = fc.nat(5);

type Step =
  | { readonly do: 'append'; readonly of: number; readonly values: readonly number[] }
  | { readonly do: 'insert'; readonly of: number; readonly at: number; readonly value: number }
  | { readonly do: 'set'; readonly of: number; readonly at: number; readonly value: number }
  | { readonly do: 'removeAt'; readonly of: number; readonly at: number }
  | { readonly do: 'pop'; readonly of: number }
  | { readonly do: 'renew'; readonly of: number }
  | { readonly do: 'clear'; readonly of: number }
  | { readonly do: 'split'; readonly of: number; readonly at: number; readonly into: number }
  | { readonly do: 'reclaim' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('append' as const),
      of: which,
      values: fc.array(number, { maxLength: 40 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('insert' as const), of: which, at: fc.nat(), value: number }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('set' as const), of: which, at: fc.nat(), value: number }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('removeAt' as const), of: which, at: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('pop' as const), of: which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('renew' as const), of: which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('clear' as const), of: which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('split' as const), of: which, at: fc.nat(), into: which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('reclaim' as const) }) },
);

/** Lists under test, with the expected contents. */
class World {
  readonly lists = new Lists(new Epochs());
  readonly handles: number[] = new Array<number>(6).fill(emptyList);
  readonly plain: number[][] = Array.from({ length: 6 }, () => []);

  run(each: Step): void {
    if (each.do === 'reclaim') return this.lists.reclaim();
    const { of } = each;
    const plain = this.plain[of] as number[];
    this.handles[of] = this.#changed(each, this.handles[of] as number, plain);
  }

  #changed(each: Exclude<Step, { readonly do: 'reclaim' }>, list: number, plain: number[]): number {
    const { lists } = this;
    if (each.do === 'append') {
      plain.push(...each.values);
      return each.values.reduce((before, value) => lists.append(before, value), list);
    }
    if (each.do === 'insert') {
      const at = each.at % (plain.length + 1);
      plain.splice(at, 0, each.value);
      return lists.insert(list, at, each.value);
    }
    if (plain.length === 0) return list;
    if (each.do === 'split') return this.#split(each, list, plain);
    if (each.do === 'clear') {
      plain.length = 0;
      lists.retire(list);
      return emptyList;
    }
    if (each.do === 'renew') return lists.renew(list);
    if (each.do === 'pop') {
      plain.pop();
      return lists.pop(list);
    }
    const at = each.at % plain.length;
    if (each.do === 'set') {
      plain[at] = each.value;
      lists.set(list, at, each.value);
      return list;
    }
    plain.splice(at, 1);
    return lists.removeAt(list, at);
  }

  #split({ of, at, into }: Extract<Step, { readonly do: 'split' }>, list: number, plain: number[]): number {
    if (into === of) return list;
    const index = at % (plain.length + 1);
    const [head, tail] = this.lists.split(list, index);
    this.lists.retire(this.handles[into] as number);
    this.handles[into] = tail;
    this.plain[into] = plain.splice(index);
    return head;
  }
}

describe('lists of numbers', () => {
  it('hold what they are told, each for itself, and give all memory back when they have gone', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150 }), (steps) => {
        const world = new World();
        for (const each of steps) {
          world.run(each);
          expect(world.handles.map((list) => world.lists.valuesOf(list))).toEqual(world.plain);
          expect(world.handles.map((list) => world.lists.lengthOf(list))).toEqual(
            world.plain.map(({ length }) => length),
          );
        }
        for (const list of world.handles) world.lists.retire(list);
        world.lists.reclaim();
        expect(world.lists.size.live).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  it('stay as they were for a reader that began before they were renewed', () => {
    const epochs = new Epochs();
    const lists = new Lists(epochs);
    const before = lists.of([1, 2, 3]);
    const leave = epochs.enter();
    let now = lists.renew(before);
    for (let value = 4; value < 100; value++) {
      now = lists.append(now, value);
      lists.reclaim();
    }
    expect(lists.valuesOf(before)).toEqual([1, 2, 3]);
    expect(lists.lengthOf(now)).toBe(99);
    leave();
    lists.reclaim();
    expect(lists.of([7])).not.toBe(now);
  });

  it('take little more room than what is in them, long ones too', () => {
    const lists = new Lists(new Epochs());
    let list = emptyList;
    for (let value = 0; value < 10_000; value++) list = lists.append(list, value);
    lists.reclaim();
    expect(lists.size.live).toBeLessThan(2 * 10_000);
    expect(lists.size.held).toBeGreaterThanOrEqual(lists.size.live);
    while (lists.lengthOf(list) > 10) list = lists.removeAt(list, 0);
    lists.reclaim();
    expect(lists.size.live).toBeLessThan(64);
  });
});
