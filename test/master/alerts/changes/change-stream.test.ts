import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import type { Subject } from '../../../../master/alerts/alert.ts';
import type { SubjectChange } from '../../../../master/alerts/alerting.ts';
import { parseChange } from '../../../../master/alerts/changes/change-rule.ts';
import { ChangeStream } from '../../../../master/alerts/changes/change-stream.ts';
import { usualChanges } from '../../../../master/alerts/changes/usual-changes.ts';
import type { ChangeAlertRule } from '../../../../master/alerts/settings/alert-settings.ts';
import { Subscriptions } from '../../../../master/graph/subscription.ts';
import { kinds } from '../../../../master/kinds/index.ts';
import { silentLogger } from '../../../../src/logger.ts';
import type { KubernetesObject } from '../../../../src/model.ts';
import { noon } from '../../../support/alerting.ts';
import { createTestApp } from '../../../support/app.ts';
import { finish } from '../../../support/steps.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

function watching(...rules: readonly (string | ChangeAlertRule)[]) {
  const { engine, store } = createTestApp({ clock: () => noon });
  for (const kind of kinds) store.sinkOf(kind).state('synced');
  const subscriptions = new Subscriptions(engine);
  const stream = new ChangeStream({
    graph: engine,
    subscriptions,
    run: async (steps) => finish(steps),
    clock: () => noon,
    logger: silentLogger,
  });
  closing.push(() => {
    stream.close();
    subscriptions.close();
  });
  const told: SubjectChange[] = [];
  stream.subscribe((changes) => void told.push(...changes));
  const event = (type: 'ADDED' | 'MODIFIED' | 'DELETED', object: object) => {
    const made = structuredClone(object) as KubernetesObject;
    const kind = kinds.find((each) => each.kind === made.kind);
    if (!kind) throw new Error(`no kind ${made.kind}`);
    store.sinkOf(kind).event(type, made);
  };
  return {
    stream,
    engine,
    put: (object: object) => event('ADDED', object),
    change: (object: object) => event('MODIFIED', object),
    remove: (object: object) => event('DELETED', object),
    together: (change: () => void) => engine.transact(change),
    /** The rules hold from here on. */
    async start() {
      stream.setRules(rules.map((rule) => (typeof rule === 'string' ? ruleOf(rule) : rule)));
      await stream.ready();
    },
    async told(): Promise<readonly string[]> {
      await turn();
      await turn();
      return told.splice(0).map(short);
    },
    async subjects(): Promise<readonly Subject[]> {
      await turn();
      await turn();
      return told.splice(0).flatMap((each) => (each.kind === 'begin' ? [each.subject] : []));
    },
  };
}

function ruleOf(said: string, more: Partial<ChangeAlertRule> = {}): ChangeAlertRule {
  return { kind: 'change', name: 'rule', said, severity: 'medium', ...parseChange(said), ...more };
}

function short(change: SubjectChange): string {
  return change.kind === 'end' ? `end ${change.id}` : `begin ${change.subject.resource}: ${change.subject.sentence}`;
}

let version = 0;
function object(
  kind: string,
  apiVersion: string,
  name: string,
  namespace: string | undefined,
  rest: object,
  meta: object = {},
) {
  const metadata = {
    name,
    ...(namespace ? { namespace } : {}),
    uid: `${kind}-${namespace}-${name}`,
    resourceVersion: `${++version}`,
    ...meta,
  };
  return { apiVersion, kind, metadata, ...rest };
}
const service = (name: string, namespace = 'shop') =>
  object('Service', 'v1', name, namespace, { spec: { selector: { app: name }, ports: [{ port: 80 }] } });
const pod = (name: string, app: string, { namespace = 'shop', owner = '' } = {}) =>
  object(
    'Pod',
    'v1',
    name,
    namespace,
    { spec: { containers: [{ name: 'c', image: 'x' }] }, status: { phase: 'Running' } },
    {
      labels: { app },
      ...(owner
        ? {
            ownerReferences: [
              {
                apiVersion: 'apps/v1',
                kind: 'ReplicaSet',
                name: owner,
                uid: `ReplicaSet-${namespace}-${owner}`,
                controller: true,
              },
            ],
          }
        : {}),
    },
  );
const deployment = (name: string, { image = 'web:1', replicas = 2, status = {}, meta = {} } = {}) =>
  object(
    'Deployment',
    'apps/v1',
    name,
    'shop',
    {
      spec: {
        replicas,
        selector: { matchLabels: { app: name } },
        template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image }] } },
      },
      status,
    },
    meta,
  );
const ingress = (name: string, host: string, backend = 'web') =>
  object('Ingress', 'networking.k8s.io/v1', name, 'shop', {
    spec: {
      rules: [
        {
          host,
          http: {
            paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: backend, port: { number: 80 } } } }],
          },
        },
      ],
    },
  });
const binding = (name: string, role: string, account: string, namespace = 'shop') =>
  object('ClusterRoleBinding', 'rbac.authorization.k8s.io/v1', name, undefined, {
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
    subjects: [{ kind: 'ServiceAccount', name: account, namespace }],
  });
const clusterRole = (name: string) =>
  object('ClusterRole', 'rbac.authorization.k8s.io/v1', name, undefined, { rules: [] });

describe('a relation', () => {
  test('that is removed is reported with its field, except in other namespaces', async () => {
    const cluster = watching('removed relation loadBalances in namespace shop');
    for (const namespace of ['shop', 'data']) {
      cluster.put(service('web', namespace));
      cluster.put(pod('web-0', 'web', { namespace }));
      cluster.put(pod('web-1', 'web', { namespace }));
    }
    await cluster.start();
    cluster.remove(pod('web-0', 'web'));
    cluster.remove(pod('web-0', 'web', { namespace: 'data' }));
    const [subject, ...more] = await cluster.subjects();
    expect(more).toEqual([]);
    expect(subject).toMatchObject({
      id: 'rule:Service:shop/web',
      class: 'change',
      resource: 'Service:shop/web',
      namespace: 'shop',
      sentence: 'Service:shop/web loadBalances Pod:shop/web-0: removed.',
      path: [{ from: 'Service:shop/web', to: 'Pod:shop/web-0', type: 'loadBalances', field: 'spec.selector' }],
      affected: { count: 1, first: ['Pod:shop/web-0'] },
    });
  });

  test('of which several end at once is reported once', async () => {
    const cluster = watching('removed relation loadBalances');
    cluster.put(service('web'));
    for (let n = 0; n < 30; n++) cluster.put(pod(`web-${n}`, 'web'));
    await cluster.start();
    cluster.change(object('Service', 'v1', 'web', 'shop', { spec: { selector: { app: 'other' } } }));
    const subjects = await cluster.subjects();
    expect(subjects.map(({ affected, path }) => [affected.count, affected.first.length, path.length])).toEqual([
      [30, 10, 10],
    ]);
  });

  test('that is recreated in the same revision was not removed', async () => {
    const cluster = watching('removed relation loadBalances', ruleOf('added relation loadBalances', { name: 'added' }));
    cluster.put(service('web'));
    cluster.put(pod('web-0', 'web'));
    await cluster.start();
    cluster.together(() => {
      cluster.remove(pod('web-0', 'web'));
      cluster.put(pod('web-0', 'web'));
    });
    expect(await cluster.told()).toEqual([]);
  });

  test('that is added is told with its field', async () => {
    const cluster = watching('added relation loadBalances from Service to Pod');
    cluster.put(service('web'));
    await cluster.start();
    cluster.put(pod('web-0', 'web'));
    const [subject] = await cluster.subjects();
    expect(subject).toMatchObject({ resource: 'Service:shop/web', path: [{ field: 'spec.selector' }] });
  });

  test('whose last one ends is reported until there is one again', async () => {
    const cluster = watching('last relation loadBalances of Service removed');
    cluster.put(service('web'));
    cluster.put(pod('web-0', 'web'));
    cluster.put(pod('web-1', 'web'));
    await cluster.start();
    cluster.remove(pod('web-0', 'web'));
    expect(await cluster.told()).toEqual([]);
    cluster.remove(pod('web-1', 'web'));
    expect(await cluster.told()).toEqual([
      'begin Service:shop/web: Service:shop/web loadBalances Pod:shop/web-1: removed.',
    ]);
    const subject = {
      rule: 'rule',
      resource: 'Service:shop/web',
      affected: { count: 1, first: [] },
    } as unknown as Subject;
    expect(cluster.stream.isSo(subject)).toBe(true);
    cluster.put(pod('web-2', 'web'));
    expect(await cluster.told()).toEqual(['end rule:Service:shop/web']);
    expect(cluster.stream.isSo(subject)).toBe(false);
    cluster.remove(pod('web-2', 'web'));
    await cluster.told();
    cluster.remove(service('web'));
    expect(await cluster.told()).toContain('end rule:Service:shop/web');
  });
});

describe('an object', () => {
  test('that goes is told, and the Host that goes with it is its effect', async () => {
    const rules = usualChanges.filter(({ usual }) => usual).map(({ rule }) => rule);
    const cluster = watching(...rules);
    cluster.put(service('web'));
    cluster.put(ingress('web', 'shop.example.com'));
    cluster.put(ingress('other', 'other.example.com'));
    await cluster.start();
    cluster.remove(ingress('web', 'shop.example.com'));
    const subjects = await cluster.subjects();
    expect(subjects.map(({ name, resource, causedBy }) => [name, resource, causedBy])).toEqual([
      ['route-removed', 'Ingress:shop/web', undefined],
      ['host-removed', 'Host:shop.example.com', 'route-removed:Ingress:shop/web'],
    ]);
    cluster.put(ingress('web', 'shop.example.com'));
    expect((await cluster.told()).toSorted()).toEqual([
      'end host-removed:Host:shop.example.com',
      'end route-removed:Ingress:shop/web',
    ]);
  });

  test('that goes while others name it is told, though it stays as missing', async () => {
    const cluster = watching('removed Service');
    cluster.put(service('web'));
    cluster.put(ingress('web', 'shop.example.com'));
    await cluster.start();
    cluster.remove(service('web'));
    expect(cluster.engine.get('Service:shop/web')?.present).toBe(false);
    expect(await cluster.told()).toEqual(['begin Service:shop/web: Service:shop/web was removed.']);
    cluster.remove(ingress('web', 'shop.example.com'));
    expect(await cluster.told()).toEqual([]);
  });

  test('that comes is told; one that is only named does not come', async () => {
    const cluster = watching('added Service');
    await cluster.start();
    cluster.put(ingress('web', 'shop.example.com'));
    expect(await cluster.told()).toEqual([]);
    cluster.put(service('web'));
    expect(await cluster.told()).toEqual(['begin Service:shop/web: Service:shop/web was added.']);
  });
});

describe('health', () => {
  const failed = {
    conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }],
    observedGeneration: 1,
  };
  const fine = { readyReplicas: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 2, observedGeneration: 1 };

  test('that becomes failed is told until it is not', async () => {
    const cluster = watching('health of Deployment becomes failed');
    cluster.put(deployment('web', { status: fine, meta: { generation: 1 } }));
    await cluster.start();
    cluster.change(deployment('web', { status: failed, meta: { generation: 1 } }));
    expect(await cluster.told()).toEqual([
      expect.stringContaining('begin Deployment:shop/web: The health of Deployment:shop/web became failed'),
    ]);
    cluster.change(deployment('web', { status: { ...failed, replicas: 1 }, meta: { generation: 1 } }));
    expect(await cluster.told()).toEqual([]);
    cluster.change(deployment('web', { status: fine, meta: { generation: 1 } }));
    expect(await cluster.told()).toEqual(['end rule:Deployment:shop/web']);
  });

  test('that was so before the rule is told to be over all the same: an earlier process may have told it', async () => {
    const cluster = watching('health of Deployment becomes failed');
    cluster.put(deployment('web', { status: failed, meta: { generation: 1 } }));
    await cluster.start();
    const subject = {
      rule: 'rule',
      resource: 'Deployment:shop/web',
      affected: { count: 1, first: [] },
    } as unknown as Subject;
    expect(cluster.stream.isSo(subject)).toBe(true);
    cluster.change(deployment('web', { status: fine, meta: { generation: 1 } }));
    expect(await cluster.told()).toEqual(['end rule:Deployment:shop/web']);
  });

  test('of Pods is told of the workload that they are of, until all of them are well', async () => {
    const cluster = watching('health of Pod becomes failed');
    const replicaSet = object(
      'ReplicaSet',
      'apps/v1',
      'web-1',
      'shop',
      { spec: { selector: { matchLabels: { app: 'web' } } } },
      {
        ownerReferences: [
          { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: 'Deployment-shop-web', controller: true },
        ],
      },
    );
    const named = (name: string, phase: string) => ({ ...pod(name, 'web', { owner: 'web-1' }), status: { phase } });
    cluster.put(deployment('web'));
    cluster.put(replicaSet);
    for (const name of ['a', 'b']) cluster.put(named(name, 'Running'));
    await cluster.start();
    for (const name of ['a', 'b']) cluster.change(named(name, 'Failed'));
    const subjects = await cluster.subjects();
    expect(subjects.map(({ resource, affected }) => [resource, affected.first])).toEqual([
      ['Deployment:shop/web', ['Pod:shop/a', 'Pod:shop/b']],
    ]);
    cluster.remove(named('a', 'Failed'));
    expect(await cluster.told()).toEqual([]);
    cluster.remove(named('b', 'Failed'));
    expect(await cluster.told()).toEqual(['end rule:Deployment:shop/web']);
  });
});

describe('a field', () => {
  test('that changes is told with both values, once a rollout', async () => {
    const cluster = watching('image of Deployment changes');
    cluster.put(deployment('web'));
    await cluster.start();
    cluster.change(deployment('web', { image: 'web:2' }));
    for (let n = 0; n < 3; n++) cluster.change(deployment('web', { image: 'web:2', status: { replicas: n } }));
    expect(await cluster.told()).toEqual([
      'begin Deployment:shop/web: spec.template.spec.containers[].image of Deployment:shop/web changed: from web:1 to web:2.',
    ]);
  });

  test('of an object that comes is not a change', async () => {
    const cluster = watching('replicas of Deployment changes');
    await cluster.start();
    cluster.put(deployment('web'));
    expect(await cluster.told()).toEqual([]);
    cluster.change(deployment('web', { replicas: 5 }));
    expect(await cluster.told()).toEqual([expect.stringContaining('from 2 to 5')]);
  });

  test("of controllers' notes is not a change of the object", async () => {
    const cluster = watching('object of Deployment changes');
    cluster.put(deployment('web', { meta: { annotations: { team: 'a' } } }));
    await cluster.start();
    const noted = {
      annotations: { team: 'a', 'deployment.kubernetes.io/revision': '7' },
      generation: 7,
      managedFields: [{}],
    };
    cluster.change(deployment('web', { meta: noted, status: { replicas: 9 } }));
    expect(await cluster.told()).toEqual([]);
    cluster.change(deployment('web', { meta: { annotations: { team: 'b' } } }));
    expect(await cluster.told()).toEqual([
      'begin Deployment:shop/web: object of Deployment:shop/web changed: it is another one.',
    ]);
  });
});

describe('a path', () => {
  test('that was not there before is told with its relations, until it is gone; bindings to other roles are not', async () => {
    const cluster = watching('new path to cluster-admin');
    for (const role of ['cluster-admin', 'view']) cluster.put(clusterRole(role));
    cluster.put(object('ServiceAccount', 'v1', 'old', 'shop', {}));
    cluster.put(object('ServiceAccount', 'v1', 'robot', 'shop', {}));
    cluster.put(binding('old', 'cluster-admin', 'old'));
    await cluster.start();
    cluster.put(binding('viewer', 'view', 'robot'));
    expect(await cluster.told()).toEqual([]);
    cluster.put(binding('deploy', 'cluster-admin', 'robot'));
    const [subject] = await cluster.subjects();
    expect(subject).toMatchObject({
      resource: 'ServiceAccount:shop/robot',
      sentence: 'ServiceAccount:shop/robot leads to cluster-admin now, and did not before.',
      path: [
        { from: 'ClusterRoleBinding:deploy', to: 'ServiceAccount:shop/robot', type: 'grantsTo', field: 'subjects[0]' },
        { from: 'ClusterRoleBinding:deploy', to: 'ClusterRole:cluster-admin', type: 'grants', field: 'roleRef' },
      ],
    });
    cluster.put(binding('second', 'cluster-admin', 'robot'));
    expect(await cluster.told()).toEqual([]);
    cluster.remove(binding('deploy', 'cluster-admin', 'robot'));
    expect(await cluster.told()).toEqual([]);
    cluster.remove(binding('second', 'cluster-admin', 'robot'));
    expect(await cluster.told()).toEqual(['end rule:ServiceAccount:shop/robot']);
  });

  test('to anything else follows relations from source to target', async () => {
    const cluster = watching('new path to Pod:shop/db-0 from Ingress');
    cluster.put(service('web'));
    cluster.put(pod('db-0', 'db'));
    cluster.put(ingress('shop', 'shop.example.com', 'web'));
    await cluster.start();
    cluster.change(object('Service', 'v1', 'web', 'shop', { spec: { selector: { app: 'db' } } }));
    const [subject] = await cluster.subjects();
    expect(subject?.path.map(({ from, type, to }) => `${from} ${type} ${to}`)).toEqual([
      'Ingress:shop/shop routesTo Service:shop/web',
      'Service:shop/web loadBalances Pod:shop/db-0',
    ]);
  });
});

describe('the stream', () => {
  test('is not followed where nothing is watched for', async () => {
    const cluster = watching();
    await cluster.start();
    cluster.put(service('web'));
    expect(cluster.engine.changes.recording).toBe(false);
  });

  test('rules that stay keep what they know when others come', async () => {
    const cluster = watching('image of Deployment changes');
    cluster.put(deployment('web'));
    await cluster.start();
    cluster.stream.setRules([ruleOf('image of Deployment changes'), ruleOf('added Service', { name: 'other' })]);
    await cluster.stream.ready();
    cluster.change(deployment('web', { image: 'web:2' }));
    cluster.put(service('web'));
    expect(await cluster.told()).toHaveLength(2);
  });

  test('a flood of one rule is limited, and what is left out is counted', async () => {
    const cluster = watching('added Service');
    await cluster.start();
    cluster.together(() => {
      for (let n = 0; n < 1500; n++) cluster.put(service(`s${n}`));
    });
    expect(await cluster.told()).toHaveLength(1000);
    expect(cluster.stream.left).toBe(500);
  });
});
