import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Alert } from '../../../../master/alerts/alert.ts';
import { usualSettings } from '../../../../master/alerts/settings/alert-settings.ts';
import { AlertGroups, type Grouping, type Notice } from '../../../../master/alerts/states/alert-groups.ts';
import { firing, noon } from '../../../support/alerting.ts';

const minute = 60_000;
const grouping: Grouping = usualSettings.grouping;
const at = (minutes: number) => noon + minutes * minute;

function until(groups: AlertGroups, end: number): readonly Notice[] {
  const notices: Notice[] = [];
  for (let next = groups.next(); next !== undefined && next <= end; next = groups.next())
    notices.push(...groups.advance(next));
  return notices;
}

function short({ at: time, isRepeat, firing: told, ended, active }: Notice): string {
  const names = [...told.map(({ key }) => `+${key}`), ...ended.map(({ alert }) => `-${alert.key}`)];
  return `${(time - noon) / 1000}${isRepeat ? ' again' : ''} ${names.toSorted().join(' ')} of ${active}`;
}

const fire = (groups: AlertGroups, alert: Alert, now: number) => groups.take({ kind: 'fired', alert, at: now });
const end = (groups: AlertGroups, alert: Alert, now: number) =>
  groups.take({ kind: 'ended', alert: { ...alert }, at: now, reason: 'over' });

describe('a group', () => {
  test('waits for more of the same, then is told at once, and again only after a while', () => {
    const groups = new AlertGroups(grouping);
    fire(groups, firing('a'), noon);
    fire(groups, firing('b'), noon + 20_000);
    expect(until(groups, at(1)).map(short)).toEqual(['30 +a +b of 2']);
    fire(groups, firing('c'), at(1));
    expect(until(groups, at(20)).map(short)).toEqual(['330 +c of 3']);
  });

  test('is repeated as long as it is so: critical ones sooner than others', () => {
    const groups = new AlertGroups(grouping);
    fire(groups, firing('a', { severity: 'high' }), noon);
    expect(until(groups, at(24 * 60)).map(short)).toEqual(['30 +a of 1', '43230 again +a of 1']);
    fire(groups, firing('b'), at(24 * 60));
    expect(until(groups, at(29 * 60)).map(short)).toEqual(['86400 +b of 2', '100800 again +a +b of 2']);
  });

  test('reports ends, except of alerts that ended before they were sent', () => {
    const groups = new AlertGroups(grouping);
    const [a, b, c] = [firing('a'), firing('b'), firing('c')] as const;
    fire(groups, a, noon);
    fire(groups, b, noon);
    fire(groups, c, noon);
    end(groups, c, noon + 10_000);
    until(groups, at(1));
    end(groups, a, at(1));
    expect(until(groups, at(6)).map(short)).toEqual(['330 -a of 1']);
    end(groups, b, at(7));
    expect(until(groups, at(3000)).map(short)).toEqual(['630 -b of 0']);
    expect([...groups.groups()]).toEqual([]);
    expect(groups.next()).toBeUndefined();
  });

  test('does not report alerts that ended and began again in between', () => {
    const groups = new AlertGroups(grouping);
    const a = firing('a');
    fire(groups, a, noon);
    until(groups, at(1));
    end(groups, a, at(2));
    fire(groups, a, at(3));
    expect(until(groups, at(60))).toEqual([]);
  });

  test('is sent when an alert becomes worse', () => {
    const groups = new AlertGroups(grouping);
    const a = firing('a', { severity: 'high' });
    fire(groups, a, noon);
    until(groups, at(1));
    groups.take({ kind: 'changed', alert: a, at: at(1) });
    expect(until(groups, at(60))).toEqual([]);
    a.severity = 'critical';
    groups.take({ kind: 'changed', alert: a, at: at(60) });
    expect(until(groups, at(70)).map(short)).toEqual(['3600 +a of 1']);
  });

  test('is of one name and one namespace, unless the settings say otherwise', () => {
    const groups = new AlertGroups(grouping);
    fire(groups, firing('a'), noon);
    fire(groups, firing('b', { namespace: 'data' }), noon);
    fire(groups, firing('c', { name: 'crash-loop' }), noon);
    expect(
      until(groups, at(1))
        .map(({ labels }) => Object.values(labels).join(' '))
        .toSorted(),
    ).toEqual(['crash-loop shop', 'service-no-ready-endpoint data', 'service-no-ready-endpoint shop']);
    const all = new AlertGroups({ ...grouping, by: ['class'] });
    fire(all, firing('a'), noon);
    fire(all, firing('b', { namespace: 'data' }), noon);
    expect(until(all, at(1)).map(short)).toEqual(['30 +a +b of 2']);
  });
});

test('a root is told of once in a while: what else is wrong with it is told then', () => {
  const groups = new AlertGroups(grouping);
  const resource = 'Deployment:shop/web';
  fire(groups, firing('a', { resource }), noon);
  fire(groups, firing('b', { resource, name: 'crash-loop' }), noon + 10_000);
  fire(groups, firing('c', { resource, name: 'image-pull' }), noon + 20_000);
  expect(until(groups, at(20)).map(short)).toEqual(['30 +a of 1', '330 +b of 1', '630 +c of 1']);
});

test('10,000 alerts at once are one message a group', () => {
  const groups = new AlertGroups(grouping);
  for (let n = 0; n < 10_000; n++) fire(groups, firing(`a${n}`), noon);
  const [notice, ...more] = until(groups, at(60));
  expect([notice?.firing.length, more.length]).toEqual([10_000, 0]);
});

describe('whatever happens', () => {
  const step = fc.record({
    wait: fc.integer({ min: 0, max: 8 * minute }),
    id: fc.constantFrom('a', 'b', 'c', 'd'),
    turn: fc.constantFrom('fire', 'end', 'restart'),
  });

  test('of each alert its beginning and its end are told in turns, and nothing is told that is over', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let groups = new AlertGroups(grouping);
        const standing = new Map<string, Alert>();
        const told: Notice[] = [];
        let now = noon;
        for (const { wait, id, turn } of steps) {
          now += wait;
          for (const notice of until(groups, now)) {
            told.push(notice);
            for (const { key } of notice.firing) expect(standing.has(key)).toBe(true);
          }
          const alert = standing.get(id);
          if (turn === 'fire' && !alert) {
            const made = firing(id, { name: `name-${'abcd'.indexOf(id) % 2}` });
            standing.set(id, made);
            fire(groups, made, now);
          } else if (turn === 'end' && alert) {
            standing.delete(id);
            end(groups, alert, now);
          } else if (turn === 'restart') {
            const kept = [...groups.groups()].map((group) => ({ ...group, news: new Set<string>() }));
            const roots = [...groups.roots()];
            groups = new AlertGroups(grouping);
            groups.restore(kept, roots, now);
          }
        }
        for (const alert of standing.values()) end(groups, alert, now);
        told.push(...until(groups, now + 30 * minute));
        for (const id of ['a', 'b', 'c', 'd']) {
          const turns = told
            .filter(({ isRepeat }) => !isRepeat)
            .flatMap(({ firing: some, ended }) => [
              ...some.filter(({ key }) => key === id).map(() => '+'),
              ...ended.filter(({ alert }) => alert.key === id).map(() => '-'),
            ]);
          turns.forEach((turn, n) => expect(turn).toBe(n % 2 === 0 ? '+' : '-'));
          expect(turns.length % 2).toBe(0);
        }
        expect([[...groups.groups()], groups.next()]).toEqual([[], undefined]);
      }),
    );
  });
});
