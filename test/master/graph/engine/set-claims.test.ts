import { describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../../../../src/model.ts';
import { createGraph, graphOf, kindNamed } from '../../../support/random-cluster.ts';

const policy = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'shut', namespace: 'shop' },
  spec: {
    podSelector: {},
    ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: 'a' } }, podSelector: {} }] }],
  },
};
const namespace = (name: string, team: string) => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels: { team } },
});
const pod = (name: string, where: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: where },
  spec: { containers: [] },
});

function open() {
  const { engine, store } = createGraph();
  const put = (object: { readonly kind: string }, event: 'MODIFIED' | 'DELETED' = 'MODIFIED') =>
    store.sinkOf(kindNamed(object.kind)).event(event, structuredClone(object) as unknown as KubernetesObject);
  const text = () => JSON.stringify(graphOf(engine).relations.map(({ timestamp: _, ...rest }) => rest));
  /** Pods outside of its namespace that the policy has to do with. */
  const reached = () =>
    graphOf(engine)
      .relations.filter(({ source, target }) => [source, target].some((id) => id.startsWith('NetworkPolicy')))
      .flatMap(({ source, target }) => [source, target].filter((id) => id.startsWith('Pod:other')));
  return { put, reached, text };
}

describe('a set that chooses namespaces by their labels', () => {
  it('follows the labels of a Namespace, its removal and its return', () => {
    const { put, reached } = open();
    put(policy);
    put(pod('p', 'other'));
    put(namespace('other', 'b'));
    expect(reached()).toEqual([]);
    put(namespace('other', 'a'));
    expect(reached()).toEqual(['Pod:other/p']);
    put(pod('q', 'other'));
    expect(reached().toSorted()).toEqual(['Pod:other/p', 'Pod:other/q']);
    put(namespace('other', 'b'));
    expect(reached()).toEqual([]);
    put(namespace('other', 'a'));
    put(namespace('other', 'a'), 'DELETED');
    expect(reached()).toEqual([]);
    put(namespace('other', 'a'));
    expect(reached().toSorted()).toEqual(['Pod:other/p', 'Pod:other/q']);
  });

  it('is the same in whatever order the Namespace, the Pod and the policy came', () => {
    const objects = [policy, pod('p', 'other'), namespace('other', 'a'), namespace('shop', 'a'), pod('q', 'shop')];
    const texts = objects.map((_, i) => {
      const { put, text } = open();
      for (const object of [...objects.slice(i), ...objects.slice(0, i)]) put(object);
      return text();
    });
    expect(texts[0]).toContain('Pod:other/p');
    expect(new Set(texts).size).toBe(1);
  });

  it('takes no other resource of that name for the Namespace', () => {
    const { put, reached } = open();
    put(policy);
    put(pod('p', 'other'));
    put(namespace('other', 'a'));
    put({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'other', labels: { team: 'b' } } } as never);
    put({ ...pod('other', 'shop'), metadata: { name: 'other', namespace: 'shop', labels: { team: 'b' } } } as never);
    expect(reached()).toEqual(['Pod:other/p']);
  });
});
