import { expect, test } from 'vitest';
import { createLogger, silentLogger } from '../../src/logger.ts';

function recorder() {
  const lines: string[] = [];
  return { lines, destination: { write: (line: string) => void lines.push(line) } };
}

test('JSON lines carry level, time and facts', () => {
  const { lines, destination } = recorder();
  createLogger({ level: 'info', format: 'json', destination }).warn({ kind: 'Pod' }, 'relisting');
  const line: unknown = JSON.parse(lines.join(''));
  expect(line).toMatchObject({ level: 40, kind: 'Pod', msg: 'relisting' });
  expect(line).toHaveProperty('time', expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/));
});

test('text lines are one line an event, with the level in a column of its own', () => {
  const { lines, destination } = recorder();
  const logger = createLogger({ level: 'info', format: 'text', destination });
  logger.info({ kind: 'Pod' }, 'synced');
  logger.error('gone');
  const text = lines.join('');
  expect(text).toMatch(/^\[\d\d:\d\d:\d\d\.\d{3}\] INFO : synced \{"kind":"Pod"\}\n\[[^\]]+\] ERROR: gone\s*\n$/);
});

test('a request is one line: status, time, method, URL', () => {
  const { lines, destination } = recorder();
  const request = { method: 'GET', url: '/cluster', status: 200, ms: 12, from: '127.0.0.1' };
  createLogger({ level: 'info', format: 'text', destination }).info({ reqId: 'r1', request }, 'request');
  expect(lines.join('')).toMatch(/200\s+12 ms {2}GET \/cluster\s*$/);
});

test('a request from elsewhere says from where, and one that was left before its end says so', () => {
  const { lines, destination } = recorder();
  const logger = createLogger({ level: 'info', format: 'text', destination });
  const request = { method: 'GET', url: '/cluster/watch', status: 200, ms: 63_000 };
  logger.info({ request: { ...request, who: 'ann', from: '10.0.0.9', brokenOff: true } }, 'request');
  logger.info({ request: { ...request, from: '::ffff:127.0.0.1' } }, 'request');
  logger.info({ request: { ...request, from: '2001:db8::1' } }, 'request');
  expect(lines.map((line) => line.slice(line.indexOf('200')).trimEnd())).toEqual([
    '200 63000 ms  GET /cluster/watch  by ann  from 10.0.0.9  ended early',
    '200 63000 ms  GET /cluster/watch',
    '200 63000 ms  GET /cluster/watch  from 2001:db8::1',
  ]);
});

test('what is below the level is not logged, and the silent logger logs nothing', () => {
  const { lines, destination } = recorder();
  const logger = createLogger({ level: 'warn', format: 'json', destination });
  logger.info('not this');
  logger.warn('this');
  expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(['this']);
  expect(silentLogger.isLevelEnabled('fatal')).toBe(false);
});

test('no text of an event begins another line or controls the terminal', () => {
  const { lines, destination } = recorder();
  const logger = createLogger({ level: 'info', format: 'text', destination });
  const forged = 'eve\n[03:33:33.333] INFO : 200     1 ms  GET /cluster  by admin\u001b[8m\u202e\u2028\r\u009b31m';
  const request = { who: forged, method: `GET${forged}`, url: `/x${forged}`, status: 200, ms: 1 };
  logger.info({ request }, 'request');
  logger.warn({ reason: forged, [forged]: [forged, { deep: forged }] }, forged);
  logger.error({ err: new Error(forged, { cause: new TypeError(forged) }) }, 'failed');
  const text = lines.join('');
  expect(lines).toHaveLength(3);
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e\u2028]/);
  const begun = text.split('\n').filter((line) => line.startsWith('['));
  expect(begun.map((line) => line.slice(15, 20))).toEqual(['INFO ', 'WARN ', 'ERROR']);
  expect(text).toContain('logger.test.ts');
});
