// In a process of its own: V8's flags hold for all of a process.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const optimizer = join(import.meta.dirname, '../../src/optimizer.ts');

/** What V8 says of the function `oftenCalled` when these calls came before it ran often. */
function saidOf(...calls: readonly string[]): string {
  const script = `
    import { holdOptimizer, releaseOptimizer } from ${JSON.stringify(optimizer)};
    ${calls.map((call) => (call.endsWith(')') ? call : `${call}()`)).join(';\n')};
    let sum = 0;
    function oftenCalled(n) { return (sum * 31 + n) | 0; }
    for (let n = 0; n < 1_000_000; n++) sum = oftenCalled(n);
  `;
  const said = execFileSync(process.execPath, ['--trace-opt', '--input-type=module', '--eval', script]);
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
