import { expect, test } from 'vitest';
import { certificateCheck } from '../../../src/http/certificate-check.ts';

const day = 86_400_000;
const now = Date.parse('2026-11-28T00:00:00Z');

test.each([
  [undefined, undefined],
  [now + 31 * day, 'it ends at 2026-12-29T00:00:00.000Z'],
  [now + 29 * day, 'it ends soon, at 2026-12-27T00:00:00.000Z: make a new one'],
  [now - 1, 'it ended at 2026-11-27T23:59:59.999Z: make a new one'],
])('a certificate that ends at %s never fails a check, and is told as: %s', (end, note) => {
  const { check, note: said } = certificateCheck(
    'certificate',
    () => end,
    () => now,
  );
  expect([check(), said?.()]).toEqual([true, note]);
});
