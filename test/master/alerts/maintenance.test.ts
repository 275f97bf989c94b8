import { describe, expect, test } from 'vitest';
import { deletionLeaves, explanationOf, rolloutExplains } from '../../../master/alerts/maintenance.ts';
import { usualSettings } from '../../../master/alerts/settings/alert-settings.ts';
import { findingRules } from '../../../master/findings/index.ts';
import { kinds } from '../../../master/kinds/index.ts';
import { finding } from '../../support/alerting.ts';
import { createTestApp } from '../../support/app.ts';

const all = usualSettings.maintenance;
const none = { cordoned: false, terminating: false, rollouts: false };

function clusterOf(
  ...objects: readonly { readonly kind: string; readonly metadata: object; readonly [field: string]: unknown }[]
) {
  const { engine, store } = createTestApp();
  for (const object of objects) {
    const kind = kinds.find((each) => each.kind === object.kind);
    if (kind) store.sinkOf(kind).event('ADDED', structuredClone(object) as never);
  }
  return engine;
}

const namespace = (phase: string) => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'shop', uid: 'n' },
  status: { phase },
});
const node = (unschedulable: boolean) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'a', uid: 'a' },
  spec: { unschedulable },
});
const deployment = (status: object) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop', uid: 'd', generation: 2 },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [] } },
  },
  status,
});
const onNode = finding('web', { path: [{ from: 'Node:a', to: 'Pod:shop/web-0', type: 'runs' }] });

describe('it explains', () => {
  test('silences a Namespace in deletion, but not that its deletion is stuck', () => {
    const graph = clusterOf(namespace('Terminating'));
    expect(explanationOf(graph, finding('web'), all)).toBe('Namespace:shop is being deleted');
    expect(explanationOf(graph, finding('web', { name: 'stuck-terminating' }), all)).toBeUndefined();
    expect(explanationOf(graph, finding('web'), none)).toBeUndefined();
    expect(explanationOf(clusterOf(namespace('Active')), finding('web'), all)).toBeUndefined();
  });

  test('what comes of a Node that is cordoned, but nothing of the Node itself', () => {
    const graph = clusterOf(node(true));
    expect(explanationOf(graph, onNode, all)).toBe('Node:a is cordoned');
    expect(explanationOf(graph, { ...onNode, resource: 'Node:a', name: 'node-cannot-drain' }, all)).toBeUndefined();
    expect(explanationOf(graph, onNode, none)).toBeUndefined();
    expect(explanationOf(clusterOf(node(false)), onNode, all)).toBeUndefined();
  });

  test('what a rollout brings along, but not what it does not', () => {
    const rolling = clusterOf(deployment({ observedGeneration: 1, replicas: 2, updatedReplicas: 1 }));
    expect(explanationOf(rolling, finding('web'), all)).toBe('Deployment:shop/web is being rolled out');
    expect(explanationOf(rolling, finding('web', { name: 'reference-missing' }), all)).toBeUndefined();
    expect(explanationOf(rolling, finding('web'), none)).toBeUndefined();
    const done = clusterOf(
      deployment({ observedGeneration: 2, replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2 }),
    );
    expect(explanationOf(done, finding('web'), all)).toBeUndefined();
  });
});

test('the findings that it speaks of are there', () => {
  const names = new Set(findingRules.map(({ name }) => name));
  expect([...rolloutExplains, ...deletionLeaves, 'crash-loop'].filter((name) => !names.has(name))).toEqual([]);
});
