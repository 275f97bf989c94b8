// Health derived over relations, in a small cluster whose parts come and go.
import { describe, expect, test } from 'vitest';
import { checkedDerivedRules } from '../../../../master/health/derived/check.ts';
import { derivedHealthRules } from '../../../../master/health/derived/index.ts';
import { typeOfReference } from '../../../../src/ids.ts';
import type { HealthAnnotation, KubernetesObject } from '../../../../src/model.ts';
import { createGraph, graphOf, kindNamed } from '../../../support/random-cluster.ts';
import { inspectOf, snapshotOf } from '../../../support/runtime.ts';

type Graph = ReturnType<typeof createGraph>;

function object(apiVersion: string, kind: string, name: string, rest: object, metadata: object = {}): KubernetesObject {
  return { apiVersion, kind, metadata: { name, namespace: 'shop', uid: `${kind}-${name}`, ...metadata }, ...rest };
}

const typeOf = ({ apiVersion, kind = '' }: KubernetesObject) => typeOfReference(apiVersion ?? 'v1', kind);

function put(graph: Graph, ...objects: KubernetesObject[]): void {
  for (const each of objects)
    graph.store.sinkOf(kindNamed(typeOf(each))).event('ADDED', structuredClone(each) as KubernetesObject);
}

function take(graph: Graph, each: KubernetesObject): void {
  graph.store.sinkOf(kindNamed(typeOf(each))).event('DELETED', structuredClone(each) as KubernetesObject);
}

function synced(graph: Graph, ...types: string[]): void {
  for (const type of types) graph.store.sinkOf(kindNamed(type)).state('synced');
}

function healthIn(graph: Graph, id: string): HealthAnnotation | undefined {
  return graphOf(graph.engine).resources.find((each) => each.id === id)?.annotations.health;
}

const pod = (name: string, ready: boolean) =>
  object(
    'v1',
    'Pod',
    name,
    {
      spec: { containers: [{ name: 'c' }] },
      status: {
        phase: 'Running',
        conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
        containerStatuses: [{ name: 'c', ready, state: { running: {} } }],
      },
    },
    { labels: { app: 'web' } },
  );
const service = object('v1', 'Service', 'web', { spec: { selector: { app: 'web' } }, status: { loadBalancer: {} } });
const slice = (ready: boolean) =>
  object(
    'discovery.k8s.io/v1',
    'EndpointSlice',
    'web-1',
    { endpoints: [{ targetRef: { kind: 'Pod', name: 'a', uid: 'Pod-a' }, conditions: { ready } }] },
    { labels: { 'kubernetes.io/service-name': 'web' } },
  );
const ingress = (...services: string[]) =>
  object('networking.k8s.io/v1', 'Ingress', 'web', {
    spec: { rules: [{ http: { paths: services.map((name) => ({ backend: { service: { name } } })) } }] },
    status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } },
  });
const webhook: KubernetesObject = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingWebhookConfiguration',
  metadata: { name: 'check' },
  webhooks: [{ name: 'a', clientConfig: { service: { namespace: 'shop', name: 'web' } } }],
};
const deployment = (optional: boolean, replicas = 1) =>
  object('apps/v1', 'Deployment', 'web', {
    spec: {
      replicas,
      template: { spec: { containers: [{ name: 'c', envFrom: [{ configMapRef: { name: 'settings', optional } }] }] } },
    },
    status: { replicas, updatedReplicas: replicas, readyReplicas: replicas, availableReplicas: replicas },
  });

describe('service-endpoints: a Service', () => {
  test('is unknown while its Pods are, and follows them afterwards', () => {
    const graph = createGraph();
    put(graph, service);
    expect(healthIn(graph, 'Service:shop/web')).toMatchObject({ state: 'unknown', reason: 'EndpointsUnknown' });
    synced(graph, 'Pod');
    expect(healthIn(graph, 'Service:shop/web')).toEqual({
      state: 'degraded',
      reason: 'NoEndpoints',
      field: 'spec.selector',
    });
    put(graph, pod('a', false));
    expect(healthIn(graph, 'Service:shop/web')).toEqual({
      state: 'failed',
      reason: 'NoReadyEndpoints',
      field: 'spec.selector',
      from: 'Pod:shop/a',
    });
    put(graph, pod('b', true));
    expect(healthIn(graph, 'Service:shop/web')).toMatchObject({ state: 'ok', reason: 'Ready' });
    take(graph, pod('b', true));
    expect(healthIn(graph, 'Service:shop/web')).toMatchObject({ state: 'failed' });
    graph.store.sinkOf(kindNamed('Pod')).state('stale', 'away');
    expect(healthIn(graph, 'Service:shop/web')).toMatchObject({ state: 'unknown' });
  });

  test('believes its EndpointSlices before the Pods themselves', () => {
    const graph = createGraph();
    put(graph, service, pod('a', true), slice(false));
    synced(graph, 'Pod', 'EndpointSlice');
    expect(healthIn(graph, 'Service:shop/web')).toMatchObject({ state: 'failed', reason: 'NoReadyEndpoints' });
    put(graph, slice(true));
    expect(healthIn(graph, 'Service:shop/web')).toMatchObject({ state: 'ok' });
    take(graph, slice(true));
    expect(healthIn(graph, 'Service:shop/web')).toMatchObject({ state: 'failed' });
  });

  test('says nothing of itself in a manifest', () => {
    const graph = createGraph();
    const { status: _, ...manifest } = service as KubernetesObject & { status?: unknown };
    put(graph, manifest as KubernetesObject);
    synced(graph, 'Pod', 'EndpointSlice');
    expect(healthIn(graph, 'Service:shop/web')).toBeUndefined();
  });
});

describe('route-backends and called-services: what rests on a Service', () => {
  test('an Ingress has failed when nothing is behind it, and is degraded when one of two is not there', () => {
    const graph = createGraph();
    synced(graph, 'Pod', 'Service');
    put(graph, ingress('web'));
    expect(healthIn(graph, 'Ingress:shop/web')).toEqual({
      state: 'failed',
      reason: 'ServiceMissing',
      field: 'spec.rules[0].http.paths[0].backend.service',
      from: 'Service:shop/web',
    });
    put(graph, service, pod('a', true));
    expect(healthIn(graph, 'Ingress:shop/web')).toMatchObject({ state: 'ok', reason: 'Served' });
    put(graph, ingress('gone', 'web'));
    expect(healthIn(graph, 'Ingress:shop/web')).toMatchObject({ state: 'degraded', from: 'Service:shop/gone' });
    put(graph, ingress('web'), pod('a', false));
    expect(healthIn(graph, 'Ingress:shop/web')).toMatchObject({ state: 'failed', reason: 'NoReadyEndpoints' });
  });

  test('a webhook fails with its Service, and is well with it', () => {
    const graph = createGraph();
    put(graph, webhook);
    expect(healthIn(graph, 'ValidatingWebhookConfiguration:check')).toBeUndefined();
    synced(graph, 'Pod', 'Service');
    expect(healthIn(graph, 'ValidatingWebhookConfiguration:check')).toMatchObject({
      state: 'failed',
      reason: 'ServiceMissing',
      field: 'webhooks[0].clientConfig.service',
    });
    put(graph, service);
    expect(healthIn(graph, 'ValidatingWebhookConfiguration:check')).toMatchObject({ reason: 'NoEndpoints' });
    put(graph, pod('a', true));
    expect(healthIn(graph, 'ValidatingWebhookConfiguration:check')).toMatchObject({ state: 'ok' });
  });
});

describe('missing-references: what needs something', () => {
  test('is degraded without it, unless it is optional, idle, or not known to be missing', () => {
    const graph = createGraph();
    put(graph, deployment(false));
    expect(healthIn(graph, 'Deployment:shop/web')).toMatchObject({ state: 'ok' });
    synced(graph, 'ConfigMap');
    expect(healthIn(graph, 'Deployment:shop/web')).toEqual({
      state: 'degraded',
      reason: 'ConfigMapMissing',
      field: 'spec.template.spec.containers[0].envFrom[0].configMapRef',
      from: 'ConfigMap:shop/settings',
    });
    put(graph, deployment(true));
    expect(healthIn(graph, 'Deployment:shop/web')).toMatchObject({ state: 'ok' });
    put(graph, deployment(false, 0));
    expect(healthIn(graph, 'Deployment:shop/web')).toMatchObject({ state: 'idle' });
    put(graph, deployment(false), object('v1', 'ConfigMap', 'settings', {}));
    expect(healthIn(graph, 'Deployment:shop/web')).toMatchObject({ state: 'ok' });
  });

  test('a Pod that cannot start says what it lacks, in its own words; one that runs says nothing', () => {
    const graph = createGraph();
    const waiting = (state: object, phase: string) =>
      object('v1', 'Pod', 'a', {
        spec: { containers: [{ name: 'c', envFrom: [{ secretRef: { name: 'key' } }] }] },
        status: { phase, containerStatuses: [{ name: 'c', ready: phase === 'Running', state }] },
      });
    synced(graph, 'Secret');
    put(graph, waiting({ waiting: { reason: 'CreateContainerConfigError' } }, 'Pending'));
    expect(healthIn(graph, 'Pod:shop/a')).toEqual({
      state: 'failed',
      reason: 'CreateContainerConfigError',
      field: 'spec.containers[0].envFrom[0].secretRef',
      ready: '0/1',
      from: 'Secret:shop/key',
    });
    put(graph, waiting({ running: {} }, 'Running'));
    expect(healthIn(graph, 'Pod:shop/a')).toMatchObject({ state: 'ok', reason: 'Running' });
  });

  test('a claim that is bound needs no class', () => {
    const graph = createGraph();
    const claim = (phase: string) =>
      object('v1', 'PersistentVolumeClaim', 'data', { spec: { storageClassName: 'manual' }, status: { phase } });
    synced(graph, 'StorageClass');
    put(graph, claim('Bound'));
    expect(healthIn(graph, 'PersistentVolumeClaim:shop/data')).toMatchObject({ state: 'ok' });
    put(graph, claim('Pending'));
    expect(healthIn(graph, 'PersistentVolumeClaim:shop/data')).toMatchObject({
      state: 'progressing',
      reason: 'Pending',
      from: 'StorageClass:manual',
    });
  });
});

describe('oom-kills: a Pod', () => {
  const killed = { oomKills: { atLeast: 1, since: '2026-11-28T10:00:00.000Z' } };
  const reason = 'OOMKilled 1+ since 2026-11-28T10:00Z';
  const placed = (ready: boolean) => {
    const made = structuredClone(pod('a', ready)) as KubernetesObject & { spec: { nodeName?: string } };
    made.spec.nodeName = 'n';
    return made;
  };
  const seen = () => {
    const graph = createGraph();
    put(graph, placed(true), service);
    synced(graph, 'Pod');
    const inspect = inspectOf('c', { pod: 'shop/a/c/Pod-a' });
    graph.containers.runtime.snapshot('n', snapshotOf([inspect]));
    const observe = (said?: object) =>
      graph.containers.observe('n', new Map(said ? [[inspect.Id, said as { readonly [field: string]: unknown }]] : []));
    return { graph, observe };
  };

  test('that is ready is degraded by it, with its own count of ready ones, and is an endpoint still', () => {
    const { graph, observe } = seen();
    observe(killed);
    expect(healthIn(graph, 'Pod:shop/a')).toEqual({
      ...{ state: 'degraded', reason, field: 'spec.containers[0]', ready: '1/1', from: 'Container:shop/a/c' },
    });
    expect(healthIn(graph, 'Service:shop/web')).toMatchObject({ state: 'ok', reason: 'Ready' });
    observe();
    expect(healthIn(graph, 'Pod:shop/a')).toMatchObject({ state: 'ok' });
  });

  test('that is not ready says so in its own words, and its Service follows it, whichever came first', () => {
    const { graph, observe } = seen();
    observe(killed);
    put(graph, placed(false));
    const after = ['Pod:shop/a', 'Service:shop/web'].map((id) => healthIn(graph, id));
    expect(after).toMatchObject([{ field: 'status.conditions[0]' }, { state: 'failed', reason: 'NoReadyEndpoints' }]);
    observe();
    expect(['Pod:shop/a', 'Service:shop/web'].map((id) => healthIn(graph, id))).toEqual(after);
  });

  test('is no worse for what a probe cannot mean', () => {
    const { graph, observe } = seen();
    observe({ oomKills: 'many' });
    expect(healthIn(graph, 'Pod:shop/a')).toMatchObject({ state: 'ok' });
  });
});

test('a changed derived value is a change like any other: it makes a revision and is reported', () => {
  const graph = createGraph();
  put(graph, service, pod('a', true));
  synced(graph, 'Pod');
  graph.engine.changes.record();
  const before = graph.engine.revision;
  put(graph, pod('a', false));
  const changes = graph.engine.changes.since(before) ?? [];
  expect(changes.flatMap(({ resources }) => resources.map(({ id }) => id))).toContain('Service:shop/web');
});

describe('the registry', () => {
  const [rule] = derivedHealthRules;

  test.each([
    {
      fault: 'health that rests on itself',
      rules: [
        { ...rule, name: 'a', types: ['A'], reads: ['B'] },
        { ...rule, name: 'b', types: ['B'], reads: ['A'] },
      ],
    },
    { fault: 'two of one name', rules: [rule, rule] },
    { fault: 'no rule', rules: [{}] },
    { fault: 'no sentence', rules: [{ ...rule, sentence: 'x' }] },
    { fault: 'no types', rules: [{ ...rule, types: [] }] },
    { fault: 'a name of another case', rules: [{ ...rule, name: 'aB' }] },
  ])('refuses $fault', ({ rules }) => {
    expect(() => checkedDerivedRules(rules)).toThrow(/health/);
  });
});
