// The actor's callers are reviewed on each call, and unknown ones cost the API server little.
import { expect, test } from 'vitest';
import { Callers } from '../../actor/callers.ts';
import { stillClock } from '../support/still-clock.ts';

function createCallers(known: Record<string, string> = { 'ann-token': 'ann' }) {
  const state = { now: 0 };
  const asked: string[] = [];
  const callers = new Callers({
    cluster: {
      async review(_kind, spec) {
        const { token } = spec as { token: string };
        asked.push(token);
        await new Promise(setImmediate);
        const username = known[token];
        return username === undefined ? { authenticated: false } : { authenticated: true, user: { username } };
      },
    },
    clock: stillClock(() => state.now),
  });
  const codeOf = (token: string, address = '192.0.2.1') =>
    callers.callerOf(`Bearer ${token}`, address).then(
      ({ username }) => username,
      (error: { code: string }) => error.code,
    );
  return { callers, asked, state, known, codeOf };
}

test('a right token is reviewed each time, and refused at once when it is withdrawn', async () => {
  const { asked, known, codeOf } = createCallers();
  expect([await codeOf('ann-token'), await codeOf('ann-token')]).toEqual(['ann', 'ann']);
  expect(asked.length).toBe(2);
  delete known['ann-token'];
  expect(await codeOf('ann-token')).toBe('unauthorized');
});

test('a wrong token is reviewed once in a while, however often and from whichever address it comes', async () => {
  const { asked, state, codeOf } = createCallers();
  await Promise.all(Array.from({ length: 20 }, (_, i) => codeOf('forged', `192.0.2.${i}`)));
  for (let i = 0; i < 5; i++) expect(await codeOf('forged', `198.51.100.${i}`)).toBe('unauthorized');
  expect(asked.length).toBe(1);
  state.now += 11_000;
  await codeOf('forged', '203.0.113.1');
  expect(asked.length).toBe(2);
});

test('hundreds of wrong tokens from an address cause few reviews, and lock out no caller with a right one', async () => {
  const { asked, callers, codeOf, state } = createCallers({ 'ann-token': 'ann', 'bob-token': 'bob' });
  expect(await codeOf('ann-token')).toBe('ann');
  const codes = await Promise.all(Array.from({ length: 400 }, (_, i) => codeOf(`guess-${i}`)));
  expect(asked.length).toBeLessThan(60);
  expect(new Set(codes)).toEqual(new Set(['unauthorized', 'too_many_requests']));
  expect(callers.wait('192.0.2.1')).toBe(60);
  expect(await codeOf('ann-token')).toBe('ann');
  expect(await codeOf('bob-token', '192.0.2.2')).toBe('bob');
  // A caller never seen before has a share of each second.
  state.now += 1_000;
  expect(await codeOf('bob-token')).toBe('bob');
});

test('a malformed token is not reviewed', async () => {
  const { asked, callers } = createCallers();
  for (const header of [undefined, '', 'Basic eDp5', 'Bearer', `Bearer ${'x'.repeat(20_000)}`, 'Bearer a b'])
    await expect(callers.callerOf(header, '192.0.2.1')).rejects.toMatchObject({ code: 'unauthorized' });
  expect(asked).toEqual([]);
});
