// The registry of relation rules: one line a file. `rules` is every rule, by name; a rule that is told wrongly stops the
// process at load.
import { checkedRules } from './check.ts';
import * as registered from './index.ts';
import type { Rule } from './relation.ts';

export * from './admission-policies.ts';
export * from './argo.ts';
export * from './autoscalers.ts';
export * from './certificates.ts';
export * from './cluster-role.ts';
export * from './container-image.ts';
export * from './container-process.ts';
export * from './contains.ts';
export * from './extension-services.ts';
export * from './gateway.ts';
export * from './helm.ts';
export * from './ingress-backends.ts';
export * from './ingress-references.ts';
export * from './namespace-limits.ts';
export * from './network-policy.ts';
export * from './node-runs.ts';
export * from './node-topology.ts';
export * from './owners.ts';
export * from './persistent-volume.ts';
export * from './persistent-volume-claim.ts';
export * from './pod-containers.ts';
export * from './pod-disruption-budget.ts';
export * from './pod-env.ts';
export * from './pod-references.ts';
export * from './pod-resource-claims.ts';
export * from './pod-volumes.ts';
export * from './prometheus.ts';
export * from './replication-controller.ts';
export * from './role-bindings.ts';
export * from './routes.ts';
export * from './runtime-class.ts';
export * from './service-account.ts';
export * from './service-hosts.ts';
export * from './service-pods.ts';
export * from './stateful-set.ts';
export * from './storage-class.ts';
export * from './volume-attachment.ts';

export const rules: readonly Rule[] = checkedRules(everyExport());

// Reads the names first: at this moment `rules` itself is an export without a value.
function everyExport(): unknown[] {
  const names = Reflect.ownKeys(registered).filter((name) => typeof name === 'string' && name !== 'rules');
  return names.map((name) => (registered as { readonly [name: string]: unknown })[name as string]);
}
