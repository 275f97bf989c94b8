// Derived annotations, in a graph so small that nearly every object depends on another.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { healthDerivation } from '../../../../master/health/derived/index.ts';
import { resourceId } from '../../../../src/ids.ts';
import type { KubernetesObject, Resource } from '../../../../src/model.ts';
import { createGraph, graphOf, kindNamed } from '../../../support/random-cluster.ts';

const name = fc.constantFrom('a', 'b');
const labels = fc.constantFrom(
  { app: 'x' },
  { app: 'x' },
  {},
  { app: 'x', 'app.kubernetes.io/part-of': 'p' },
  { 'app.kubernetes.io/part-of': 'q' },
);
const ownerOf = (...kinds: string[]) =>
  fc
    .option(fc.record({ kind: fc.constantFrom(...kinds), name }), { nil: undefined, freq: 3 })
    .map((owner) =>
      owner ? [{ apiVersion: 'apps/v1', uid: `${owner.kind}-${owner.name}`, controller: true, ...owner }] : [],
    );
const template = fc
  .option(fc.record({ name, optional: fc.boolean() }), { nil: undefined })
  .map((configMapRef) => ({ spec: { containers: [{ name: 'c', envFrom: configMapRef ? [{ configMapRef }] : [] }] } }));
const status = fc.constantFrom(
  { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  { phase: 'Running', conditions: [{ type: 'Ready', status: 'False' }] },
  { phase: 'Pending' },
  { phase: 'Succeeded' },
);
const replicas = { spec: { replicas: 1 }, status: { replicas: 1, readyReplicas: 1 } };

interface Made {
  readonly owners?: fc.Arbitrary<readonly object[]>;
  readonly body: fc.Arbitrary<object>;
}

const makers: { readonly [type: string]: Made } = {
  Pod: {
    owners: ownerOf('ReplicaSet'),
    body: fc.record({ template, status }).map((made) => ({ ...made.template, status: made.status })),
  },
  ReplicaSet: {
    owners: ownerOf('ReplicaSet', 'Deployment'),
    body: template.map((each) => ({ ...replicas, spec: { ...replicas.spec, template: each } })),
  },
  Deployment: {
    owners: ownerOf('ReplicaSet', 'Deployment'),
    body: template.map((each) => ({ ...replicas, spec: { ...replicas.spec, template: each } })),
  },
  Service: { body: fc.constantFrom({ spec: { selector: { app: 'x' } }, status: {} }, { spec: {}, status: {} }) },
  EndpointSlice: {
    owners: fc.constantFrom([], [{ apiVersion: 'v1', kind: 'Service', name: 'a', uid: 'Service-a', controller: true }]),
    body: fc.record({
      endpoints: fc.array(
        fc.record({
          targetRef: name.map((pod) => ({ kind: 'Pod', name: pod, uid: `Pod-${pod}` })),
          conditions: fc.record({ ready: fc.boolean() }),
        }),
        { maxLength: 2 },
      ),
    }),
  },
  Ingress: {
    body: fc.array(name, { maxLength: 2 }).map((services) => ({
      spec: { rules: [{ http: { paths: services.map((service) => ({ backend: { service: { name: service } } })) } }] },
      status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } },
    })),
  },
  ValidatingWebhookConfiguration: {
    body: name.map((service) => ({ webhooks: [{ clientConfig: { service: { namespace: 'n', name: service } } }] })),
  },
  ConfigMap: { body: fc.constant({}) },
};

type Step =
  | { readonly do: 'put'; readonly object: KubernetesObject }
  | { readonly do: 'delete'; readonly type: string; readonly name: string }
  | { readonly do: 'state'; readonly type: string; readonly synced: boolean };

const put = fc.constantFrom('Pod', 'ReplicaSet', 'Service', ...Object.keys(makers)).chain((type) => {
  const { owners = fc.constant([]), body } = makers[type] as Made;
  const { group, namespaced } = kindNamed(type);
  return fc.record({ name, labels, owners, body }).map((made) => ({
    do: 'put' as const,
    object: {
      apiVersion: group ? `${group}/v1` : 'v1',
      kind: type,
      metadata: {
        name: made.name,
        ...(namespaced ? { namespace: 'n' } : {}),
        uid: `${type}-${made.name}`,
        labels: type === 'EndpointSlice' ? { 'kubernetes.io/service-name': made.name } : made.labels,
        ownerReferences: made.owners,
      },
      ...made.body,
    } as unknown as KubernetesObject,
  }));
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: put },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('delete' as const), type: fc.constantFrom(...Object.keys(makers)), name }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('state' as const),
      type: fc.constantFrom('Pod', 'EndpointSlice', 'Service', 'ConfigMap'),
      synced: fc.boolean(),
    }),
  },
);

/** Runs the steps one after another and returns the final state. */
function kept(steps: readonly Step[]) {
  const graph = createGraph();
  const objects = new Map<string, KubernetesObject>();
  const states = new Map<string, boolean>();
  for (const each of steps) {
    if (each.do === 'state') {
      states.set(each.type, each.synced);
      tellState(graph, each.type, each.synced);
    } else if (each.do === 'put') {
      objects.set(idOf(each.object), each.object);
      tell(graph, 'ADDED', each.object);
    } else {
      const id = resourceId(each.type, each.name, kindNamed(each.type).namespaced ? 'n' : undefined);
      const object = objects.get(id);
      if (object) tell(graph, 'DELETED', object);
      objects.delete(id);
    }
  }
  return { graph, objects, states };
}

type Graph = ReturnType<typeof createGraph>;

function tell(graph: Graph, event: 'ADDED' | 'DELETED', object: KubernetesObject): void {
  graph.store.sinkOf(kindNamed(object.kind ?? '')).event(event, structuredClone(object) as KubernetesObject);
}

function tellState(graph: Graph, type: string, synced: boolean): void {
  graph.store.sinkOf(kindNamed(type)).state(synced ? 'synced' : 'forbidden', synced ? undefined : 'no');
}

function idOf({ kind = '', metadata }: KubernetesObject): string {
  return resourceId(kind, metadata.name, metadata.namespace);
}

function derivedIn({ engine }: Graph): object[] {
  return graphOf(engine).resources.map(({ id, annotations }: Resource) => {
    const { health, application } = annotations;
    return { id, health, application };
  });
}

describe('annotations derived over relations', () => {
  test('is after any changes what it is when all is built from the final objects, in whatever order', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 3, maxLength: 40 }), (steps) => {
        const { graph, objects, states } = kept(steps);
        const anew = createGraph();
        for (const [type, synced] of states) tellState(anew, type, synced);
        for (const object of [...objects.values()].reverse()) tell(anew, 'ADDED', object);
        expect(derivedIn(graph)).toEqual(derivedIn(anew));
        const together = createGraph();
        together.engine.transact(() => {
          for (const object of objects.values()) tell(together, 'ADDED', object);
          for (const [type, synced] of states) tellState(together, type, synced);
        });
        expect(derivedIn(graph)).toEqual(derivedIn(together));
        const later = createGraph(() => 0, { derivesLater: true });
        for (const [type, synced] of states) tellState(later, type, synced);
        for (const object of objects.values()) tell(later, 'ADDED', object);
        for (const _ of later.engine.derive());
        expect(derivedIn(graph)).toEqual(derivedIn(later));
      }),
      { numRuns: 200 },
    );
  });

  test('is counted as it is', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { graph } = kept(steps);
        const counted: { [key: string]: number } = {};
        for (const { type, annotations } of graphOf(graph.engine).resources) {
          const { state } = (annotations['health'] ?? {}) as { state?: string };
          if (state) counted[`${type} ${state}`] = (counted[`${type} ${state}`] ?? 0) + 1;
        }
        const told = [...graph.engine.healthCounts()].flatMap(([type, of]) =>
          [...of].flatMap(([state, count]) => (count > 0 ? [[`${type} ${state}`, count] as const] : [])),
        );
        expect(Object.fromEntries(told)).toEqual(counted);
      }),
      { numRuns: 200 },
    );
  });

  test('is asked again where a resource says something else of itself, and not where its text alone is another', () => {
    const asked = new Set<string>();
    const of: typeof healthDerivation.of = (vertex, around) => {
      asked.add(vertex.id);
      return healthDerivation.of(vertex, around);
    };
    const { store } = createGraph(() => 0, { derivations: [{ ...healthDerivation, of }] });
    const isAsked = (annotation: string, more: object, podLabels = {}) => {
      asked.clear();
      const metadata = { name: 'a', namespace: 'n', uid: '1', labels: podLabels, annotations: { said: annotation } };
      store.sinkOf(kindNamed('Pod')).event('MODIFIED', { apiVersion: 'v1', kind: 'Pod', metadata, ...more } as never);
      return asked.has('Pod:n/a');
    };
    const running = { spec: { nodeName: 'x' }, status: { phase: 'Running' } };
    expect(isAsked('1', running)).toBe(true);
    expect(isAsked('2', running)).toBe(false);
    expect(isAsked('2', { ...running, status: { phase: 'Pending' } })).toBe(true);
    expect(isAsked('2', { ...running, status: { phase: 'Pending' } }, { app: 'x' })).toBe(true);
    expect(isAsked('2', { spec: { nodeName: 'y' }, status: { phase: 'Pending' } }, { app: 'x' })).toBe(true);
    expect(isAsked('3', { spec: { nodeName: 'y' }, status: { phase: 'Pending' } }, { app: 'x' })).toBe(false);
  });
});
