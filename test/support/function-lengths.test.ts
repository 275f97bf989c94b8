import { expect, test } from 'vitest';
import { functionLengths } from './function-lengths.ts';

const text = `
// A comment.
export const short = (x: number) => x;

export function outer(
  first: string,
): void {
  const inner = (a: number): number => {
    // A comment inside.

    return a;
  };
  if (first) {
    inner(1);
  } else {
    inner(2);
  }
  return {
    *run() {
      yield 1;
    },
    table: {
      a: 1,
    },
  };
}

class Box<T> {
  readonly #held: T;
  constructor(held: T) {
    this.#held = held;
  }
  get held(): T {
    return this.#held;
  }
  async #take<U>(each: (one: T) => U): Promise<U> {
    return each(this.#held);
  }
}
`;

test('lines of functions are counted with and without those of functions inside them', () => {
  const found = functionLengths(text).map(({ name, whole, own }) => [name, whole, own]);
  expect(found).toEqual([
    ['inner', 5, 5],
    ['run', 3, 3],
    ['outer', 22, 14],
    ['constructor', 3, 3],
    ['held', 3, 3],
    ['#take', 3, 3],
  ]);
});
