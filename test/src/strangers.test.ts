// Callers with unknown tokens: how many requests they can cause.
import { expect, test } from 'vitest';
import { networkOf, Strangers } from '../../src/strangers.ts';
import { stillClock } from '../support/still-clock.ts';

/** A review that takes a turn and refuses, counted as by the gate. */
function guessing(strangers: Strangers) {
  const asked: string[] = [];
  const guess = async (address: string) => {
    const known = await strangers.ask(address, async () => {
      asked.push(address);
      await new Promise(setImmediate);
      return undefined;
    });
    if (known === undefined) strangers.refuse(address);
  };
  return { asked, guess };
}

test('a thousand unknown tokens at once are not asked about before the first are refused', async () => {
  const strangers = new Strangers(stillClock());
  const { asked, guess } = guessing(strangers);
  await Promise.all(Array.from({ length: 1_000 }, () => guess('192.0.2.1')));
  // Thirty, those under way meanwhile, and ten of the second.
  expect(asked.length).toBeLessThanOrEqual(30 + 8 + 10);
  expect(asked.length).toBeGreaterThanOrEqual(30);
  expect(strangers.wait('192.0.2.1')).toBe(60);
});

test('another address has its turn among them, and a right token of the same one is asked about in the next second', async () => {
  let now = 0;
  const strangers = new Strangers(stillClock(() => now));
  const { asked, guess } = guessing(strangers);
  const many = Array.from({ length: 500 }, () => guess('192.0.2.1'));
  const other = strangers.ask('192.0.2.2', async () => {
    return { name: 'bob', after: asked.length };
  });
  expect(await other).toMatchObject({ name: 'bob' });
  expect((await other)?.after).toBeLessThan(20);
  await Promise.all(many);
  now += 1_000;
  expect(await strangers.ask('192.0.2.1', async () => 'ann')).toBe('ann');
});

test.each([
  ['2001:db8::1', '2001:db8:0:0::'],
  ['2001:db8:0:0:ffff:1:2:3', '2001:db8:0:0::'],
  ['2001:0db8:1:2:3::', '2001:db8:1:2::'],
  ['::1', '0:0:0:0::'],
  ['fe80::1%eth0', 'fe80:0:0:0::'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['192.0.2.1', '192.0.2.1'],
  ['gateway', 'gateway'],
])('%s is of the network %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});

test('all addresses of an IPv6 network have one share', async () => {
  const strangers = new Strangers(stillClock());
  const { asked, guess } = guessing(strangers);
  for (let i = 0; i < 200; i++) await guess(`2001:db8::${i.toString(16)}`);
  expect(asked.length).toBeLessThanOrEqual(30 + 10);
  expect(strangers.wait('2001:db8:0:1::1')).toBe(0);
});
