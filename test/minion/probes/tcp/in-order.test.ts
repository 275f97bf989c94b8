import fc from 'fast-check';
import { expect, test } from 'vitest';
import { takeInOrder } from '../../../../minion/probes/tcp/in-order.ts';

class Source {
  readonly #times: number[];

  constructor(times: readonly number[]) {
    this.#times = times.toSorted((a, b) => a - b);
  }

  get time(): number {
    return this.#times[0] ?? Number.POSITIVE_INFINITY;
  }

  get left(): readonly number[] {
    return this.#times;
  }

  advance(): void {
    this.#times.shift();
  }
}

test('all that is due is taken in order of time, and what is later stays where it is', () => {
  const times = fc.array(fc.array(fc.nat(100), { maxLength: 20 }), { maxLength: 9 });
  fc.assert(
    fc.property(times, fc.nat(110), fc.nat(110), (all, first, second) => {
      const sources = all.map((each) => new Source(each));
      const taken: number[] = [];
      const whole = all.flat().toSorted((a, b) => a - b);
      for (const until of [first, second].toSorted((a, b) => a - b)) {
        const before = taken.length;
        expect(takeInOrder(sources, until, ({ time }) => taken.push(time))).toBe(taken.length - before);
        expect(taken).toEqual(whole.filter((time) => time <= until));
      }
      const left = sources.flatMap((source) => source.left).toSorted((a, b) => a - b);
      expect(left).toEqual(whole.slice(taken.length));
    }),
  );
});
