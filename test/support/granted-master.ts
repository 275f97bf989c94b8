// A master over the demo cluster with exactly the rights that rendered manifests grant to its account.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { start } from '../../master/start.ts';
import type { LoggedRequest, Rule } from '../../src/demo/api-server.ts';
import { createDemoCluster } from '../../src/demo/cluster.ts';
import { silentLogger } from '../../src/logger.ts';
import type { Relation, Resource, SourceState } from '../../src/model.ts';
import { readConfig } from '../../src/settings/config.ts';
import { eventually } from './engines/daemon.ts';
import type { Manifest } from './manifests.ts';
import { root } from './source-tree.ts';

interface RoleRule extends Omit<Rule, 'namespaces'> {
  readonly verbs: readonly string[];
}

interface Reference {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

const systemRoles: { readonly [name: string]: readonly RoleRule[] } = {
  'system:auth-delegator': [
    { verbs: ['create'], apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'] },
    { verbs: ['create'], apiGroups: ['authorization.k8s.io'], resources: ['subjectaccessreviews'] },
  ],
};

/** All rights that the bindings among `objects` grant to the account, including aggregated roles. */
export function rulesOf(objects: readonly Manifest[], account: Reference): Rule[] {
  return objects.filter((object) => binds(object, account)).flatMap((binding) => granted(objects, binding));
}

function binds({ kind, subjects }: Manifest, account: Reference): boolean {
  if (!kind.endsWith('RoleBinding')) return false;
  return (subjects as readonly Reference[]).some(
    (each) => each.kind === account.kind && each.name === account.name && each.namespace === account.namespace,
  );
}

function granted(objects: readonly Manifest[], { kind, metadata, roleRef }: Manifest): Rule[] {
  const role = roleRef as Reference;
  const rules = systemRoles[role.name] ?? rulesOfRole(objects, role, metadata.namespace);
  if (kind === 'ClusterRoleBinding') return [...rules];
  return rules.map((rule) => ({ ...rule, namespaces: [metadata.namespace ?? ''] }));
}

function rulesOfRole(objects: readonly Manifest[], { kind, name }: Reference, namespace?: string): RoleRule[] {
  const role = objects.find((each) => each.kind === kind && each.metadata.name === name && isIn(each, namespace));
  if (!role) throw new Error(`${kind} ${name} is bound and not there`);
  const { clusterRoleSelectors = [] } = (role.aggregationRule ?? {}) as {
    readonly clusterRoleSelectors?: readonly { readonly matchLabels: { readonly [label: string]: string } }[];
  };
  const gathered = objects.filter(
    (each) =>
      each.kind === 'ClusterRole' &&
      clusterRoleSelectors.some(({ matchLabels }) =>
        Object.entries(matchLabels).every(([label, value]) => each.metadata.labels?.[label] === value),
      ),
  );
  return [role, ...gathered].flatMap(({ rules }) => (rules ?? []) as RoleRule[]);
}

function isIn({ kind, metadata }: Manifest, namespace: string | undefined): boolean {
  return kind === 'ClusterRole' || metadata.namespace === namespace;
}

export interface GrantedMaster {
  readonly url: string;
  /** By kind, as in `completeness`. */
  readonly kinds: { readonly [type: string]: SourceState };
  readonly resources: readonly Resource[];
  readonly relations: readonly Relation[];
  /** All its requests to the API server. */
  readonly requests: readonly LoggedRequest[];
  close(): Promise<void>;
}

const account = { kind: 'ServiceAccount', name: 'cluster-insight-master', namespace: 'cluster-insight' };

/** `settings`: the master's command line. */
export async function startGrantedMaster(
  rules: readonly Rule[],
  settings: readonly string[] = [],
): Promise<GrantedMaster> {
  const username = `system:serviceaccount:${account.namespace}:${account.name}`;
  const read = (file: string) => readFileSync(join(root, 'test/fixtures/api-server-tls', file), 'utf8');
  const cluster = createDemoCluster({
    users: [{ username, groups: ['system:authenticated'], token: 'the-token', rules }],
    tls: { cert: read('server.crt'), key: read('server.key') },
  });
  await using opened = new AsyncDisposableStack();
  await cluster.start();
  opened.defer(() => cluster.close());
  const folder = mkdtempSync(join(tmpdir(), 'granted-'));
  opened.defer(() => rmSync(folder, { recursive: true, force: true }));
  const kubeconfig = join(folder, 'config');
  writeFileSync(kubeconfig, JSON.stringify(cluster.server.kubeconfig({ token: 'the-token' })));
  const args = ['master', '--port', '0', '--kubeconfig', kubeconfig, '--minions', 'off', ...settings];
  const master = await start({ config: readConfig({ HOME: folder }, args), logger: silentLogger });
  opened.defer(() => master.close());
  await eventually('the first sync', 30_000, async () => (await fetch(`${master.url}/readyz`)).ok);
  const answer = (await (await fetch(`${master.url}/cluster?completeness=full`)).json()) as {
    readonly resources: readonly Resource[];
    readonly relations: readonly Relation[];
    readonly completeness: { readonly kinds: { readonly [type: string]: SourceState } };
  };
  const { resources, relations, completeness } = answer;
  const requests = cluster.server.requests.entries();
  const all = opened.move();
  const close = () => all.disposeAsync();
  return { url: master.url, kinds: completeness.kinds, resources, relations, requests, close };
}

/** The rights of the manifests' account. */
export const masterRules = (objects: readonly Manifest[]): Rule[] => rulesOf(objects, account);
