// The action document that right-sizing proposes: the present values as condition, the proposed ones as goal.
import { expect, test } from 'vitest';
import { actionOf } from '../../../actor/action.ts';
import type { SizingFact } from '../../../master/analysis/right-sizing.ts';
import { sizingAction } from '../../../master/analysis/sizing-action.ts';

const now = Date.parse('2026-11-20T10:00:30Z');
const fact = (field: string, quantity: string): SizingFact => ({
  field,
  quantity,
  verdict: 'too-little',
  proposed: 1,
  why: `so says ${field}`,
});
const workload = (resources: object | undefined, more: { type?: string; uid?: unknown } = {}) => ({
  id: `${more.type ?? 'Deployment'}:shop/web`,
  type: more.type ?? 'Deployment',
  object: {
    metadata: { uid: 'uid' in more ? more.uid : 'u1' },
    spec: { template: { spec: { containers: [{ name: 'proxy' }, { name: 'app', ...(resources && { resources }) }] } } },
  },
});

test('it asks for the template as it is, and for nothing that no fact names', () => {
  const resources = { requests: { cpu: 2, memory: '64Mi' }, limits: { memory: '65536Ki' } };
  const made = sizingAction(
    workload(resources),
    'app',
    [fact('requests.cpu', '240m'), fact('limits.memory', '82Mi'), fact('limits.cpu', '1')],
    now,
  );
  expect(made).toMatchObject({
    action: 'set-resources',
    target: { kind: 'Deployment', namespace: 'shop', name: 'web', uid: 'u1', container: 'app' },
    expected: { requests: { cpu: '2' }, limits: { memory: '65536Ki', cpu: null } },
    wanted: { requests: { cpu: '240m' }, limits: { memory: '82Mi', cpu: '1' } },
    reason: expect.stringContaining('limits.memory 82Mi: so says limits.memory'),
  });
  expect(actionOf(made, now).id).toBe(made?.id);
});

test('asked twice within hours it is the same action, and another one once the template or the proposal is another', () => {
  const propose = (cpu: string, quantity: string, at = now) =>
    sizingAction(workload({ requests: { cpu } }), 'app', [fact('requests.cpu', quantity)], at)?.id;
  expect(propose('2', '240m', now + 3_600_000)).toBe(propose('2', '240m'));
  expect(new Set([propose('2', '240m'), propose('3', '240m'), propose('2', '250m')]).size).toBe(3);
  expect(propose('2', '240m', now + 86_400_000)).not.toBe(propose('2', '240m'));
});

test('there is none where nothing can be set by one, or where the template has it already', () => {
  const facts = [fact('requests.cpu', '240m')];
  expect(sizingAction(workload(undefined), 'app', [], now)).toBeUndefined();
  expect(sizingAction(workload(undefined), 'gone', facts, now)).toBeUndefined();
  expect(sizingAction(workload(undefined, { type: 'Pod' }), 'app', facts, now)).toBeUndefined();
  expect(sizingAction(workload(undefined, { type: 'CronJob' }), 'app', facts, now)).toBeUndefined();
  expect(sizingAction(workload(undefined, { uid: 7 }), 'app', facts, now)).toBeUndefined();
  expect(sizingAction(workload({ requests: { cpu: '0.24' } }), 'app', facts, now)).toBeUndefined();
  expect(
    sizingAction({ id: 'Deployment:shop/web', type: 'Deployment', object: 'x' }, 'app', facts, now),
  ).toBeUndefined();
});
