import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Alert, Policy, Subject } from '../../../../master/alerts/alert.ts';
import { AlertStates } from '../../../../master/alerts/states/alert-states.ts';
import type { Damping } from '../../../../master/alerts/states/judge.ts';
import type { Finding } from '../../../../master/findings/contract.ts';
import { damping, finding, noon, short } from '../../../support/alerting.ts';

const minute = 60_000;

interface Options {
  readonly policy?: Partial<Policy>;
  readonly damping?: Damping;
  readonly explain?: (subject: Subject) => string | undefined;
}

function statesOf({ policy = {}, damping: damped = damping, explain = () => undefined }: Options = {}) {
  return new AlertStates({
    policyOf: (subject) =>
      subject.accepted ? undefined : { for: minute, end: 2 * minute, severity: subject.severity, ...policy },
    damping: damped,
    explain,
  });
}

/** Lets time pass, and checks whenever the machine asks for it. Returns the transitions in short. */
function until(states: AlertStates, at: number): readonly string[] {
  for (let next = states.next(); next !== undefined && next <= at; next = states.next()) states.advance(next);
  states.advance(at);
  return states.take().map(short);
}

const at = (minutes: number) => noon + minutes * minute;
const from = (minutes: number, more: Partial<Finding> = {}): Partial<Finding> => ({
  since: new Date(at(minutes)).toISOString(),
  ...more,
});

describe('one alert', () => {
  test('fires when it has been so for long enough, and ends when it has not been so for a while', () => {
    const states = statesOf();
    states.begin(finding('web'), noon);
    expect(until(states, noon + minute - 1)).toEqual([]);
    expect(until(states, at(5))).toEqual([`fired web ${minute}`]);
    states.end('web', at(5));
    expect(until(states, at(7) - 1)).toEqual([]);
    expect(until(states, at(60))).toEqual([`ended web ${7 * minute}`]);
    expect(states.size).toBe(0);
  });

  test('counts from the time of the object itself, not from when it was seen', () => {
    const states = statesOf();
    states.begin(finding('web'), at(10));
    expect(until(states, at(10))).toEqual([`fired web ${10 * minute}`]);
  });

  test('believes no time that is still to come', () => {
    const states = statesOf();
    states.begin(finding('web', from(600)), noon);
    expect(until(states, at(1))).toEqual([`fired web ${minute}`]);
  });

  test('that ended before its delay is not sent', () => {
    const states = statesOf();
    states.begin(finding('web'), noon);
    states.end('web', noon + 30_000);
    expect(until(states, at(120))).toEqual([]);
    expect(states.size).toBe(0);
  });

  test('that briefly ends continues', () => {
    const states = statesOf();
    states.begin(finding('web'), noon);
    until(states, at(2));
    states.end('web', at(2));
    states.begin(finding('web', from(3)), at(3));
    expect(until(states, at(20))).toEqual([]);
    expect(states.get('web')?.state).toBe('firing');
  });

  test('that comes and goes is told once, and ends when it has been quiet', () => {
    const states = statesOf({ policy: { for: 10 * minute } });
    const told: string[] = [];
    for (let n = 0; n < 10; n++) {
      states.begin(finding('web', from(2 * n)), at(2 * n));
      told.push(...until(states, at(2 * n + 1)));
      states.end('web', at(2 * n + 1));
      told.push(...until(states, at(2 * n + 2)));
    }
    // The fifth begin was at minute 8; the last end at minute 19.
    expect(told).toEqual([`fired web ${8 * minute}`]);
    expect(states.get('web')?.flapping).toBe(at(8));
    expect(until(states, at(49) - 1)).toEqual([]);
    expect(until(states, at(200))).toEqual([`ended web ${49 * minute}`]);
    expect(states.size).toBe(0);
  });

  test('of the time before the start is told only when it gets worse, or comes back', () => {
    const states = statesOf();
    states.begin(finding('old', { severity: 'high' }), noon, true);
    states.begin(finding('worse', { severity: 'high' }), noon, true);
    states.begin(finding('back', { severity: 'high' }), noon, true);
    expect(until(states, at(60))).toEqual([]);
    states.change(finding('worse', { severity: 'critical' }), at(60));
    states.end('back', at(60));
    expect(until(states, at(70))).toEqual([`fired worse ${60 * minute}`]);
    states.begin(finding('back', from(70)), at(70));
    expect(until(states, at(71))).toEqual([`fired back ${71 * minute}`]);
    expect(states.get('old')?.state).toBe('baseline');
  });

  test('that is accepted while it fires ends at once, and says why', () => {
    const states = statesOf();
    states.begin(finding('web'), noon);
    until(states, at(2));
    states.change(finding('web', { accepted: { reason: 'known', by: 'annotation' } }), at(3));
    expect(states.take().map((each) => [short(each), 'reason' in each && each.reason])).toEqual([
      [`ended web ${3 * minute}`, 'accepted'],
    ]);
    expect(states.size).toBe(0);
  });

  test('that new settings exclude ends, and begins again when settings include it', () => {
    const states = statesOf();
    states.begin(finding('web'), noon);
    until(states, at(2));
    states.setPolicy(() => undefined, damping, at(3));
    expect(states.take().map(short)).toEqual([`ended web ${3 * minute}`]);
    expect(states.next()).toBeUndefined();
  });

  test('of a change ends after its time, and is not sent again before', () => {
    const states = statesOf({ policy: { lasts: 60 * minute } });
    states.begin(finding('risk'), noon);
    expect(until(states, at(600))).toEqual([`fired risk ${minute}`, `ended risk ${63 * minute}`]);
    states.change(finding('risk', { sentence: 'Another.' }), at(600));
    states.begin(finding('risk'), at(601));
    expect(until(states, at(900))).toEqual([]);
    states.end('risk', at(900));
    expect(until(states, at(1000))).toEqual([]);
    expect(states.size).toBe(0);
    states.begin(finding('risk', from(1000)), at(1000));
    expect(until(states, at(1001))).toEqual([`fired risk ${1001 * minute}`]);
  });

  test('of a change counts how often it happened, and lasts from the last time on', () => {
    const states = statesOf({ policy: { for: 0, end: 0, lasts: 60 * minute } });
    const change: Subject = { ...finding('image'), class: 'change' };
    states.begin(change, noon);
    states.begin(change, at(30));
    expect(until(states, at(31))).toEqual(['fired image 0', `changed image ${30 * minute}`]);
    expect(states.get('image')?.subject.times).toBe(2);
    expect(until(states, at(200))).toEqual([`ended image ${90 * minute}`]);
  });

  test('waits as long as maintenance explains it', () => {
    let maintenance: string | undefined = 'Node:a is cordoned';
    const states = statesOf({ explain: () => maintenance });
    states.begin(finding('web'), noon);
    expect(until(states, at(30))).toEqual([]);
    expect(states.get('web')).toMatchObject({ state: 'explained', explanation: 'Node:a is cordoned' });
    maintenance = undefined;
    expect(until(states, at(31))).toEqual([`fired web ${30 * minute + 15_000}`]);
  });
});

describe('causes', () => {
  test('are sent instead of their effects, which are sent if they outlast them', () => {
    const states = statesOf();
    states.begin(finding('node'), noon);
    states.begin(finding('service', { causedBy: 'node' }), noon);
    states.begin(finding('host', { causedBy: 'service' }), noon);
    expect(until(states, at(30))).toEqual([`fired node ${minute}`]);
    expect(states.effectsOf('node').map(({ key }) => key)).toEqual(['service', 'host']);
    states.end('node', at(30));
    states.end('host', at(30));
    expect(until(states, at(35) - 1)).toEqual([`ended node ${32 * minute}`]);
    expect(until(states, at(60))).toEqual([`fired service ${35 * minute}`]);
  });

  test('are told as soon and as bad as what they explain', () => {
    const states = statesOf();
    states.setPolicy(
      (subject) => ({
        for: subject.severity === 'medium' ? 15 * minute : minute,
        end: minute,
        severity: subject.severity,
      }),
      damping,
      noon,
    );
    states.begin(finding('config', { severity: 'medium' }), noon);
    states.begin(finding('host', { severity: 'critical', causedBy: 'config' }), noon);
    expect(until(states, at(10))).toEqual([`fired config ${minute}`]);
    expect(states.get('config')?.severity).toBe('critical');
    expect(states.get('host')?.state).toBe('held');
  });

  test('that were there at the beginning are told when something new comes of them', () => {
    const states = statesOf();
    states.begin(finding('node'), noon, true);
    expect(until(states, at(10))).toEqual([]);
    states.begin(finding('service', from(10, { causedBy: 'node' })), at(10));
    expect(until(states, at(20))).toEqual([`fired node ${11 * minute}`]);
  });

  test('hold nothing back if they are not sent themselves', () => {
    const states = statesOf();
    states.begin(finding('low', { accepted: { reason: 'known', by: 'rule' } }), noon);
    states.begin(finding('host', { causedBy: 'low' }), noon);
    states.begin(finding('blip'), noon);
    states.end('blip', noon + 1000);
    states.begin(finding('other', { causedBy: 'blip' }), noon);
    expect(until(states, at(10))).toEqual([`fired host ${minute}`, `fired other ${minute}`]);
  });

  test('in a cycle are represented by one of them', () => {
    const states = statesOf();
    for (const [id, causedBy] of [
      ['a', 'c'],
      ['b', 'a'],
      ['c', 'b'],
      ['self', 'self'],
    ] as const)
      states.begin(finding(id, { causedBy }), noon);
    expect(until(states, at(10)).toSorted()).toEqual([`fired a ${minute}`, `fired self ${minute}`]);
  });

  test('may be found out while what they explain is told: that goes on', () => {
    const states = statesOf();
    states.begin(finding('host'), noon);
    expect(until(states, at(2))).toEqual([`fired host ${minute}`]);
    states.begin(finding('node', from(2)), at(2));
    states.change(finding('host', { causedBy: 'node' }), at(2));
    until(states, at(20));
    expect(states.get('host')?.state).toBe('firing');
  });

  test('10,000 at once under one cause are one alert, and cost a bounded time', () => {
    const states = statesOf();
    states.begin(finding('node'), noon);
    for (let n = 0; n < 10_000; n++) states.begin(finding(`s${n}`, { causedBy: 'node' }), noon);
    expect(until(states, at(10))).toEqual([`fired node ${minute}`]);
    expect(states.effectsOf('node')).toHaveLength(10_000);
    states.end('node', at(10));
    for (let n = 0; n < 10_000; n++) states.end(`s${n}`, at(10));
    expect(until(states, at(300))).toEqual([`ended node ${12 * minute}`]);
    expect([states.size, states.next()]).toEqual([0, undefined]);
  });
});

describe('whatever happens', () => {
  const ids = ['a', 'b', 'c', 'd'];
  const step = fc.record({
    wait: fc.integer({ min: 0, max: 5 * minute }),
    what: fc.constantFrom('begin', 'change', 'end', 'look'),
    id: fc.constantFrom(...ids),
    causedBy: fc.option(fc.constantFrom(...ids), { nil: undefined, freq: 2 }),
    severity: fc.constantFrom('critical', 'high', 'medium'),
    isLook: fc.boolean(),
  });
  type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

  /** Runs the steps with `between` before each. Returns the transitions and the machine. */
  function run(
    steps: readonly Step[],
    between: (states: AlertStates, now: number) => AlertStates = (states) => states,
  ) {
    let states = statesOf();
    let now = noon;
    const told: string[] = [];
    for (const { wait, what, id, causedBy, severity } of steps) {
      now += wait;
      told.push(...until(states, now));
      states = between(states, now);
      const said = finding(id, { causedBy, severity, since: new Date(now).toISOString() } as Partial<Finding>);
      const isSo = states.get(id)?.isTrue === true;
      if (what === 'begin' && !isSo) states.begin(said, now);
      if (what === 'change' && isSo)
        states.change({ ...said, since: states.get(id)?.subject.since ?? said.since }, now);
      if (what === 'end') states.end(id, now);
      told.push(...states.take().map(short));
    }
    return { states, told, now };
  }

  test('an alert is told and its end is told, in turns; and when all is over nothing is left', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { states, told, now } = run(steps);
        for (const id of ids) states.end(id, now);
        told.push(...until(states, now + 600 * minute));
        for (const id of ids) {
          const turns = told.filter((each) => each.includes(` ${id} `) && !each.startsWith('changed'));
          turns.forEach((each, n) => expect(each.split(' ')[0]).toBe(n % 2 === 0 ? 'fired' : 'ended'));
          expect(turns.length % 2).toBe(0);
        }
        expect([states.size, states.next(), states.effectsOf('a')]).toEqual([0, undefined, []]);
      }),
    );
  });

  test('to look more often than it asks for makes no difference', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const often = run(steps, (states, now) => {
          states.advance(now);
          states.advance(now);
          return states;
        });
        expect(often.told).toEqual(run(steps).told);
      }),
    );
  });

  test('a restart in the middle makes no difference', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.integer({ min: 0, max: 39 }), (steps, when) => {
        let n = 0;
        const restarted = run(steps, (states, now) => {
          if (n++ !== when) return states;
          const kept = JSON.parse(JSON.stringify([...states.alerts()])) as Alert[];
          const next = statesOf();
          next.restore(kept, ({ isTrue }) => isTrue, now);
          expect(next.take()).toEqual([]);
          return next;
        });
        expect(restarted.told.toSorted()).toEqual(run(steps).told.toSorted());
      }),
    );
  });

  test('without causes and flapping, equals a machine that checks every second', () => {
    const calm: Damping = { ...damping, flap: { begins: 1000, within: minute, quiet: minute } };
    const span = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(span, (lengths) => {
        // True for the first length, false for the second, and so on; in seconds.
        const turns = lengths.reduce<number[]>((sums, each) => [...sums, (sums.at(-1) ?? 0) + each], []);
        const isSoAt = (second: number) => turns.filter((turn) => turn <= second).length % 2 === 0;
        const total = (turns.at(-1) ?? 0) + 1000;
        const expected: string[] = [];
        let [began, ended, isFiring] = [0, 0, false];
        for (let second = 0; second <= total; second++) {
          const isSo = isSoAt(second) && second < (turns.at(-1) ?? 0);
          const was = second > 0 && isSoAt(second - 1) && second - 1 < (turns.at(-1) ?? 0);
          if (isSo && !was) began = second;
          if (!isSo && was) ended = second;
          if (!isFiring && isSo && second - began >= 60) {
            isFiring = true;
            expected.push(`fired web ${second * 1000}`);
          } else if (isFiring && !isSo && second - ended >= 120) {
            isFiring = false;
            expected.push(`ended web ${second * 1000}`);
          }
        }
        const states = statesOf({ damping: calm });
        const told: string[] = [];
        const changes = [0, ...turns].filter((_, n, all) => n < all.length - (lengths.length % 2 === 0 ? 1 : 0));
        changes.forEach((second, n) => {
          const now = noon + second * 1000;
          // The turn itself settles what falls due in its second.
          told.push(...until(states, now - 1));
          if (n % 2 === 0) states.begin(finding('web', { since: new Date(now).toISOString() }), now);
          else states.end('web', now);
        });
        told.push(...until(states, noon + total * 1000));
        expect(told).toEqual(expected);
      }),
    );
  });
});
