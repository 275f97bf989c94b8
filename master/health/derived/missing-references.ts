// Health of objects that need a missing resource.
import { podSpecTypes } from '../../../src/pod-spec.ts';
import type { Edge, Vertex } from '../../graph/model/vertex.ts';
import { optionalFlag } from '../../graph/model/vertex.ts';
import type { Health } from '../health.ts';
import { interned } from '../interned.ts';
import type { DerivedRule, Surroundings } from './derived-rule.ts';
import { kindOf, owed, worse } from './worse.ts';

/** Rules for relations with a required target. Excludes optional lookups, such as Secrets to pull images. */
const needed: ReadonlySet<string> = new Set([
  'pod-env-config-map',
  'pod-env-from-config-map',
  'pod-env-from-secret',
  'pod-env-secret',
  'pod-volume-config-map',
  'pod-volume-secret',
  'pod-projected-config-map',
  'pod-projected-secret',
  'pod-projected-trust-bundle',
  'pod-mounts-claim',
  'pod-resource-claim',
  'pod-resource-claim-template',
  'pod-runs-as',
  'pod-priority-class',
  'pod-runtime-class',
  'pod-volume-csi-driver',
  'pod-volume-csi-secret',
  'pod-volume-storage-secret',
  'stateful-set-service',
  'certificate-issuer',
  'claim-storage-class',
  'ingress-tls-secret',
  'ingress-class-name',
  'gateway-certificate',
  'gateway-uses-class',
  'binding-grants',
  'mutating-policy-binding',
  'validating-policy-binding',
  'horizontal-pod-autoscaler-scales',
]);

/**
 * Where they are unhealthy, this is the reason; where they run or are bound, nothing is lacking, and a class may be just a
 * name.
 */
const explained: ReadonlySet<string> = new Set(['Pod', 'PersistentVolumeClaim']);

export const missingReferences = {
  name: 'missing-references',
  types: [
    ...podSpecTypes,
    'PersistentVolumeClaim',
    'Ingress',
    'HorizontalPodAutoscaler',
    'RoleBinding',
    'ClusterRoleBinding',
    'MutatingAdmissionPolicyBinding',
    'ValidatingAdmissionPolicyBinding',
    'Certificate.cert-manager.io',
    'Gateway.gateway.networking.k8s.io',
  ],
  over: ['uses', 'mounts', 'runsAs', 'grants', 'provisionedBy', 'scales'],
  reads: [],
  restsOnKinds: [],
  sentence:
    'What names a ConfigMap, Secret, claim, account, class, role or issuer that does not exist, and is not optional, is degraded. ' +
    'Of a Pod that does not run, or a claim that is not bound, it says why; else they have what they need. What is idle or done, and what a controller made, ' +
    'is left out: the controller says it.',
  of: missingHealth,
} as const satisfies DerivedRule;

function missingHealth(vertex: Vertex, before: Health | undefined, around: Surroundings): Health | undefined {
  const { type, controlled } = vertex;
  if (before && (before.state === 'idle' || before.state === 'done')) return undefined;
  if (explained.has(type) && (before?.state === 'ok' || vertex.fields['status.phase'] === 'Failed')) return undefined;
  if (controlled && type !== 'Pod' && (podSpecTypes as readonly string[]).includes(type)) return undefined;
  const edge = missingIn(vertex, before, around);
  if (!edge) return undefined;
  const found = owed('degraded', `${kindOf(edge.target.type)}Missing`, edge, around);
  if (!explained.has(type) || !before) return worse(before, found);
  return interned({ ...before, field: found.field, from: found.from });
}

/** The first one, by relation and target. */
function missingIn(vertex: Vertex, before: Health | undefined, around: Surroundings): Edge | undefined {
  for (const { edges } of vertex.out) {
    for (const edge of edges) {
      if (edge.target.present || around.standingOf(edge.target) !== 'missing') continue;
      // Controllers create these in every namespace: without a status they may not have run yet.
      if (!before && (edge.target.name === 'default' || edge.target.name === 'kube-root-ca.crt')) continue;
      if (around.claimsOf(edge).some(({ reason: { rule, flags } }) => needed.has(rule.name) && !(flags & optionalFlag)))
        return edge;
    }
  }
  return undefined;
}
