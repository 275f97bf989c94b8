// Random clusters for property tests: few names, so that objects collide, disappear, return with other UIDs and refer to each
// other. Store and engine use the real kinds and rules.
import fc from 'fast-check';
import { applicationDerivation } from '../../master/applications/derivation.ts';
import type { Derivation } from '../../master/graph/engine/derivations.ts';
import type { Engine, EngineOptions } from '../../master/graph/engine/engine.ts';
import { createEngine } from '../../master/graph/engine/engine.ts';
import { noLimit, type RelationLimit } from '../../master/graph/engine/relation-limit.ts';
import type { Piece } from '../../master/graph/model/bytes.ts';
import { relationPieces } from '../../master/graph/questions/selection.ts';
import { trimmed } from '../../master/graph/questions/trim.ts';
import { createMirror } from '../../master/graph/replication/mirror.ts';
import { capture, chunksOf, entriesOf } from '../../master/graph/revisions/snapshot.ts';
import { healthDerivation } from '../../master/health/derived/index.ts';
import { createContainers } from '../../master/ingest/containers.ts';
import { createInfer } from '../../master/ingest/infer.ts';
import { ItemMaker } from '../../master/ingest/item.ts';
import { Store } from '../../master/ingest/store.ts';
import { kinds } from '../../master/kinds/index.ts';
import type { Kind } from '../../master/kinds/kind.ts';
import { typeOfKind } from '../../master/kinds/lookup.ts';
import { rules } from '../../master/relations/index.ts';
import { virtualTypes } from '../../master/relations/virtual.ts';
import type { KubernetesObject, Relation, Resource } from '../../src/model.ts';

const usual: readonly Derivation[] = [healthDerivation, applicationDerivation];

export function createGraph(
  clock: () => number = () => 0,
  {
    derivations = usual,
    derivesLater = false,
    limit = noLimit,
  }: Pick<EngineOptions, 'derivations' | 'derivesLater'> & { readonly limit?: RelationLimit } = {},
) {
  const engine = createEngine({
    clusterName: 'test',
    createdBy: 'test',
    rules,
    virtualTypes: new Set(Object.keys(virtualTypes)),
    clock,
    limit,
    answersFor: { Container: 'Pod', Process: 'Pod' },
    derivations,
    derivesLater,
  });
  const infer = createInfer(rules, ({ error }) => {
    throw error;
  });
  const items = new ItemMaker(infer, false);
  const mirror = createMirror(engine);
  const { writer } = mirror;
  const containers = createContainers({ graph: engine, writer, items, clock });
  // A clock that stands still: pages are never interrupted for their duration, however busy the machine.
  const now = () => 0;
  return { engine, mirror, containers, store: new Store({ graph: engine, writer, items, containers, clock, now }) };
}

export type Graph = ReturnType<typeof createGraph>;

export function kindNamed(name: string): Kind {
  const found = kinds.find((kind) => typeOfKind(kind) === name);
  if (!found) throw new Error(`no kind ${name}`);
  return found;
}

/** The whole graph, parsed from the served text. */
export function graphOf(engine: Engine): { resources: Resource[]; relations: Relation[] } {
  const snapshot = capture(engine);
  const text = textOf(engine, snapshot);
  snapshot.release();
  return text;
}

/** The text without pauses. */
export function textOfPieces(pieces: Iterable<Piece | undefined>): string {
  return Buffer.concat([...chunksOf(pieces)].filter((chunk) => chunk !== undefined)).toString();
}

export function textOf(engine: Engine, snapshot: ReturnType<typeof capture>) {
  const join = (pieces: Iterable<Piece | undefined>) => JSON.parse(`[${textOfPieces(pieces)}]`);
  return {
    resources: join(trimmed(entriesOf(snapshot), undefined)) as Resource[],
    relations: join(relationPieces(entriesOf(snapshot), undefined, engine.edgeLists.pieceOf)) as Relation[],
  };
}

const name = fc.constantFrom('a', 'b', 'c');
const namespace = fc.constantFrom('n1', 'n2');
const uid = fc.constantFrom('u1', 'u2');
const labels = fc.dictionary(fc.constantFrom('app', 'tier'), fc.constantFrom('x', 'y'), { maxKeys: 2 });
/** Some name their application. */
const ownLabels = fc
  .tuple(labels, fc.constantFrom('', '', 'p', 'q'))
  .map(([own, part]) => (part ? { ...own, 'app.kubernetes.io/part-of': part } : own));

const selector = fc.oneof(
  fc.record({ matchLabels: labels }),
  fc.record({
    matchExpressions: fc.array(
      fc.record({
        key: fc.constantFrom('app', 'tier'),
        operator: fc.constantFrom('In', 'NotIn', 'Exists', 'DoesNotExist'),
        values: fc.array(fc.constantFrom('x', 'y'), { minLength: 1, maxLength: 2 }),
      }),
      { maxLength: 2 },
    ),
  }),
);
const address = fc.constantFrom('10.0.0.1', '10.0.0.2', 'b.n2');
const owner = fc.record({
  apiVersion: fc.constant('apps/v1'),
  kind: fc.constant('ReplicaSet'),
  name,
  uid,
  controller: fc.boolean(),
});

/** Random objects of each kind, without metadata. */
const bodies: { readonly [type: string]: fc.Arbitrary<object> } = {
  Namespace: fc.constant({}),
  Node: fc.constant({}),
  Pod: fc.record({
    spec: fc.record({
      nodeName: fc.option(name, { nil: undefined }),
      priority: fc.constantFrom(undefined, 0),
      hostNetwork: fc.constantFrom(undefined, undefined, true),
      serviceAccountName: fc.option(name, { nil: undefined }),
      containers: fc.array(
        fc.record({
          name: fc.constantFrom('main', 'side'),
          envFrom: fc.array(fc.record({ configMapRef: fc.record({ name, optional: fc.boolean() }) }), { maxLength: 2 }),
        }),
        { minLength: 1, maxLength: 2 },
      ),
    }),
    status: fc.record({
      podIP: address,
      phase: fc.constantFrom('Pending', 'Running', 'Running', 'Running', 'Succeeded', 'Failed'),
      conditions: fc.array(
        fc.record({ type: fc.constantFrom('Ready', 'PodScheduled'), status: fc.constantFrom('True', 'False') }),
        { maxLength: 2 },
      ),
      containerStatuses: fc.array(
        fc.record({
          name: fc.constantFrom('main', 'side'),
          ready: fc.boolean(),
          state: fc.constantFrom({}, { running: {} }, { waiting: { reason: 'CrashLoopBackOff' } }),
          image: fc.constantFrom('redis:7', 'nginx'),
          imageID: fc.constantFrom('', `sha256:${'a'.repeat(64)}`, `docker.io/redis@sha256:${'b'.repeat(64)}`),
        }),
        { maxLength: 2 },
      ),
    }),
  }),
  ReplicaSet: fc.record({
    spec: fc.record({
      replicas: fc.nat(2),
      template: fc.record({
        metadata: fc.record({ labels }),
        spec: fc.record({
          containers: fc.array(
            fc.record({
              name: fc.constant('main'),
              envFrom: fc.array(fc.record({ configMapRef: fc.record({ name }) })),
            }),
            { maxLength: 1 },
          ),
        }),
      }),
    }),
    status: fc.record({ replicas: fc.nat(2), readyReplicas: fc.nat(2) }),
  }),
  ReplicationController: fc.record({ spec: fc.record({ selector: labels }) }),
  Service: fc.record({
    spec: fc.record({
      type: fc.constantFrom(undefined, 'ExternalName'),
      externalName: fc.constantFrom('a.n1', 'b.n2.svc.cluster.local', 'c.a.n1.svc', 'example.com', '10.0.0.1'),
      clusterIP: address,
      selector: fc.option(labels, { nil: undefined }),
    }),
    status: fc.constantFrom(undefined, {}, {}),
  }),
  Ingress: fc.record({
    spec: fc.record({
      rules: fc.array(
        fc.record({
          http: fc.record({
            paths: fc.array(fc.record({ backend: fc.record({ service: fc.record({ name }) }) }), { maxLength: 2 }),
          }),
        }),
        { maxLength: 1 },
      ),
    }),
    status: fc.constantFrom({}, { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } }),
  }),
  ValidatingWebhookConfiguration: fc.record({
    webhooks: fc.array(fc.record({ clientConfig: fc.record({ service: fc.record({ namespace, name }) }) }), {
      maxLength: 2,
    }),
  }),
  ConfigMap: fc.constant({}),
  ServiceAccount: fc.record({ imagePullSecrets: fc.array(fc.record({ name }), { maxLength: 2 }) }),
  PriorityClass: fc.record({ globalDefault: fc.boolean(), value: fc.nat(2) }),
  StatefulSet: fc.record({
    spec: fc.record({
      volumeClaimTemplates: fc.array(fc.record({ metadata: fc.record({ name }) }), { maxLength: 1 }),
      persistentVolumeClaimRetentionPolicy: fc.constantFrom(undefined, { whenDeleted: 'Delete' }),
    }),
  }),
  ValidatingAdmissionPolicy: fc.record({
    spec: fc.record({ paramKind: fc.constantFrom(undefined, { kind: 'ConfigMap' }, { kind: 'Secret' }) }),
  }),
  ValidatingAdmissionPolicyBinding: fc.record({
    spec: fc.record({
      policyName: name,
      paramRef: fc.oneof(
        fc.record({ name, namespace: fc.option(namespace, { nil: undefined }) }),
        fc.record({ selector }),
      ),
    }),
  }),
  'HTTPRoute.gateway.networking.k8s.io': fc
    .record({
      spec: fc.record({
        rules: fc.constant([{}]),
        parentRefs: fc.array(fc.record({ name }), { maxLength: 1 }),
      }),
    })
    .chain((route) =>
      fc
        .array(fc.record({ name, namespace, weight: fc.constantFrom(0, 1) }), { maxLength: 2 })
        .map((backendRefs) => ({ spec: { ...route.spec, rules: [{ backendRefs }] } })),
    ),
  'ReferenceGrant.gateway.networking.k8s.io': fc.record({
    spec: fc.record({
      from: fc.array(
        fc.record({ group: fc.constant('gateway.networking.k8s.io'), kind: fc.constant('HTTPRoute'), namespace }),
        { maxLength: 1 },
      ),
      to: fc.array(
        fc.record({ group: fc.constant(''), kind: fc.constant('Service'), name: fc.option(name, { nil: undefined }) }),
        { maxLength: 1 },
      ),
    }),
  }),
  'Application.argoproj.io': fc.record({
    spec: fc.record({
      destination: fc.record({ server: fc.constantFrom('https://kubernetes.default.svc', 'https://other') }),
    }),
  }),
  NetworkPolicy: fc.record({
    spec: fc.record({
      podSelector: selector,
      ingress: fc.array(
        fc.record({
          from: fc.array(fc.record({ namespaceSelector: selector, podSelector: selector }), { maxLength: 2 }),
        }),
        { maxLength: 1 },
      ),
    }),
  }),
  EndpointSlice: fc.record({
    endpoints: fc.array(
      fc.record({
        targetRef: fc.option(fc.record({ kind: fc.constant('Pod'), name, uid }), { nil: undefined }),
        addresses: fc.array(address, { maxLength: 1 }),
        conditions: fc.record({ ready: fc.option(fc.boolean(), { nil: undefined }) }),
      }),
      { maxLength: 2 },
    ),
  }),
  StorageClass: fc.constant({ provisioner: 'x' }),
  PersistentVolumeClaim: fc.record({ spec: fc.record({ volumeName: fc.option(name, { nil: undefined }) }) }),
  PersistentVolume: fc.record({
    spec: fc.record({ claimRef: fc.record({ namespace, name, uid: fc.option(uid, { nil: undefined }) }) }),
  }),
};

export interface Write {
  readonly type: string;
  readonly object: KubernetesObject;
}

/** Claims may have the names that StatefulSets give them. */
function nameOf(type: string): fc.Arbitrary<string> {
  if (type === 'Namespace') return namespace;
  return type === 'PersistentVolumeClaim' ? fc.constantFrom('a', 'a-b-0', 'b-a-1') : name;
}

/** A random object with its kind, copied each time, because the store modifies objects. */
// Kinds that most rules read are more frequent.
const often = [
  'Namespace',
  'Pod',
  'NetworkPolicy',
  'Service',
  'Namespace',
  'Pod',
  'NetworkPolicy',
  'EndpointSlice',
  'Pod',
];
export const write: fc.Arbitrary<Write> = fc.constantFrom(...often, ...Object.keys(bodies)).chain((type) => {
  const kind = kindNamed(type);
  const apiVersion = kind.group === '' ? 'v1' : `${kind.group}/v1`;
  const annotations = fc.constantFrom<{ [key: string]: string }>(
    {},
    { 'storageclass.kubernetes.io/is-default-class': 'true' },
    { 'argocd.argoproj.io/tracking-id': 'a:/ConfigMap:n1/b' },
  );
  return fc
    .record({
      name: nameOf(type),
      ...(kind.namespaced && { namespace }),
      uid,
      labels: type === 'EndpointSlice' ? fc.record({ 'kubernetes.io/service-name': name }) : ownLabels,
      ownerReferences: fc.array(owner, { maxLength: 1 }),
      annotations,
    })
    .chain((metadata) =>
      (bodies[type] as fc.Arbitrary<object>).map((body) => ({
        type,
        object: { apiVersion, kind: kind.kind, metadata, ...body } as unknown as KubernetesObject,
      })),
    );
});
