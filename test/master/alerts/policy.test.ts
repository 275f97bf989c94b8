import { describe, expect, test } from 'vitest';
import type { Subject } from '../../../master/alerts/alert.ts';
import { parseChange } from '../../../master/alerts/changes/change-rule.ts';
import { matches, policyOf } from '../../../master/alerts/policy.ts';
import { type AlertRule, type AlertSettings, usualSettings } from '../../../master/alerts/settings/alert-settings.ts';
import { finding, firing } from '../../support/alerting.ts';

const minute = 60_000;
const withRules = (...rules: readonly AlertRule[]): AlertSettings => ({ ...usualSettings, rules });
const policy = (subject: Partial<Subject>, settings: AlertSettings = usualSettings) =>
  policyOf(settings)({ ...finding('web'), ...subject } as Subject);

describe('without a rule', () => {
  test.each([
    ['broken', 'critical', { for: minute, end: 2 * minute, lasts: undefined }],
    ['broken', 'high', { for: 5 * minute, lasts: undefined }],
    ['broken', 'medium', { for: 15 * minute, lasts: undefined }],
    ['broken', 'low', undefined],
    ['broken', 'info', undefined],
    ['risk', 'critical', { for: minute, lasts: 60 * minute }],
    ['risk', 'high', { for: 5 * minute, lasts: 60 * minute }],
    ['risk', 'medium', undefined],
    ['advice', 'critical', undefined],
  ] as const)('what is %s and %s', (kind, severity, expected) => {
    const found = policy({ class: kind, severity });
    if (expected) expect(found).toMatchObject(expected);
    else expect(found).toBeUndefined();
  });

  test('sends nothing about accepted findings, and ends crash loops later than others', () => {
    expect(policy({ accepted: { reason: 'known', by: 'me' } })).toBeUndefined();
    expect(policy({ name: 'crash-loop' })?.end).toBe(5 * minute);
  });
});

describe('the first rule that matches', () => {
  const named = (name: string) => (each: string) => each === name;

  test('says how long, how bad, and whether at all', () => {
    const settings = withRules(
      { kind: 'finding', finding: named('x'), namespace: named('dev'), never: true },
      { kind: 'finding', finding: named('x'), for: 0, end: minute, severity: 'info' },
      { kind: 'finding', finding: () => true, never: true },
    );
    expect(policy({ name: 'x' }, settings)).toEqual({ for: 0, end: minute, severity: 'info', lasts: undefined });
    expect(policy({ name: 'x', namespace: 'dev' }, settings)).toBeUndefined();
    expect(policy({ name: 'y' }, settings)).toBeUndefined();
  });

  test('sends advice and low severities if a rule sets a time for them', () => {
    const settings = withRules({ kind: 'finding', finding: named('x'), for: minute });
    expect(policy({ name: 'x', class: 'advice', severity: 'info' }, settings)).toMatchObject({ for: minute });
  });

  test('that makes its finding tells it, whatever its severity', () => {
    const declared = { finding: 'x' } as never;
    const settings = withRules({ kind: 'finding', finding: named('x'), severity: 'low', declared });
    expect(policy({ name: 'x', severity: 'low' }, settings)).toMatchObject({ for: 0, severity: 'low' });
  });
});

test('a change is told by its rule: what stands as long as it does, what happened for a while', () => {
  const rule = (said: string, more: object = {}): AlertRule => ({
    kind: 'change',
    name: 'r',
    said,
    severity: 'high',
    ...parseChange(said),
    ...more,
  });
  const of = (said: string, more: object = {}) => policy({ class: 'change', rule: 'r' }, withRules(rule(said, more)));
  expect(of('health of Pod becomes failed')).toEqual({ for: 0, end: 0, severity: 'high', lasts: undefined });
  expect(of('last relation loadBalances of Service removed')?.lasts).toBeUndefined();
  expect(of('removed Ingress')?.lasts).toBe(60 * minute);
  expect(of('image of Deployment changes', { lasts: minute, for: 5 })).toMatchObject({ lasts: minute, for: 5 });
  expect(policy({ class: 'change', rule: 'gone' })).toBeUndefined();
});

test('a receiver is told what matches all that it asks for', () => {
  const alert = firing('web');
  expect(matches({}, alert)).toBe(true);
  expect(matches({ severity: ['critical'], class: ['broken'], namespace: (each) => each === 'shop' }, alert)).toBe(
    true,
  );
  expect(matches({ severity: ['high'] }, alert)).toBe(false);
  expect(matches({ class: ['change'] }, alert)).toBe(false);
  expect(matches({ type: (each) => each === 'Node' }, alert)).toBe(false);
  expect(matches({ alert: (each) => each === 'other' }, alert)).toBe(false);
});
