import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createLogger } from '../../src/logger.ts';
import { type LogBatch, ShippedLog } from '../../src/shipped-log.ts';
import { redactedLine } from '../../src/uplink/log-source.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function shipping() {
  const batches: LogBatch[] = [];
  const log = new ShippedLog();
  return { log, batches, attach: () => log.attach((batch) => batches.push(batch)) };
}

describe('lines of the log', () => {
  test('go together, a second after the first of them', () => {
    const { log, batches, attach } = shipping();
    attach();
    for (let i = 0; i < 8; i++) {
      log.write(`${i}\n`);
      vi.advanceTimersByTime(100);
    }
    expect(batches).toEqual([]);
    vi.advanceTimersByTime(200);
    expect(batches).toEqual([{ lines: ['0', '1', '2', '3', '4', '5', '6', '7'], lost: 0 }]);
    vi.advanceTimersByTime(60_000);
    expect(batches.length).toBe(1);
  });

  test('go at once when there are many, and when they are asked for', () => {
    const { log, batches, attach } = shipping();
    attach();
    log.write('x'.repeat(64 << 10));
    expect(batches.length).toBe(1);
    log.write('a\n');
    log.flush();
    expect(batches[1]).toEqual({ lines: ['a'], lost: 0 });
    log.flush();
    expect(batches.length).toBe(2);
  });

  test('are kept for a reader, the newest of them, with the number of those dropped', () => {
    const { log, batches, attach } = shipping();
    for (let i = 0; i < 300; i++) log.write(`${i} ${'x'.repeat(8_000)}\n`);
    vi.advanceTimersByTime(60_000);
    attach();
    const [batch] = batches;
    expect(batch?.lost).toBeGreaterThan(100);
    expect((batch?.lines.length ?? 0) + (batch?.lost ?? 0)).toBe(300);
    expect(batch?.lines.at(-1)).toMatch(/^299 /);
  });

  test('are those of the process, as JSON, whatever people read', () => {
    const { log, batches, attach } = shipping();
    attach();
    const shown: string[] = [];
    const logger = createLogger({
      level: 'info',
      format: 'text',
      destination: { write: (line) => shown.push(line) },
      copy: log,
    });
    logger.info({ kind: 'Pod' }, 'synced');
    logger.debug('not this');
    log.flush();
    expect(shown.join('')).toMatch(/INFO : synced/);
    expect(batches[0]?.lines.map((line) => JSON.parse(line) as object)).toMatchObject([
      { msg: 'synced', kind: 'Pod', level: 30 },
    ]);
  });
});

describe('a line that leaves the process', () => {
  test.each([
    { token: 'c4n4ry' },
    { msg: 'sent Authorization: Bearer c4n4ry-and-more' },
    { err: { message: 'cannot read https://user:c4n4ry@host/', stack: 'Error: password=c4n4ry\n  at x' } },
    { config: { nested: [{ clientSecret: 'c4n4ry' }] } },
    { args: ['--token', 'c4n4ry'] },
    { env: 'DB_PASSWORD=c4n4ry' },
    { request: { url: '/cluster?token=c4n4ry' } },
  ])('has no secret any more: %j', (event) => {
    expect(JSON.stringify(redactedLine(JSON.stringify({ level: 30, msg: 'x', ...event })))).not.toContain('c4n4ry');
  });

  test('says otherwise what it said', () => {
    const event = { level: 40, time: '2026-01-01T00:00:00.000Z', kind: 'Pod', count: 5, msg: 'relisting' };
    expect(redactedLine(JSON.stringify(event))).toEqual(event);
  });

  test.each(['', 'no JSON token=c4n4ry', '[1]', '5', 'null', '{"msg":'])(
    'that is not an event is a message: %j',
    (line) => {
      expect(redactedLine(line)).toEqual({ msg: expect.not.stringContaining('c4n4ry') });
    },
  );
});
