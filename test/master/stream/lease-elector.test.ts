// Masters that compete for a Lease in memory, in time that a test moves, with requests that fail, hang and lose their answers.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LeaseElector, leaseTimes } from '../../../master/stream/lease-elector.ts';
import type { Tenure } from '../../../master/stream/permit.ts';
import { sleep } from '../../../src/backoff.ts';
import type { MonotonicTime } from '../../../src/clock.ts';
import { createMemoryLease, type LeaseFate, type MemoryLease } from '../../support/memory-lease.ts';
import { createVirtualTime, settled, type VirtualTime } from '../../support/virtual-time.ts';

interface Master {
  readonly elector: LeaseElector;
  /** What its next requests meet; changed by tests. */
  fate: (method: string) => LeaseFate | undefined;
  readonly tenures: Tenure[];
  readonly said: string[];
  holds(): boolean;
}

interface More {
  /** How far its wall clock is ahead, in milliseconds. */
  readonly ahead?: number;
  readonly random?: () => number;
}

const stop = new AbortController().signal;

/** Sleeps until the signal aborts, or for so long that it makes no difference. */
const realSleep = (ms: number) => (_: number, signal: AbortSignal) => sleep(ms, signal);

function open(
  time: VirtualTime,
  lease: MemoryLease,
  identity: string,
  { ahead = 0, random = () => 0 }: More = {},
): Master {
  const say = (first: object | string, text = '') =>
    void master.said.push(typeof first === 'string' ? first : `${text} ${JSON.stringify(first)}`);
  const elector = new LeaseElector({
    lease: { namespace: 'ci', name: 'p' },
    requests: lease.requests((method) => master.fate(method)),
    identity,
    clocks: { wall: () => time.clock() + ahead, monotonic: () => time.clock() as MonotonicTime },
    logger: {
      info: say as never,
      warn: ((_: object, text: string) => master.said.push(text)) as never,
    },
    times: leaseTimes(15_000),
    sleep: time.sleep,
    deadline: time.deadline,
    random,
  });
  const master: Master = {
    elector,
    fate: () => undefined,
    tenures: [],
    said: [],
    holds: () => elector.standing.held,
  };
  elector.start();
  void (async () => {
    for (let tenure = await elector.given(stop); tenure; tenure = await elector.given(stop)) {
      master.tenures.push(tenure);
      await new Promise((resolve) => tenure?.ended.addEventListener('abort', resolve, { once: true }));
    }
  })();
  return master;
}

describe('a master alone', () => {
  test('makes the Lease where there is none, and renews it every two seconds with one request', async () => {
    const [time, lease] = [createVirtualTime(), createMemoryLease()];
    const one = open(time, lease, 'one');
    await time.advance(0);
    expect(one.holds()).toBe(true);
    expect(lease.spec).toEqual({
      holderIdentity: 'one',
      leaseDurationSeconds: 15,
      acquireTime: '2023-11-14T22:13:20.000000Z',
      renewTime: '2023-11-14T22:13:20.000000Z',
      leaseTransitions: 0,
    });
    await time.advance(10_000);
    expect(lease.asked).toEqual(['read', 'create', ...Array<string>(5).fill('update')]);
    expect(lease.spec).toMatchObject({
      acquireTime: '2023-11-14T22:13:20.000000Z',
      renewTime: '2023-11-14T22:13:30.000000Z',
      leaseTransitions: 0,
    });
    await one.elector.close();
  });

  test.each([
    ['was released', { holderIdentity: '', leaseTransitions: 4 }],
    ['came with the manifests, without a spec', {}],
    ['has nonsense in it', { holderIdentity: 7, leaseDurationSeconds: 'x', leaseTransitions: -1, acquireTime: [] }],
  ])('takes a Lease at once that %s', async (_, spec) => {
    const [time, lease] = [createVirtualTime(), createMemoryLease(spec)];
    const one = open(time, lease, 'one');
    await time.advance(0);
    expect(one.holds()).toBe(true);
    const before = 'leaseTransitions' in spec && spec.leaseTransitions > 0 ? spec.leaseTransitions : 0;
    expect(lease.spec).toMatchObject({ holderIdentity: 'one', leaseTransitions: before + 1 });
    await one.elector.close();
  });

  test('keeps what others wrote into it beside', async () => {
    const [time, lease] = [createVirtualTime(), createMemoryLease({ strategy: 'OldestEmulationVersion' })];
    const one = open(time, lease, 'one');
    await time.advance(4_000);
    await one.elector.close();
    expect(lease.spec).toMatchObject({ strategy: 'OldestEmulationVersion', holderIdentity: '' });
  });

  test('is the same holder again after a time without the API server', async () => {
    const [time, lease] = [createVirtualTime(), createMemoryLease()];
    const one = open(time, lease, 'one');
    await time.advance(0);
    one.fate = () => 'away';
    await time.advance(9_000);
    expect(one.holds()).toBe(true);
    await time.advance(1_000);
    expect(one.holds()).toBe(false);
    expect(one.elector.standing).toEqual({ held: false, holder: 'one', problem: 'the API server: connection refused' });
    one.fate = () => undefined;
    await time.advance(2_000);
    expect(one.tenures).toHaveLength(2);
    expect(one.tenures[0]?.ended.aborted).toBe(true);
    expect(lease.spec).toMatchObject({ leaseTransitions: 0 });
    await one.elector.close();
  });
});

describe('a failing API server', () => {
  test.each([
    ['403', 403, 'refused with 403'],
    ['401', 401, 'refused with 401'],
    ['500', 500, 'refused with 500'],
    ['404 for the namespace', 404, 'refused with 404'],
    ['no connection', 'away', 'the API server: connection refused'],
    ['no answer', 'hangs', 'the API server did not answer in time'],
  ] as const)('%s is said once, and nothing is held', async (_, fate, problem) => {
    const [time, lease] = [createVirtualTime(), createMemoryLease()];
    const one = open(time, lease, 'one');
    one.fate = (method) => (fate === 404 && method === 'read' ? undefined : fate);
    await time.advance(30_000);
    expect(one.elector.standing).toEqual({ held: false, holder: undefined, problem });
    expect(one.said).toEqual([`the Lease ci/p can be neither taken nor renewed: ${problem}`]);
    one.fate = () => undefined;
    await time.advance(7_500);
    expect(one.said[1]).toContain('the Lease is held: this master publishes');
    expect(one.said[2]).toBe('the Lease ci/p can be read and written again');
    expect(one.elector.standing).toEqual({ held: true, holder: 'one', problem: undefined });
    await one.elector.close();
  });

  test.each([403, 500, 'away', 'hangs', 'unanswered'] as const)(
    'that answers a holder with %s costs it the Lease after ten seconds, before another may take it',
    async (fate) => {
      const [time, lease] = [createVirtualTime(), createMemoryLease()];
      const [one, two] = [open(time, lease, 'one'), open(time, lease, 'two')];
      await time.advance(1_000);
      expect([one.holds(), two.holds()]).toEqual([true, false]);
      one.fate = () => fate;
      await time.advance(8_500);
      expect(one.holds()).toBe(true);
      await time.advance(1_000);
      expect([one.holds(), two.holds()]).toEqual([false, false]);
      await time.advance(17_000);
      expect([one.holds(), two.holds()]).toEqual([false, true]);
      expect(lease.spec).toMatchObject({ holderIdentity: 'two', leaseTransitions: 1 });
      for (const each of [one, two]) await each.elector.close();
    },
  );

  test('a renewal that was stored and not answered is no other holder', async () => {
    const [time, lease] = [createVirtualTime(), createMemoryLease()];
    const one = open(time, lease, 'one');
    await time.advance(0);
    let left = 1;
    one.fate = () => (left-- > 0 ? 'unanswered' : undefined);
    await time.advance(20_000);
    expect(one.holds()).toBe(true);
    expect(one.tenures).toHaveLength(1);
    expect(one.elector.counts()).toMatchObject({ failed: 1, lost: 0, acquired: 1 });
    await one.elector.close();
  });
});

describe('two masters', () => {
  test('one holds it, the other takes over fifteen seconds after the last renewal that it saw, whatever times are written', async () => {
    for (const ahead of [-86_400_000, 0, 86_400_000]) {
      const [time, lease] = [createVirtualTime(), createMemoryLease()];
      const [one, two] = [open(time, lease, 'one'), open(time, lease, 'two', { ahead })];
      await time.advance(60_000);
      expect([one.holds(), two.holds()]).toEqual([true, false]);
      expect(two.elector.standing.holder).toBe('one');
      one.fate = () => 'away';
      await time.advance(14_500);
      expect([one.holds(), two.holds()]).toEqual([false, false]);
      await time.advance(3_000);
      expect([one.holds(), two.holds()]).toEqual([false, true]);
      one.fate = () => undefined;
      await time.advance(60_000);
      expect([one.holds(), two.holds()]).toEqual([false, true]);
      for (const each of [one, two]) await each.elector.close();
    }
  });

  test('where one ends, the other takes over at its next try', async () => {
    const [time, lease] = [createVirtualTime(), createMemoryLease()];
    const [one, two] = [open(time, lease, 'one'), open(time, lease, 'two')];
    await time.advance(5_000);
    await one.elector.close();
    expect(lease.spec).toMatchObject({ holderIdentity: '', leaseDurationSeconds: 1, leaseTransitions: 0 });
    expect(one.tenures[0]?.ended.aborted).toBe(true);
    await time.advance(2_000);
    expect(two.holds()).toBe(true);
    await two.elector.close();
  });

  test('one that ends while a renewal is under way still lets go of it', async () => {
    const [time, lease] = [createVirtualTime(), createMemoryLease()];
    const one = open(time, lease, 'one');
    await time.advance(0);
    let left = 1;
    one.fate = () => (left-- > 0 ? 'unanswered' : undefined);
    await time.advance(2_000);
    await one.elector.close();
    expect(lease.spec).toMatchObject({ holderIdentity: '' });
  });

  test('one that lost it does not let go of what the other holds', async () => {
    const [time, lease] = [createVirtualTime(), createMemoryLease()];
    const [one, two] = [open(time, lease, 'one'), open(time, lease, 'two')];
    await time.advance(1_000);
    one.fate = () => 'away';
    await time.advance(30_000);
    one.fate = () => undefined;
    await one.elector.close();
    expect(lease.spec).toMatchObject({ holderIdentity: 'two' });
    expect(two.holds()).toBe(true);
    await two.elector.close();
  });

  test.each([
    ['another holder', { holderIdentity: 'edited by hand', leaseDurationSeconds: 15 }],
    ['no holder', { holderIdentity: '' }],
  ])('a holder that finds %s in it stops at once', async (_, spec) => {
    const [time, lease] = [createVirtualTime(), createMemoryLease()];
    const one = open(time, lease, 'one');
    await time.advance(0);
    lease.spec = spec;
    await time.advance(2_000);
    expect(one.tenures[0]?.ended.aborted).toBe(true);
    expect(one.elector.counts().lost).toBe(1);
    await one.elector.close();
  });

  test('a holder whose Lease is deleted makes it once more and goes on', async () => {
    const [time, lease] = [createVirtualTime(), createMemoryLease()];
    const one = open(time, lease, 'one');
    await time.advance(0);
    lease.spec = undefined;
    await time.advance(2_000);
    expect(lease.spec).toMatchObject({ holderIdentity: 'one' });
    expect(one.tenures).toHaveLength(1);
    await one.elector.close();
  });

  test('a holder that stood still knows by its clock that it holds nothing, before any timer has run', async () => {
    const lease = createMemoryLease();
    let now = 0;
    const elector = new LeaseElector({
      lease: { namespace: 'ci', name: 'p' },
      requests: lease.requests(),
      identity: 'one',
      clocks: { wall: () => now, monotonic: () => now as MonotonicTime },
      logger: { info: () => {}, warn: () => {} },
      times: leaseTimes(15_000),
      sleep: realSleep(3_600_000),
      deadline: () => new AbortController().signal,
    });
    elector.start();
    const tenure = await elector.given(stop);
    now = 9_999;
    expect(tenure?.holds()).toBe(true);
    now = 10_000;
    expect([tenure?.holds(), elector.standing.held, tenure?.ended.aborted]).toEqual([false, false, false]);
    await elector.close();
    // It is no longer known to be its own: nothing is released.
    expect(lease.spec).toMatchObject({ holderIdentity: 'one' });
  });

  test('a holder is shown without what a terminal obeys', async () => {
    const holderIdentity = `a\u001b[2J\n${'x'.repeat(5_000)}`;
    const [time, lease] = [createVirtualTime(), createMemoryLease({ holderIdentity, leaseDurationSeconds: 60 })];
    const one = open(time, lease, 'one');
    await time.advance(0);
    expect(one.elector.standing.holder).toMatch(/^a\u241b\[2J\u240axxx/);
    expect(one.elector.standing.holder).toHaveLength(253);
    expect(one.said.join('')).not.toContain('\u001b');
    await one.elector.close();
  });
});

test('never do two masters hold it at once, and in the end one does, whatever fails, hangs or ends', async () => {
  const fate = fc.constantFrom<LeaseFate | undefined>(
    undefined,
    undefined,
    undefined,
    'away',
    'hangs',
    'unanswered',
    500,
    403,
  );
  const step = fc.record({
    who: fc.nat(2),
    fate,
    ms: fc.integer({ min: 1, max: 12_000 }),
    jitter: fc.double({ min: 0, max: 0.99, noNaN: true }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 40 }),
      fc.array(fc.integer(), { minLength: 3, maxLength: 3 }),
      async (steps, ahead) => {
        const [time, lease] = [createVirtualTime(), createMemoryLease()];
        let jitter = 0;
        const all = ahead.map((ms, i) => open(time, lease, `master-${i}`, { ahead: ms, random: () => jitter }));
        const holders = () => all.filter((one) => one.holds()).length;
        for (const each of steps) {
          const met = all[each.who];
          if (met) met.fate = () => each.fate;
          jitter = each.jitter;
          for (let left = each.ms; left > 0; left -= 500) {
            await time.advance(Math.min(left, 500));
            expect(holders()).toBeLessThanOrEqual(1);
          }
        }
        for (const one of all) one.fate = () => undefined;
        await time.advance(25_000);
        expect(holders()).toBe(1);
        for (const one of all) await one.elector.close();
        await settled();
        expect(lease.spec).toMatchObject({ holderIdentity: '' });
      },
    ),
    { numRuns: 40 },
  );
});
