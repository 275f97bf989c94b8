// Objects of the size that an API server takes: what one costs grows with it, and what is over the limit is told.
import { describe, expect, it } from 'vitest';
import { noLimit } from '../../../master/graph/engine/relation-limit.ts';
import { createInfer } from '../../../master/ingest/infer.ts';
import { rules } from '../../../master/relations/index.ts';
import type { KubernetesObject } from '../../../src/model.ts';
import { createTestApp } from '../../support/app.ts';
import { counted } from '../../support/counted-reads.ts';
import { graphOf, kindNamed } from '../../support/random-cluster.ts';

const { ofOneObject } = noLimit;
const range = (count: number) => Array.from({ length: count }, (_, i) => i);

function objectOf(kind: string, fields: object, name = 'large'): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind,
    metadata: { name, namespace: 'n', uid: name },
    ...fields,
  } as unknown as KubernetesObject;
}

function open() {
  const { engine, store } = createTestApp();
  const tell = (object: KubernetesObject, event: 'ADDED' | 'DELETED' = 'ADDED') =>
    store.sinkOf(kindNamed(object.kind as string)).event(event, structuredClone(object));
  const cut = () => engine.sources('relations').get('of single objects')?.reason;
  return { engine, tell, cut };
}

describe('one large object', () => {
  it('is followed as far as the limit goes; the rest is counted, and gone with it', () => {
    const { engine, tell, cut } = open();
    const imagePullSecrets = range(ofOneObject + 7).map((i) => ({ name: `s${i}` }));
    const large = objectOf('ServiceAccount', { imagePullSecrets });
    tell(large);
    expect(engine.followedReferences).toBe(ofOneObject);
    expect(cut()).toMatch(/^cut: [\d,]+ references of ServiceAccount:n\/large, each says more than 5000$/);
    tell(large, 'DELETED');
    expect(cut()).toBeUndefined();
    expect(graphOf(engine).resources.map(({ id }) => id)).toEqual(['Cluster:test']);
  });

  it('says as many references as it has, and holds no more than are followed', () => {
    const infer = createInfer(rules, () => {});
    const tls = range(ofOneObject + 500).map((i) => ({ secretName: `s${i}` }));
    const said = infer('Ingress', objectOf('Ingress', { spec: { tls } }));
    expect(said.length).toBeGreaterThanOrEqual(ofOneObject + 500);
    expect(new Set(said).size).toBe(ofOneObject);
  });

  it('has no part that is missing: containers over the limit are told as references', () => {
    const { engine, tell, cut } = open();
    const containers = range(ofOneObject + 100).map((i) => ({ name: `c${i}`, image: 'i' }));
    const pod = objectOf('Pod', { spec: { containers } });
    tell(pod);
    const all = graphOf(engine).resources.filter(({ type }) => type === 'Container');
    expect(all.length).toBe(ofOneObject);
    expect(all.filter(({ annotations }) => 'missing' in annotations || 'unverified' in annotations)).toEqual([]);
    expect(cut()).toContain('Pod:n/large');
    tell(pod, 'DELETED');
    expect(graphOf(engine).resources.filter(({ type }) => type === 'Container')).toEqual([]);
  });
});

describe('a selector of very many requirements', () => {
  const labels = (count: number) => Object.fromEntries(range(count).map((i) => [`l${i}`, 'v']));
  const expressions = range(ofOneObject + 1).map((i) => ({ key: `l${i}`, operator: 'Exists' }));
  const values = [{ key: 'a', operator: 'In', values: range(ofOneObject).map(String) }];
  const policy = (podSelector: object) => objectOf('NetworkPolicy', { spec: { podSelector } });

  it.each([
    ['labels of a Service', objectOf('Service', { spec: { selector: labels(ofOneObject + 1) } })],
    ['labels of a policy', policy({ matchLabels: labels(ofOneObject + 1) })],
    ['expressions', policy({ matchExpressions: expressions })],
    ['values of one expression', policy({ matchExpressions: values })],
  ])('is not followed, which is told: %s', (_, large) => {
    const { tell, cut } = open();
    tell(large);
    expect(cut()).toContain(`of ${large.kind}:n/large, each says more than ${ofOneObject}`);
    tell(large, 'DELETED');
    expect(cut()).toBeUndefined();
  });

  it('is followed up to the limit', () => {
    const { engine, tell, cut } = open();
    tell(objectOf('Pod', { metadata: { name: 'p', namespace: 'n', uid: 'p', labels: labels(ofOneObject) }, spec: {} }));
    tell(objectOf('Service', { spec: { selector: labels(ofOneObject) } }));
    expect(cut()).toBeUndefined();
    expect(graphOf(engine).relations.map(({ type }) => type)).toContain('loadBalances');
  });
});

describe('the work for one large object', () => {
  it.each(['initContainers', 'containers', 'ephemeralContainers'] as const)(
    'is linear in its %s and their statuses, which may be in any order',
    (list) => {
      const kind = kindNamed('Pod');
      const readsFor = (count: number) => {
        const spec = { [list]: range(count).map((i) => ({ name: `c${i}` })) };
        const statuses = range(count).map((i) => ({ name: `c${count - 1 - i}`, containerID: `docker://${i}` }));
        const { object, reads } = counted(
          objectOf('Pod', { spec, status: { [`${list.slice(0, -1)}Statuses`]: statuses } }),
        );
        expect(kind.parts?.(object).filter((part) => 'status' in part.object)).toHaveLength(count);
        return reads();
      };
      expect(readsFor(400)).toBeLessThanOrEqual(2 * readsFor(200));
    },
  );
});
