// The registry of kinds: one line a file. `kinds` is every kind, those of the API server's own groups first; a kind that
// is told wrongly stops the process at load.
import * as registered from './index.ts';
import type { Kind } from './kind.ts';
import { kindLookup, typeOfKind } from './lookup.ts';

export { alertmanager } from './alertmanager.ts';
export { apiService } from './api-service.ts';
export { appProject } from './app-project.ts';
export { application } from './application.ts';
export { applicationSet } from './application-set.ts';
export { backendTlsPolicy } from './backend-tls-policy.ts';
export { certificate } from './certificate.ts';
export { certificateRequest } from './certificate-request.ts';
export { certificateSigningRequest } from './certificate-signing-request.ts';
export { clusterIssuer } from './cluster-issuer.ts';
export { clusterRole } from './cluster-role.ts';
export { clusterRoleBinding } from './cluster-role-binding.ts';
export { clusterTrustBundle } from './cluster-trust-bundle.ts';
export { configMap } from './config-map.ts';
export { controllerRevision } from './controller-revision.ts';
export { cronJob } from './cron-job.ts';
export { csiDriver } from './csi-driver.ts';
export { csiNode } from './csi-node.ts';
export { csiStorageCapacity } from './csi-storage-capacity.ts';
export { customResourceDefinition } from './custom-resource-definition.ts';
export { daemonSet } from './daemon-set.ts';
export { deployment } from './deployment.ts';
export { deviceClass } from './device-class.ts';
export { endpointSlice } from './endpoint-slice.ts';
export { event } from './event.ts';
export { experimentalInferencePool } from './experimental-inference-pool.ts';
export { flowSchema } from './flow-schema.ts';
export { gateway } from './gateway.ts';
export { gatewayClass } from './gateway-class.ts';
export { grpcRoute } from './grpc-route.ts';
export { horizontalPodAutoscaler } from './horizontal-pod-autoscaler.ts';
export { httpRoute } from './http-route.ts';
export { inferencePool } from './inference-pool.ts';
export { ingress } from './ingress.ts';
export { ingressClass } from './ingress-class.ts';
export { ipAddress } from './ip-address.ts';
export { issuer } from './issuer.ts';
export { job } from './job.ts';
export { lease } from './lease.ts';
export { limitRange } from './limit-range.ts';
export { listenerSet } from './listener-set.ts';
export { mutatingAdmissionPolicy } from './mutating-admission-policy.ts';
export { mutatingAdmissionPolicyBinding } from './mutating-admission-policy-binding.ts';
export { mutatingWebhookConfiguration } from './mutating-webhook-configuration.ts';
export { namespace } from './namespace.ts';
export { networkPolicy } from './network-policy.ts';
export { node } from './node.ts';
export { persistentVolume } from './persistent-volume.ts';
export { persistentVolumeClaim } from './persistent-volume-claim.ts';
export { pod } from './pod.ts';
export { podDisruptionBudget } from './pod-disruption-budget.ts';
export { podMonitor } from './pod-monitor.ts';
export { podTemplate } from './pod-template.ts';
export { priorityClass } from './priority-class.ts';
export { priorityLevelConfiguration } from './priority-level-configuration.ts';
export { probe } from './probe.ts';
export { prometheus } from './prometheus.ts';
export { prometheusRule } from './prometheus-rule.ts';
export { referenceGrant } from './reference-grant.ts';
export { replicaSet } from './replica-set.ts';
export { replicationController } from './replication-controller.ts';
export { resourceClaim } from './resource-claim.ts';
export { resourceClaimTemplate } from './resource-claim-template.ts';
export { resourceQuota } from './resource-quota.ts';
export { resourceSlice } from './resource-slice.ts';
export { role } from './role.ts';
export { roleBinding } from './role-binding.ts';
export { runtimeClass } from './runtime-class.ts';
export { secret } from './secret.ts';
export { service } from './service.ts';
export { serviceAccount } from './service-account.ts';
export { serviceCidr } from './service-cidr.ts';
export { serviceMonitor } from './service-monitor.ts';
export { statefulSet } from './stateful-set.ts';
export { storageClass } from './storage-class.ts';
export { tcpRoute } from './tcp-route.ts';
export { tlsRoute } from './tls-route.ts';
export { udpRoute } from './udp-route.ts';
export { validatingAdmissionPolicy } from './validating-admission-policy.ts';
export { validatingAdmissionPolicyBinding } from './validating-admission-policy-binding.ts';
export { validatingWebhookConfiguration } from './validating-webhook-configuration.ts';
export { verticalPodAutoscaler } from './vertical-pod-autoscaler.ts';
export { volumeAttachment } from './volume-attachment.ts';
export { volumeAttributesClass } from './volume-attributes-class.ts';
export { volumeSnapshot } from './volume-snapshot.ts';
export { volumeSnapshotClass } from './volume-snapshot-class.ts';
export { volumeSnapshotContent } from './volume-snapshot-content.ts';

export const kinds: readonly Kind[] = checkKinds(registeredKinds());

const byAnyName = kindLookup(kinds);

/** The kind that people call `name`: `Pod`, `pods`, `po`, `rcontrollers`, `httproutes.gateway.networking.k8s.io`. */
export function findKind(name: string): Kind | undefined {
  return byAnyName(name);
}

// Reads the names first: at this moment `kinds` itself is an export without a value.
function registeredKinds(): Kind[] {
  const others = new Set<string>(['kinds', 'findKind', 'checkKinds']);
  const names = Object.getOwnPropertyNames(registered).filter((name) => !others.has(name));
  return names.map((name) => (registered as unknown as { readonly [name: string]: Kind })[name] as Kind);
}

/** `found` in order, or the error that says which kind is told wrongly and how. */
export function checkKinds(found: readonly Kind[]): readonly Kind[] {
  const seen = new Set<string>();
  for (const kind of found) {
    const names = [typeOfKind(kind), `${kind.plural}.${kind.group}`, ...(kind.aliases ?? [])];
    const fault = faultOf(kind) ?? names.find((name) => seen.has(name))?.replace(/^/, 'shares a name: ');
    if (fault) throw new Error(`the kind ${JSON.stringify(kind.kind)} ${fault}`);
    for (const name of names) seen.add(name);
  }
  return found.toSorted((a, b) => orderOf(a).localeCompare(orderOf(b), 'en'));
}

function orderOf(kind: Kind): string {
  const type = typeOfKind(kind);
  return `${type === kind.kind ? 0 : 1} ${type}`;
}

function faultOf(kind: Kind): string | undefined {
  if (!/^[A-Z][A-Za-z]+$/.test(kind.kind)) return 'is not written as a kind';
  if (!/^[a-z]+$/.test(kind.plural)) return 'has a plural that is not lower case';
  if (kind.group !== '' && !/^[a-z0-9.-]+$/.test(kind.group)) return 'has a group that is no group';
  if (kind.versions.length === 0) return 'has no version';
  if (kind.versions.some((version) => !/^v\d+((alpha|beta)\d+)?$/.test(version))) return 'has a version that is none';
  if (kind.aliases?.some((alias) => !/^[a-z]+$/.test(alias))) return 'has an alias that is not lower case';
  return undefined;
}
