import { expect, test } from 'vitest';
import { LogOnce } from '../../src/log-once.ts';

interface Line {
  readonly level: 'warn' | 'info';
  readonly facts: object;
  readonly text: string;
}

function logging() {
  const lines: Line[] = [];
  const log = new LogOnce({
    warn: (facts: object, text: string) => lines.push({ level: 'warn', facts, text }),
    info: (text: string) => lines.push({ level: 'info', facts: {}, text }),
  } as never);
  return { log, lines, said: () => lines.map(({ level, text }) => `${level} ${text}`) };
}

test('a reason is said once, another one again, and the same one after it went on', () => {
  const { log, said } = logging();
  for (const reason of ['down', 'down', 'refused']) log.warn(new Error(reason), 'it waits');
  log.reset();
  log.warn('refused', 'it waits');
  expect(said()).toEqual(['warn it waits: down', 'warn it waits: refused', 'warn it waits: refused']);
});

test('that it works again is said once, and only after a failure was', () => {
  const { log, said } = logging();
  log.reset('it goes on');
  for (const reason of ['down', 'refused']) log.warn(new Error(reason), 'it waits');
  for (let i = 0; i < 3; i++) log.reset('it goes on');
  expect(said()).toEqual(['warn it waits: down', 'warn it waits: refused', 'info it goes on']);
});

test('a failure is told with its code and its cause', () => {
  const { log, lines } = logging();
  log.warn(Object.assign(new Error('a'), { code: 'ECONNREFUSED' }), 'it waits');
  log.warn(new TypeError('b', { cause: new Error('no route') }), 'it waits');
  log.warn('c', 'it waits');
  expect(lines.map(({ facts }) => facts)).toEqual([
    { code: 'ECONNREFUSED' },
    { code: 'TypeError', cause: 'no route' },
    {},
  ]);
});
