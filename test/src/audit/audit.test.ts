import { expect, test } from 'vitest';
import { type AuditLine, AuditTrail } from '../../../src/audit/audit.ts';
import type { MonotonicTime } from '../../../src/clock.ts';

function trail() {
  const lines: AuditLine[] = [];
  let now = 0;
  const audit = new AuditTrail({
    mode: 'master',
    write: (line) => void lines.push(line),
    clock: () => Date.UTC(2026, 0, 1) + now,
    monotonic: () => now as MonotonicTime,
  });
  return { audit, lines, pass: (ms: number) => void (now += ms) };
}

const asked = { method: 'GET', path: '/api/v1/namespaces/shop/pods/web', purpose: 'look' };

test('a request is one line, written when its answer is over', () => {
  const { audit, lines, pass } = trail();
  const exchange = audit.begin(asked);
  exchange.connected();
  pass(5);
  exchange.answered(200);
  exchange.took(100);
  exchange.took(20);
  expect(lines).toEqual([]);
  pass(7);
  exchange.ended();
  exchange.ended('cut');
  expect(lines).toEqual([
    {
      time: '2026-01-01T00:00:00.000Z',
      id: expect.stringMatching(/^[0-9a-f]{12}-1$/),
      event: 'request',
      mode: 'master',
      verb: 'get',
      method: 'GET',
      path: '/api/v1/namespaces/shop/pods/web',
      object: { group: '', version: 'v1', resource: 'pods', namespace: 'shop', name: 'web' },
      status: 200,
      duration: 12,
      bytes: 120,
      purpose: 'look',
      dryRun: false,
    },
  ]);
});

test('a watch is a line when it opens and one of the same id when it closes', () => {
  const { audit, lines, pass } = trail();
  const exchange = audit.begin({ ...asked, path: '/api/v1/pods?watch=1' });
  pass(3);
  exchange.answered(200);
  pass(60_000);
  exchange.took(9);
  exchange.ended('cut');
  expect(lines.map(({ event, duration, bytes, error, time }) => [event, duration, bytes, error, time])).toEqual([
    ['open', 3, 0, undefined, '2026-01-01T00:00:00.000Z'],
    ['close', 60_003, 9, 'cut', '2026-01-01T00:01:00.003Z'],
  ]);
  expect(lines[0]?.id).toBe(lines[1]?.id);
});

test('a watch that was never answered is one line, as any request is', () => {
  const { audit, lines } = trail();
  audit.begin({ ...asked, path: '/api/v1/pods?watch=1' }).ended('ECONNRESET');
  expect(lines.map(({ event, status, error, unsent }) => [event, status, error, unsent])).toEqual([
    ['request', 0, 'ECONNRESET', true],
  ]);
});

test('what never reached a connection says so, and what did does not', () => {
  const { audit, lines } = trail();
  audit.begin(asked).ended('ECONNREFUSED');
  const other = audit.begin(asked);
  other.connected();
  other.ended('ECONNRESET');
  expect(lines.map(({ unsent }) => unsent)).toEqual([true, undefined]);
  expect(new Set(lines.map(({ id }) => id)).size).toBe(2);
});
