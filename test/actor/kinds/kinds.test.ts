import { expect, test } from 'vitest';
import type { Action } from '../../../actor/action.ts';
import { actionTypes } from '../../../actor/kinds/index.ts';
import type { ActionType } from '../../../actor/kinds/kind.ts';
import { resizePod } from '../../../actor/kinds/resize-pod.ts';
import { restart } from '../../../actor/kinds/restart.ts';
import { scale } from '../../../actor/kinds/scale.ts';
import { setResources } from '../../../actor/kinds/set-resources.ts';
import { strategicMerge } from '../../../src/demo/api/write.ts';
import type { KubernetesObject } from '../../../src/model.ts';

const container = (resources?: object) => ({ name: 'web', image: 'web', ...(resources && { resources }) });
const template = (spec: object, annotations?: object) => ({
  metadata: { labels: { app: 'web' }, ...(annotations && { annotations }) },
  spec,
});
const made = (kind: string, spec: object) => ({ kind, metadata: { name: 'web' }, spec }) as unknown as KubernetesObject;
const action = (wanted: object, container?: string) =>
  ({ target: { kind: 'x', ...(container && { container }) }, wanted, expected: {} }) as unknown as Action;

const limits = { limits: { cpu: '1' } };
const sidecar = {
  containers: [container(limits)],
  initContainers: [{ name: 'log', image: 'log', restartPolicy: 'Always' }],
};
const cases: readonly [string, ActionType, KubernetesObject, Action][] = [
  [
    'limits of a template',
    setResources,
    made('Deployment', { template: template(sidecar) }),
    action({ limits: { cpu: '2', memory: '1Gi' } }, 'web'),
  ],
  [
    'limits of a sidecar',
    setResources,
    made('Deployment', { template: template(sidecar) }),
    action({ limits: { cpu: '2' } }, 'log'),
  ],
  [
    'a limit that goes',
    setResources,
    made('DaemonSet', { template: template(sidecar) }),
    action({ limits: { cpu: null } }, 'web'),
  ],
  [
    'a Pod in place',
    resizePod,
    made('Pod', sidecar),
    action({ requests: { cpu: '500m' }, limits: { cpu: '2' } }, 'web'),
  ],
  ['a first restart', restart, made('Deployment', { template: template(sidecar) }), action({})],
  [
    'a first restart beside other annotations',
    restart,
    made('Deployment', { template: template(sidecar, { a: 'b' }) }),
    action({}),
  ],
  [
    'another restart',
    restart,
    made('StatefulSet', { template: template(sidecar, { 'kubectl.kubernetes.io/restartedAt': 'before' }) }),
    action({}),
  ],
  ['replicas', scale, made('Deployment', { replicas: 3, template: template(sidecar) }), action({ replicas: 7 })],
];

test.each(cases)(
  '%s: the patch makes what is intended, and the one back the object of before',
  (_what, type, object, asked) => {
    const before = type.current(object, asked);
    const wanted = type.intended(before, asked, '2026-01-01T00:00:00Z');
    expect(type.isSame(before, wanted)).toBe(false);
    const after = strategicMerge(object, type.patch(before, wanted, object, asked)) as KubernetesObject;
    const applied = type.current(after, asked);
    expect(type.isSame(applied, wanted)).toBe(true);
    expect(after).not.toEqual(object);
    expect(strategicMerge(after, type.patch(applied, before, after, asked))).toEqual(object);
  },
);

test('every kind of action says what it can be done to', () => {
  expect([...actionTypes].map(([name, { targets }]) => [name, targets.length > 0])).toEqual([
    ['set-resources', true],
    ['restart', true],
    ['scale', true],
    ['resize-pod', true],
  ]);
});
