// In a process of its own: V8's flags hold for all of a process.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const optimizer = join(import.meta.dirname, '../../src/optimizer.ts');

/** What V8 says of the function `oftenCalled` when these calls came before it ran often. */
function saidOf(...calls: readonly string[]): string {
  return saidWith([], ...calls);
}

function saidWith(flags: readonly string[], ...calls: readonly string[]): string {
  const script = `
    import { holdOptimizer, optimizeHotCode, releaseOptimizer, RestingOptimizer } from ${JSON.stringify(optimizer)};
    let sum = 0;
    function oftenCalled(n) { return (sum * 31 + n) | 0; }
    ${calls.map((call) => (call.endsWith(')') ? call : `${call}()`)).join(';\n')};
    for (let n = 0; n < 1_000_000; n++) sum = oftenCalled(n);
  `;
  const said = execFileSync(process.execPath, [...flags, '--trace-opt', '--input-type=module', '--eval', script]);
  return String(said)
    .split('\n')
    .filter((line) => line.includes('oftenCalled'))
    .join('\n');
}

test('what runs often is optimized, and is not while the optimizer is held', () => {
  expect(saidOf()).toContain('optimization');
  expect(saidOf('holdOptimizer')).toBe('');
});

test('what runs often is optimized after the optimizer was released, however often', () => {
  expect(saidOf('holdOptimizer', 'releaseOptimizer', 'releaseOptimizer')).toContain('optimization');
});

test('a start that takes long is optimized before it is over', () => {
  // The timer that looks is due before this one.
  const later = 'await new Promise((resolve) => setTimeout(resolve, 200))';
  expect(saidOf('holdOptimizer(1)', later)).toContain('optimization');
});

test('after a start it is held for as long as little is done, and for what comes now and then', () => {
  const world = `const world = { taken: 0, at: 0 };
    const resting = new RestingOptimizer(() => world.taken, () => world.at);
    function work(share, seconds) {
      for (let n = 0; n < seconds; n++) {
        world.at += 1000;
        world.taken += share * 1e6;
        resting.look();
      }
    }
    for (let n = 0; n < 20; n++) { work(0.9, 1); work(0.02, 30); }
    work(0.09, 3600)`;
  expect(saidOf('holdOptimizer()', `${world}; void (0)`)).toBe('');
  expect(saidOf('holdOptimizer()', `${world}; work(0.7, 1); work(0.7, 1)`)).toContain('optimization');
});

test('a process that is not optimized can optimize what is hot, and only that', () => {
  const flags = ['--no-opt', '--no-maglev'];
  expect(saidWith(flags)).toBe('');
  expect(saidWith(flags, 'optimizeHotCode')).toContain('optimization');
  const less = `for (let n = 0; n < 3000; n++) sum = oftenCalled(n); process.exit()`;
  expect(saidWith(flags, 'optimizeHotCode', less)).toBe('');
});
