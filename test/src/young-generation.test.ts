// In a process of its own: V8's flags hold for all of a process.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const file = join(import.meta.dirname, '../../src/young-generation.ts');

/**
 * Bytes of the young generation when these calls came before much that lives on was made, and after these others, again. The median
 * of many looks: for a moment after a collection, longer on a busy machine, the pages that it emptied are counted beside the new ones.
 */
function sizesOf(first: string, then = ''): readonly number[] {
  const script = `
    import { holdYoungGeneration, releaseYoungGeneration } from ${JSON.stringify(file)};
    import { getHeapSpaceStatistics } from 'node:v8';
    const lives = [];
    function look() {
      for (let n = 0; n < 25_000; n++) lives.push({ n });
      return getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space').space_size;
    }
    const size = () => Array.from({ length: 41 }, look).sort((one, other) => one - other)[20];
    ${first};
    const sizes = [size()];
    ${then};
    sizes.push(size());
    console.log(JSON.stringify(sizes));
  `;
  const args = ['--max-semi-space-size=8', '--input-type=module', '--eval', script];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as number[];
}

const mib = 1 << 20;

test('the young generation grows with what lives on, and does not while it is held', () => {
  expect(sizesOf('')[1]).toBeGreaterThan(4 * mib);
  const [held, still] = sizesOf('holdYoungGeneration()');
  expect(held).toBeLessThanOrEqual(4 * mib);
  expect(still).toBeLessThanOrEqual(4 * mib);
});

test('it grows as before once it is released, however often, and is not touched by a release alone', () => {
  const [held, released] = sizesOf('holdYoungGeneration()', 'releaseYoungGeneration(); releaseYoungGeneration()');
  expect(held).toBeLessThanOrEqual(4 * mib);
  expect(released).toBeGreaterThan(4 * mib);
  expect(sizesOf('releaseYoungGeneration()')[1]).toBeGreaterThan(4 * mib);
});
