// The registry of relation rules: one line a file. `rules` is every rule, by name; a rule that is told wrongly stops the
// process at load.
import * as registered from './index.ts';
import type { Rule } from './relation.ts';

export * from './admission-policies.ts';
export * from './argo.ts';
export * from './autoscalers.ts';
export * from './certificates.ts';
export * from './claims.ts';
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

export const rules: readonly Rule[] = checked(registeredRules());

// Reads the names first: at this moment `rules` itself is an export without a value.
function registeredRules(): Rule[] {
  const names = Reflect.ownKeys(registered).filter((name) => typeof name === 'string' && name !== 'rules');
  return names.map((name) => (registered as unknown as { readonly [name: string]: Rule })[name as string] as Rule);
}

function checked(found: Rule[]): Rule[] {
  const seen = new Set<string>();
  for (const rule of found) {
    const fault = faultOf(rule) ?? (seen.has(rule.name) ? 'has the name of another rule' : undefined);
    if (fault) throw new Error(`the relation rule ${JSON.stringify(rule.name)} ${fault}`);
    seen.add(rule.name);
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function faultOf(rule: Rule): string | undefined {
  if (typeof rule.infer !== 'function') return 'is no rule';
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(rule.name)) return 'is not in kebab case';
  if (!/^[A-Z].*\.$/.test(rule.sentence)) return 'has no sentence';
  for (const list of [rule.reads, rule.source, rule.target, rule.fields]) {
    if (list.length === 0 || list.some((item) => item === '')) return 'leaves a list empty';
  }
  return undefined;
}
