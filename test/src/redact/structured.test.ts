import { expect, test } from 'vitest';
import { redactStructured } from '../../../src/redact/structured.ts';
import { redacted } from '../../../src/redact/text.ts';

/** What a text becomes that was encoded so many times. */
function shown(times: number): 'kept' | 'removed' {
  let text = JSON.stringify({ config: 'the quick brown fox jumps over the lazy dog and more' });
  for (let n = 0; n < times; n++) text = Buffer.from(text).toString('base64');
  const now = redactStructured(text, () => {});
  expect([text, redacted]).toContain(now);
  return now === text ? 'kept' : 'removed';
}

test('texts within texts are read three deep; what lies deeper is removed unread', () => {
  expect([0, 1, 2, 3, 4, 5].map(shown)).toEqual(['kept', 'kept', 'kept', 'kept', 'removed', 'removed']);
});
