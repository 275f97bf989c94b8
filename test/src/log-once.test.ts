import { expect, test } from 'vitest';
import { LogOnce } from '../../src/log-once.ts';

test('a reason is said once, another one again, and the same one after it went on', () => {
  const said: string[] = [];
  const log = new LogOnce({ warn: (text: string) => said.push(text) } as never);
  for (const reason of ['down', 'down', 'refused']) log.warn(new Error(reason), 'it waits');
  log.reset();
  log.warn('refused', 'it waits');
  expect(said).toEqual(['it waits: down', 'it waits: refused', 'it waits: refused']);
});
