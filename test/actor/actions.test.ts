// Actions from proposal to outcome, over an API server with dry runs, with the manifests' rights.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Entry } from '../../actor/ledger.ts';
import { policyOf } from '../../actor/policy.ts';
import type { KubernetesObject } from '../../src/model.ts';
import {
  type Acting,
  alice,
  bob,
  comeUp,
  containerOf,
  document,
  getStuck,
  named,
  openPolicy,
  startActing,
  workload,
} from '../support/acting.ts';

let acting: Acting;
beforeEach(async () => {
  acting = await startActing();
});
afterEach(() => acting.close());

const byRest = { name: 'alice', via: 'rest' } as const;
const now = (kind: string, name: string) => acting.server.get(named(kind, name));
/** Resolves when so many patches were answered, and the actor knows of the last: time that passes before does not count. */
async function landed(count: number, id = 'a1'): Promise<void> {
  const answered = () =>
    acting.audit.filter(({ verb, dryRun, status }) => verb === 'patch' && !dryRun && status === 200).length;
  await expect.poll(answered).toBe(count);
  await expect.poll(() => acting.actions.get(id)?.generation).toBeDefined();
}

describe('an action that is proposed', () => {
  test('is shown as the difference that the API server would make, and changes nothing', async () => {
    const web = workload(acting.server);
    const entry = await acting.actions.propose(document(acting, web), byRest);
    expect(entry).toMatchObject({
      state: 'dry-run',
      proposed: { by: 'alice', via: 'rest' },
      difference: [{ field: 'spec.template.spec.containers[web].resources.limits.cpu', before: '200m', after: '250m' }],
      original: { resources: { requests: { cpu: '100m' }, limits: { cpu: '200m', memory: '64Mi' } } },
    });
    expect(acting.patches()).toEqual({
      real: [],
      dry: [expect.stringContaining('fieldManager=cluster-insight-actor')],
    });
    expect(now('Deployment', 'web')).toEqual(web);
  });

  test('says the amounts as the API server writes them, and those that are there no more', async () => {
    const web = workload(acting.server);
    const wanted = { requests: { memory: '32768Ki' }, limits: { cpu: null, memory: '0.25Gi' } };
    const { difference } = await acting.actions.propose(document(acting, web, { wanted }), byRest);
    expect(difference).toEqual([
      { field: 'spec.template.spec.containers[web].resources.limits.cpu', before: '200m' },
      { field: 'spec.template.spec.containers[web].resources.limits.memory', before: '64Mi', after: '256Mi' },
      { field: 'spec.template.spec.containers[web].resources.requests.memory', after: '32Mi' },
    ]);
  });

  test('is nothing new the second time, and another one under its id is a conflict', async () => {
    const web = workload(acting.server);
    const first = await acting.actions.propose(document(acting, web), byRest);
    expect(await acting.actions.propose(document(acting, web, { until: first.action.until }), byRest)).toEqual(first);
    await expect(
      acting.actions.propose(
        document(acting, web, { until: first.action.until, wanted: { limits: { cpu: '1' } } }),
        byRest,
      ),
    ).rejects.toMatchObject({ code: 'action_conflict', status: 409 });
    expect(acting.patches().dry.length).toBe(1);
  });

  test('is not kept while the API server does not answer', async () => {
    const web = workload(acting.server);
    acting.server.fault({ effect: 'status', code: 503, path: '/deployments', times: 1 });
    const proposal = document(acting, web);
    await expect(acting.actions.propose(proposal, byRest)).rejects.toMatchObject({ code: 'unavailable' });
    expect(acting.actions.all()).toEqual([]);
    expect(await acting.actions.propose(proposal, byRest)).toMatchObject({ state: 'dry-run' });
  });
});

describe('when too many wait to be approved', () => {
  test('a full list drops the oldest of the account with most of them', async () => {
    await acting.close();
    acting = await startActing(openPolicy, { mostWaiting: 4 });
    const web = workload(acting.server);
    const propose = (id: string, name: string) =>
      acting.actions.propose(document(acting, web, { id }), { name, via: 'rest' });
    for (const id of ['m1', 'm2', 'm3', 'm4']) await propose(id, `system:serviceaccount:evil:${id}`);
    // Another account of the same namespace is not another tenant.
    await expect(propose('m5', 'system:serviceaccount:evil:m5')).rejects.toMatchObject({ code: 'overloaded' });
    expect(await propose('a1', 'alice')).toMatchObject({ state: 'dry-run' });
    expect(acting.actions.get('m1')).toMatchObject({ state: 'expired', note: expect.stringContaining('made room') });
    expect(await propose('b1', 'bob')).toMatchObject({ state: 'dry-run' });
    expect(['a1', 'b1', 'm3', 'm4'].map((id) => acting.actions.get(id)?.state)).toEqual(Array(4).fill('dry-run'));
  });

  test('a document that is longer than any action is refused', async () => {
    const web = workload(acting.server);
    const wanted = { limits: { cpu: '1' }, more: 'x'.repeat(9_000) };
    await expect(acting.actions.propose(document(acting, web, { wanted }), byRest)).rejects.toMatchObject({
      code: 'bad_request',
    });
  });
});

/** A proposal and its refusal. */
interface Refused {
  readonly what: string;
  readonly code: string;
  readonly words: RegExp;
  readonly set?: () => KubernetesObject;
  readonly more?: (object: KubernetesObject) => object;
  readonly policy?: object;
}

const refusals: readonly Refused[] = [
  {
    what: 'a container that is not there',
    code: 'unknown-container',
    words: /no container api; there is proxy, web/,
    more: ({ metadata: { uid } }) => ({
      target: { kind: 'Deployment', namespace: 'shop', name: 'web', uid, container: 'api' },
    }),
  },
  {
    what: 'no container',
    code: 'unknown-container',
    words: /named in the target/,
    more: ({ metadata: { uid } }) => ({ target: { kind: 'Deployment', namespace: 'shop', name: 'web', uid } }),
  },
  {
    what: 'an object that is gone',
    code: 'gone',
    words: /no Deployment shop\/other/,
    more: () => ({ target: { kind: 'Deployment', namespace: 'shop', name: 'other', uid: 'u', container: 'web' } }),
  },
  {
    what: 'another object of that name',
    code: 'another-uid',
    words: /another object now/,
    more: () => ({
      target: { kind: 'Deployment', namespace: 'shop', name: 'web', uid: 'of-before', container: 'web' },
    }),
  },
  {
    what: 'values that are not there',
    code: 'changed',
    words: /limits\.cpu is 200m, expected 500m/,
    more: () => ({ expected: { limits: { cpu: '500m' } } }),
  },
  {
    what: 'a value that is expected to be absent',
    code: 'changed',
    words: /limits\.memory is 64Mi, expected not set/,
    more: () => ({ expected: { limits: { memory: null } } }),
  },
  {
    what: 'what is there already',
    code: 'nothing-to-do',
    words: /has it already/,
    more: () => ({ wanted: { limits: { cpu: '0.2', memory: '65536Ki' } } }),
  },
  {
    what: 'amounts that are none',
    code: 'values',
    words: /limits\.cpu must be a quantity/,
    more: () => ({ wanted: { limits: { cpu: 'much' } } }),
  },
  {
    what: 'an amount of nothing',
    code: 'values',
    words: /must be a quantity/,
    more: () => ({ wanted: { limits: { cpu: '0' } } }),
  },
  {
    what: 'resources other than cpu and memory',
    code: 'values',
    words: /only cpu and memory/,
    more: () => ({ wanted: { limits: { 'nvidia.com/gpu': '1' } } }),
  },
  {
    what: 'requests above limits, in the words of the API server',
    code: 'server',
    words: /must be less than or equal to cpu limit of 200m/,
    more: () => ({ wanted: { requests: { cpu: '1' } } }),
  },
  {
    what: 'a StatefulSet that replaces no Pods',
    code: 'strategy',
    words: /OnDelete/,
    set: () => workload(acting.server, { kind: 'StatefulSet', spec: { updateStrategy: { type: 'OnDelete' } } }),
  },
  {
    what: 'a StatefulSet with a partition',
    code: 'strategy',
    words: /partition is 1/,
    set: () =>
      workload(acting.server, {
        kind: 'StatefulSet',
        spec: { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } } },
      }),
  },
  {
    what: 'a DaemonSet that replaces no Pods',
    code: 'strategy',
    words: /OnDelete/,
    set: () => workload(acting.server, { kind: 'DaemonSet', spec: { updateStrategy: { type: 'OnDelete' } } }),
  },
  {
    what: 'a paused Deployment',
    code: 'paused',
    words: /paused/,
    set: () => workload(acting.server, { spec: { paused: true } }),
  },
  {
    what: 'a change that its controller has not seen yet',
    code: 'busy',
    words: /has not seen its last change/,
    set: () => {
      workload(acting.server);
      return acting.server.patch(named('Deployment', 'web'), { spec: { replicas: 4 } });
    },
  },
  {
    what: 'a CronJob',
    code: 'kind',
    words: /no rollout/,
    more: () => ({ target: { kind: 'CronJob', namespace: 'shop', name: 'web', uid: 'u', container: 'web' } }),
  },
  {
    what: 'a Pod in place of its workload',
    code: 'kind',
    words: /not to a Pod/,
    more: () => ({ target: { kind: 'Pod', namespace: 'shop', name: 'web', uid: 'u', container: 'web' } }),
  },
  {
    what: 'scaling a DaemonSet',
    code: 'kind',
    words: /scale can be done to/,
    set: () => workload(acting.server, { kind: 'DaemonSet' }),
    more: () => ({ action: 'scale', wanted: { replicas: 2 } }),
  },
  {
    what: 'a namespace that the policy does not name',
    code: 'policy',
    words: /names no namespace like shop/,
    policy: { namespaces: ['other', 'shop-*'] },
  },
  { what: 'everything, where the policy is empty', code: 'policy', words: /names no namespace/, policy: {} },
  {
    what: 'a namespace that the policy leaves out',
    code: 'policy',
    words: /leaves the namespace shop out/,
    policy: { namespaces: ['*'], except: ['sh*'] },
  },
  {
    what: 'an action that the policy does not allow',
    code: 'policy',
    words: /does not allow set-resources/,
    policy: { namespaces: ['shop'], actions: ['restart'] },
  },
  {
    what: 'a kind that the policy does not allow',
    code: 'policy',
    words: /on a Deployment/,
    policy: { namespaces: ['shop'], kinds: ['StatefulSet'] },
  },
  {
    what: 'too much at once',
    code: 'policy',
    words: /limits\.cpu from 200m to 1 is more than 4 times/,
    policy: { namespaces: ['shop'] },
    more: () => ({ wanted: { limits: { cpu: '1' } } }),
  },
  {
    what: 'too little at once',
    code: 'policy',
    words: /limits\.memory from 64Mi to 8Mi is less than one 4th/,
    policy: { namespaces: ['shop'] },
    more: () => ({ wanted: { limits: { memory: '8Mi' } } }),
  },
  {
    what: 'a value out of bounds',
    code: 'policy',
    words: /limits\.cpu 300m is not between 10m and 250m/,
    policy: { ...openPolicy, bounds: { cpu: ['10m', '250m'] } },
    more: () => ({ wanted: { limits: { cpu: '300m' } } }),
  },
  {
    what: 'a value where there was none, without bounds',
    code: 'policy',
    words: /requests\.memory is not set now: only a policy with bounds/,
    policy: { namespaces: ['shop'] },
    more: () => ({ wanted: { requests: { memory: '1Mi' } } }),
  },
  {
    what: 'a limit that is to go',
    code: 'policy',
    words: /take limits\.cpu away/,
    policy: { ...openPolicy, removal: false },
    more: () => ({ wanted: { limits: { cpu: null } } }),
  },
  {
    what: 'an object of Argo CD',
    code: 'managed',
    words: /the Argo CD Application storefront$/,
    set: () =>
      workload(acting.server, {
        metadata: { annotations: { 'argocd.argoproj.io/tracking-id': 'storefront:apps/Deployment:shop/web' } },
      }),
  },
  {
    what: 'an object of Flux',
    code: 'managed',
    words: /Flux Kustomization flux-system\/shop$/,
    set: () =>
      workload(acting.server, {
        metadata: {
          labels: {
            'kustomize.toolkit.fluxcd.io/name': 'shop',
            'kustomize.toolkit.fluxcd.io/namespace': 'flux-system',
          },
        },
      }),
  },
  {
    what: 'an object of an operator',
    code: 'owned',
    words: /change its owner Kafka\/events/,
    set: () =>
      workload(acting.server, {
        metadata: {
          ownerReferences: [{ apiVersion: 'k/v1', kind: 'Kafka', name: 'events', uid: 'k', controller: true }],
        },
      }),
  },
  {
    what: 'scaling what an autoscaler scales',
    code: 'autoscaled',
    words: /HorizontalPodAutoscaler web-hpa/,
    set: () => {
      const spec = { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, maxReplicas: 5 };
      acting.server.create({
        apiVersion: 'autoscaling/v2',
        kind: 'HorizontalPodAutoscaler',
        metadata: { name: 'web-hpa', namespace: 'shop' },
        spec,
      });
      return workload(acting.server);
    },
    more: () => ({ action: 'scale', wanted: { replicas: 2 } }),
  },
  {
    what: 'replicas that are none',
    code: 'values',
    words: /whole number/,
    more: () => ({ action: 'scale', wanted: { replicas: 1.5 } }),
  },
  {
    what: 'replicas out of bounds',
    code: 'policy',
    words: /replicas 9 is not between 1 and 5/,
    policy: { ...openPolicy, bounds: { replicas: ['1', '5'] } },
    more: () => ({ action: 'scale', wanted: { replicas: 9 } }),
  },
  {
    what: 'a restart that wants something',
    code: 'values',
    words: /wants nothing/,
    more: () => ({ action: 'restart' }),
  },
];

test.each(refusals)('$what is refused as $code, and nothing is patched', async ({ code, words, set, more, policy }) => {
  if (policy) acting.policy = policyOf(policy);
  const object = set?.() ?? workload(acting.server);
  const entry = await acting.actions.propose(document(acting, object, more?.(object)), byRest);
  expect(entry).toMatchObject({ state: 'refused', why: { code, message: expect.stringMatching(words) } });
  expect(acting.patches().real).toEqual([]);
  expect(acting.actions.get('a1')).toEqual(entry);
  await expect(acting.actions.approve('a1', alice)).resolves.toMatchObject({ state: 'refused' });
  expect(acting.patches().real).toEqual([]);
});

const malformed: readonly [string, object, RegExp][] = [
  ['without an id', { id: undefined }, /id must be/],
  ['with an id that is a path', { id: '../x' }, /id must be/],
  ['of an unknown kind', { action: 'delete' }, /action must be one of/],
  ['with a field too many', { force: true }, /force is not a field/],
  ['without an end', { until: undefined }, /until must be a time/],
  ['with an end in a year', { until: new Date(Date.now() + 31e9).toISOString() }, /within seven days/],
  ['without a UID', { target: { kind: 'Deployment', namespace: 'shop', name: 'web' } }, /target\.uid/],
  [
    'with a name that is a path',
    { target: { kind: 'Deployment', namespace: 'shop', name: '../x', uid: 'u' } },
    /target\.name/,
  ],
];

test.each(malformed)('a document %s is not an action', async (_what, more, words) => {
  const web = workload(acting.server);
  await expect(acting.actions.propose(document(acting, web, more), byRest)).rejects.toMatchObject({
    code: 'bad_request',
    message: expect.stringMatching(words),
  });
  expect(acting.actions.all()).toEqual([]);
});

describe('approving', () => {
  test('needs the right to patch that very object, as the API server knows it', async () => {
    const web = workload(acting.server);
    await acting.actions.propose(document(acting, web), byRest);
    await expect(acting.actions.approve('a1', bob)).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('bob may not patch Deployment shop/web'),
    });
    expect(acting.actions.get('a1')?.state).toBe('dry-run');
    expect(acting.patches().real).toEqual([]);
    await acting.actions.approve('a1', alice);
    await landed(1);
  });

  test('patches one version once, waits until the Pods are ready, and reports it once', async () => {
    const web = workload(acting.server);
    await acting.actions.propose(document(acting, web), byRest);
    const states: string[] = [];
    acting.actions.follow(({ state }) => void states.push(state));
    const begun = await acting.actions.approve('a1', alice);
    expect(begun).toMatchObject({ state: 'executing', approved: { by: 'alice' } });
    await expect
      .poll(() => containerOf(now('Deployment', 'web')).resources)
      .toEqual({
        requests: { cpu: '100m' },
        limits: { cpu: '250m', memory: '64Mi' },
      });
    // Its controller has not seen the change: the status is older.
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(acting.actions.get('a1')?.state).toBe('executing');
    comeUp(acting.server, 'Deployment', 'web');
    expect(await acting.until('a1', 'executed')).toMatchObject({ approved: { by: 'alice' } });
    expect(acting.patches().real).toEqual([
      '/apis/apps/v1/namespaces/shop/deployments/web?fieldManager=cluster-insight-actor&fieldValidation=Strict',
    ]);
    expect(states).toEqual(['executing', 'executed']);
    expect(await acting.actions.approve('a1', alice)).toMatchObject({ state: 'executed' });
    acting.startAgain();
    expect(await acting.actions.propose(document(acting, web, { until: begun.action.until }), byRest)).toMatchObject({
      state: 'executed',
    });
    expect(acting.patches().real.length).toBe(1);
  });

  test('looks at everything once more: what changed since it was shown is refused', async () => {
    const web = workload(acting.server);
    const expected = { limits: { cpu: '200m' } };
    await acting.actions.propose(document(acting, web, { expected }), byRest);
    const other = {
      containers: [
        { name: 'proxy', image: 'proxy' },
        { name: 'web', image: 'web', resources: { limits: { cpu: '300m' } } },
      ],
    };
    acting.server.patch(named('Deployment', 'web'), { spec: { template: { spec: other } } });
    comeUp(acting.server, 'Deployment', 'web');
    expect(await acting.actions.approve('a1', alice)).toMatchObject({ state: 'refused', why: { code: 'changed' } });
    expect(acting.patches().real).toEqual([]);
  });

  test('is too late after its end', async () => {
    const web = workload(acting.server);
    await acting.actions.propose(document(acting, web), byRest);
    acting.pass(3_600_001);
    expect(await acting.actions.approve('a1', alice)).toMatchObject({ state: 'expired' });
    expect(
      await acting.actions.propose(
        document(acting, web, { id: 'a2', until: new Date(acting.now() - 1).toISOString() }),
        byRest,
      ),
    ).toMatchObject({ state: 'expired' });
    expect(acting.patches().real).toEqual([]);
  });

  test('waits for the hours of the policy, and refuses nothing for them', async () => {
    const web = workload(acting.server);
    await acting.actions.propose(document(acting, web), byRest);
    const [hour, other] = [0, 12].map((more) =>
      String((new Date(acting.now()).getUTCHours() + more) % 24).padStart(2, '0'),
    );
    acting.policy = policyOf({ ...openPolicy, hours: [{ from: `${other}:00`, to: `${other}:59` }] });
    await expect(acting.actions.approve('a1', alice)).rejects.toMatchObject({ code: 'action_not_now', status: 409 });
    expect(acting.actions.get('a1')?.state).toBe('dry-run');
    acting.policy = policyOf({
      ...openPolicy,
      hours: [
        { from: `${hour}:00`, to: `${hour}:59` },
        { from: `${hour}:59`, to: `${hour}:00` },
      ],
    });
    expect(await acting.actions.approve('a1', alice)).toMatchObject({ state: 'executing' });
  });

  test('of a second action on the same object waits for the first', async () => {
    const web = workload(acting.server);
    await acting.actions.propose(document(acting, web), byRest);
    await acting.actions.propose(document(acting, web, { id: 'a2', wanted: { limits: { memory: '128Mi' } } }), byRest);
    const both = await Promise.allSettled([acting.actions.approve('a1', alice), acting.actions.approve('a2', alice)]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });

  test('is carried out though its object changes meanwhile, as long as the values are the same', async () => {
    const web = workload(acting.server);
    await acting.actions.propose(document(acting, web), byRest);
    const conflicts = () => acting.audit.filter(({ status }) => status === 409).length;
    let changes = 0;
    // It is looked at five times: on a slow machine, each of them would meet a change.
    const timer = setInterval(() => {
      if (conflicts() < 2 && acting.patches().real.length === 0)
        acting.server.patch(named('Deployment', 'web'), { metadata: { annotations: { n: String(changes++) } } });
    }, 1);
    try {
      await acting.actions.approve('a1', alice);
      await landed(1);
    } finally {
      clearInterval(timer);
    }
    await expect.poll(() => containerOf(now('Deployment', 'web')).resources).toMatchObject({ limits: { cpu: '250m' } });
    comeUp(acting.server, 'Deployment', 'web');
    await acting.until('a1', 'executed');
  });

  test("a caller without the right to approve may not withdraw another's proposal", async () => {
    const web = workload(acting.server);
    await acting.actions.propose(document(acting, web), byRest);
    await expect(acting.actions.withdraw('a1', bob)).rejects.toMatchObject({ code: 'forbidden' });
    expect(await acting.actions.withdraw('a1', alice)).toMatchObject({ state: 'refused', why: { code: 'withdrawn' } });
    await expect(acting.actions.approve('nothing', alice)).rejects.toMatchObject({ code: 'action_unknown' });
  });
});

describe('what does not come up', () => {
  const originals: readonly [string, object | undefined][] = [
    ['with all of them', { requests: { cpu: '100m', memory: '100M' }, limits: { cpu: '200m', memory: '100M' } }],
    ['without limits', { requests: { cpu: '100m' } }],
    ['without anything', {}],
    ['without even the field', undefined],
    ['with claims', { claims: [{ name: 'gpu' }], limits: { cpu: '1' } }],
  ];

  test.each(originals)('is as it was, to the letter: a container %s', async (_what, resources) => {
    const before = workload(acting.server, { resources });
    await acting.actions.propose(
      document(acting, before, { wanted: { requests: { cpu: '50m' }, limits: { cpu: '2', memory: '1Gi' } } }),
      byRest,
    );
    await acting.actions.approve('a1', alice);
    await landed(1);
    getStuck(acting.server, 'Deployment', 'web');
    acting.pass(61_000);
    const entry = await acting.until('a1', 'rolled-back');
    expect(entry.why).toEqual({
      code: 'not-up',
      message: expect.stringMatching(/did not come up within 60 s: /),
    });
    expect(now('Deployment', 'web')?.['spec']).toEqual(before['spec']);
    expect(acting.patches().real.length).toBe(2);
  });

  test('is taken back at once where its controller says that it is stuck', async () => {
    const before = workload(acting.server);
    await acting.actions.propose(document(acting, before), byRest);
    await acting.actions.approve('a1', alice);
    await landed(1);
    const conditions = [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }];
    acting.server.patch(named('Deployment', 'web'), { status: { observedGeneration: 2, conditions } });
    expect(await acting.until('a1', 'rolled-back')).toMatchObject({
      why: { message: 'it exceeded its progress deadline' },
    });
    expect(now('Deployment', 'web')?.['spec']).toEqual(before['spec']);
  });

  test('leaves an object alone that was changed meanwhile', async () => {
    const before = workload(acting.server);
    await acting.actions.propose(document(acting, before), byRest);
    await acting.actions.approve('a1', alice);
    await landed(1);
    const theirs = {
      spec: {
        containers: [
          { name: 'proxy', image: 'proxy' },
          { name: 'web', image: 'web', resources: { limits: { cpu: '3' } } },
        ],
      },
    };
    acting.server.patch(named('Deployment', 'web'), { spec: { template: theirs } });
    expect(await acting.until('a1', 'failed')).toMatchObject({ why: { code: 'changed' } });
    expect(containerOf(now('Deployment', 'web')).resources).toEqual({ limits: { cpu: '3' } });
    expect(acting.patches().real.length).toBe(1);
  });

  test('a restart is taken back to the template of before', async () => {
    const before = workload(acting.server);
    await acting.actions.propose(document(acting, before, { action: 'restart', wanted: {} }), byRest);
    await acting.actions.approve('a1', alice);
    await landed(1);
    const { spec } = now('Deployment', 'web') as unknown as {
      spec: { template: { metadata: { annotations: object } } };
    };
    expect(spec.template.metadata.annotations).toEqual({
      'kubectl.kubernetes.io/restartedAt': expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]{8}Z$/),
    });
    acting.pass(61_000);
    await acting.until('a1', 'rolled-back');
    expect(now('Deployment', 'web')?.['spec']).toEqual(before['spec']);
  });

  test('replicas that never come are taken back', async () => {
    const before = workload(acting.server, { kind: 'StatefulSet' });
    await acting.actions.propose(
      document(acting, before, { action: 'scale', wanted: { replicas: 5 }, expected: { replicas: 3 } }),
      byRest,
    );
    await acting.actions.approve('a1', alice);
    await landed(1);
    expect(now('StatefulSet', 'web')?.['spec']).toMatchObject({ replicas: 5 });
    acting.pass(61_000);
    expect(await acting.until('a1', 'rolled-back')).toMatchObject({ note: expect.stringContaining('deleted by hand') });
    expect(now('StatefulSet', 'web')?.['spec']).toMatchObject({ replicas: 3 });
    expect(acting.patches().real.every((path) => path.includes('/statefulsets/web/scale?'))).toBe(true);
  });
});

describe.each(['Deployment', 'StatefulSet', 'DaemonSet'] as const)('a %s', (kind) => {
  test('is given its resources and restarted', async () => {
    for (const [id, more] of Object.entries({ a1: {}, a2: { action: 'restart', wanted: {} } })) {
      const object = now(kind, 'web') ?? workload(acting.server, { kind });
      await acting.actions.propose(document(acting, object, { id, ...more }), byRest);
      await acting.actions.approve(id, alice);
      await landed(id === 'a1' ? 1 : 2, id);
      comeUp(acting.server, kind, 'web');
      expect((await acting.until(id, 'executed')).approved?.by).toBe('alice');
    }
  });
});

test('a workload of no Pods is up at once', async () => {
  const web = workload(acting.server, { spec: { replicas: 0 } });
  await acting.actions.propose(document(acting, web), byRest);
  await acting.actions.approve('a1', alice);
  await landed(1);
  comeUp(acting.server, 'Deployment', 'web');
  expect((await acting.until('a1', 'executed')).why).toBeUndefined();
});

describe('a Pod in place', () => {
  const resources = { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: '200m', memory: '64Mi' } };
  const made = () =>
    acting.server.create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: 'web-0',
        namespace: 'shop',
        ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'r', controller: true }],
      },
      spec: { containers: [{ name: 'web', image: 'web', resources }] },
      status: { containerStatuses: [{ name: 'web', resources }] },
    });
  const wanted = { limits: { cpu: '400m' } };
  const resize = (pod: KubernetesObject) => document(acting, { ...pod, kind: 'Pod' }, { action: 'resize-pod', wanted });

  test('is resized by the subresource, and done when the container has it', async () => {
    const pod = made();
    expect(await acting.actions.propose(resize(pod), byRest)).toMatchObject({
      state: 'dry-run',
      difference: [{ field: 'spec.containers[web].resources.limits.cpu', before: '200m', after: '400m' }],
    });
    await acting.actions.approve('a1', alice);
    await expect.poll(() => acting.patches().real).toEqual([expect.stringMatching(/\/pods\/web-0\/resize\?/)]);
    expect(acting.actions.get('a1')?.state).toBe('executing');
    const done = { ...resources, limits: { ...resources.limits, cpu: '400m' } };
    acting.server.patch(named('Pod', 'web-0'), { status: { containerStatuses: [{ name: 'web', resources: done }] } });
    await acting.until('a1', 'executed');
  });

  test('is as it was where its node has no room', async () => {
    const pod = made();
    await acting.actions.propose(resize(pod), byRest);
    await acting.actions.approve('a1', alice);
    await landed(1);
    const conditions = [
      { type: 'PodResizePending', status: 'True', reason: 'Infeasible', message: 'Node did not have enough capacity' },
    ];
    acting.server.patch(named('Pod', 'web-0'), { status: { conditions } });
    expect(await acting.until('a1', 'rolled-back')).toMatchObject({
      why: { message: expect.stringContaining('enough capacity') },
    });
    expect(now('Pod', 'web-0')?.['spec']).toEqual(pod['spec']);
  });

  test('is refused where its quality of service would change, and where the server cannot', async () => {
    const pod = made();
    const other = { ...resize(pod), wanted: { requests: { cpu: '200m' } } };
    expect(await acting.actions.propose(other, byRest)).toMatchObject({
      why: { code: 'server', message: expect.stringContaining('QOS') },
    });
    acting.server.fault({
      effect: 'body',
      body: '{"metadata":{},"resources":[{"name":"pods"}]}',
      path: /^\/api\/v1$/,
      times: 1,
    });
    expect(await acting.actions.propose({ ...resize(pod), id: 'a2' }, byRest)).toMatchObject({
      why: { code: 'unsupported' },
    });
    expect(acting.patches().real).toEqual([]);
  });
});

test('what the actor asks of the API server is in the audit, its dry runs as such, as much as the server saw', async () => {
  const web = workload(acting.server);
  await acting.actions.propose(document(acting, web), byRest);
  await acting.actions.approve('a1', alice);
  await landed(1);
  comeUp(acting.server, 'Deployment', 'web');
  await acting.until('a1', 'executed');
  await expect.poll(() => acting.audit.length).toBe(acting.server.requests.entries().length);
  const patches = acting.audit.filter(({ verb }) => verb === 'patch');
  expect(patches.map(({ dryRun, purpose }) => [dryRun, purpose])).toEqual([
    [true, 'show an action'],
    [true, 'show an action'],
    [false, 'carry out an action'],
  ]);
  expect(acting.audit.every(({ purpose }) => purpose !== 'read')).toBe(true);
});

describe('a process that ends in between', () => {
  const begun = async (): Promise<Entry> => {
    await acting.actions.propose(document(acting, workload(acting.server)), byRest);
    return acting.actions.approve('a1', alice);
  };

  test('continues after the patch, and patches nothing twice', async () => {
    await begun();
    await landed(1);
    await acting.actions.close();
    acting.startAgain();
    comeUp(acting.server, 'Deployment', 'web');
    await acting.until('a1', 'executed');
    expect(acting.patches().real.length).toBe(1);
  });

  test('does not know whether its patch was taken, and finds out', async () => {
    acting.server.fault({
      effect: 'short',
      bytes: 10,
      path: /deployments\/web\?fieldManager=[^&]*&fieldValidation=Strict$/,
      method: 'PATCH',
      times: 1,
    });
    await begun();
    await landed(1);
    comeUp(acting.server, 'Deployment', 'web');
    await acting.until('a1', 'executed');
    expect(acting.patches().real.length).toBe(1);
  });

  test('tries again what the API server could not take', async () => {
    acting.server.fault({
      effect: 'status',
      code: 503,
      path: /deployments\/web\?fieldManager=[^&]*&fieldValidation=Strict$/,
      method: 'PATCH',
      times: 2,
    });
    await begun();
    await landed(1);
    expect(acting.patches().real.length).toBe(3);
    comeUp(acting.server, 'Deployment', 'web');
    await acting.until('a1', 'executed');
  });

  test('starts no action that has expired meanwhile', async () => {
    const real = /deployments\/web\?fieldManager=[^&]*&fieldValidation=Strict$/;
    acting.server.fault({ effect: 'status', code: 503, path: real, method: 'PATCH', times: 1_000_000 });
    const { at } = await begun();
    await expect.poll(() => acting.patches().real.length).toBeGreaterThan(1);
    acting.pass(3_600_001);
    expect(await acting.until('a1', 'expired')).toMatchObject({ approved: { by: 'alice', at } });
    acting.server.clearFaults();
    expect(containerOf(now('Deployment', 'web')).resources).toMatchObject({ limits: { cpu: '200m' } });
  });
});
