import { describe, expect, it } from 'vitest';
import { createMinionPods } from '../../../master/ingest/minion-pods.ts';
import type { KubernetesObject } from '../../../src/model.ts';
import { createTestApp } from '../../support/app.ts';
import { kindNamed } from '../../support/random-cluster.ts';

const labels = { 'app.kubernetes.io/name': 'cluster-insight', 'app.kubernetes.io/component': 'minion' };

const pod = (fields: { spec?: object; status?: object; labels?: object; namespace?: string } = {}) =>
  ({
    metadata: {
      name: 'minion-1',
      namespace: fields.namespace ?? 'cluster-insight',
      labels,
      ...(fields.labels && { labels: fields.labels }),
    },
    spec: {
      nodeName: 'node-a',
      containers: [{ name: 'minion', ports: [{ name: 'minion', containerPort: 4243 }] }],
      ...fields.spec,
    },
    status: { phase: 'Running', podIP: '10.0.0.1', conditions: [{ type: 'Ready', status: 'True' }], ...fields.status },
  }) as unknown as KubernetesObject;

function open() {
  const served = createTestApp();
  served.engine.changes.record();
  const pods = createMinionPods(served.engine, 'cluster-insight');
  const sink = served.store.sinkOf(kindNamed('Pod'));
  return { pods, sink };
}

describe('the Pods of minions', () => {
  it.each([
    ['HTTPS', { readinessProbe: { httpGet: { scheme: 'HTTPS' } } }, true],
    [
      'HTTPS by one probe of two',
      { livenessProbe: { httpGet: {} }, readinessProbe: { httpGet: { scheme: 'HTTPS' } } },
      true,
    ],
    ['plain HTTP', { livenessProbe: { httpGet: { scheme: 'HTTP' } } }, false],
    ['plain HTTP, which is what it is where nothing is said', { readinessProbe: { httpGet: {} } }, false],
    ['nothing of it', { readinessProbe: { exec: {} } }, undefined],
    ['nonsense', { readinessProbe: 'x', livenessProbe: { httpGet: null } }, undefined],
  ])('serve what the kubelet is told to probe: %s', (_what, probes, secure) => {
    const { pods, sink } = open();
    sink.event('ADDED', pod({ spec: { containers: [{ name: 'minion', ...probes }] } }));
    pods.onChange(() => undefined);
    expect(pods.minionPods()[0]?.secure).toBe(secure);
  });

  it('are found by their labels, followed as they change, and forgotten when they go', () => {
    const { pods, sink } = open();
    let told = 0;
    const stop = pods.onChange(() => told++);
    sink.event('ADDED', pod());
    expect(pods.minionPods()).toEqual([{ node: 'node-a', address: '10.0.0.1', port: 4243, ready: true }]);
    sink.event('MODIFIED', pod({ status: { conditions: [{ type: 'Ready', status: 'False' }] } }));
    expect(pods.minionPods()).toMatchObject([{ ready: false }]);
    sink.event('MODIFIED', pod({ status: { podIP: '10.0.0.2' } }));
    expect(pods.minionPods()).toMatchObject([{ address: '10.0.0.2', ready: true }]);
    expect(told).toBe(3);
    sink.event('MODIFIED', pod({ status: { podIP: '10.0.0.2', message: 'nothing that matters here' } }));
    expect(told).toBe(3);
    sink.event('DELETED', pod());
    expect([pods.minionPods(), told]).toEqual([[], 4]);
    stop();
    sink.event('ADDED', pod());
    expect(told).toBe(4);
  });

  it('that came before the first listener are found, too', () => {
    const served = createTestApp();
    served.store.sinkOf(kindNamed('Pod')).event('ADDED', pod());
    const pods = createMinionPods(served.engine, 'cluster-insight');
    pods.onChange(() => undefined);
    expect(pods.minionPods()).toHaveLength(1);
  });

  it.each([
    ['another name', { labels: { ...labels, 'app.kubernetes.io/name': 'other' } }],
    ['a namespace that is not ours', { namespace: 'tenant' }],
    ['no node', { spec: { nodeName: undefined } }],
    ['no address', { status: { podIP: undefined } }],
    ['an address that is not text', { status: { podIP: { ip: '10.0.0.1' } } }],
    ['another phase', { status: { phase: 'Pending' } }],
  ])('with %s are not asked', (_, fields) => {
    const { pods, sink } = open();
    sink.event('ADDED', pod(fields));
    expect(pods.minionPods()).toEqual([]);
  });

  it.each([
    ['no ports', { containers: [{ name: 'minion' }] }, 4243],
    ['another port', { containers: [{ ports: [{ containerPort: 9000 }] }] }, 9000],
    [
      'several, one of them named',
      { containers: [{ ports: [{ containerPort: 1 }, { name: 'minion', containerPort: 2 }] }] },
      2,
    ],
    ['containers that are none', { containers: 'none' }, 4243],
    ['ports that are none', { containers: [null, { ports: 'none' }] }, 4243],
  ])('with %s have the port that follows', (_, spec, port) => {
    const { pods, sink } = open();
    sink.event('ADDED', pod({ spec }));
    expect(pods.minionPods()).toMatchObject([{ port }]);
  });
});
