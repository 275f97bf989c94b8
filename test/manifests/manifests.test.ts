import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readAlertSettings } from '../../master/alerts/settings/read-settings.ts';
import { readMappings } from '../../master/sources/connections/read-mappings.ts';
import { probes } from '../../minion/probes/index.ts';
import { settings } from '../../src/settings/config.ts';
import { composed, keyOf, kustomize, type Manifest, root } from '../support/manifests.ts';

const master = ['base', 'rbac/cluster'];
const overlays = ['minimal', 'default', 'ha', 'namespaced'] as const;
const built = new Map<string, Manifest[]>();

function overlay(name: (typeof overlays)[number]): Manifest[] {
  return cached(name, () => kustomize(join(root, 'manifests/overlays', name)));
}

function withComponents(...components: string[]): Manifest[] {
  return cached(components.join(), () =>
    composed(
      master,
      components.map((name) => `components/${name}`),
    ),
  );
}

function cached(name: string, make: () => Manifest[]): Manifest[] {
  const objects = built.get(name) ?? make();
  built.set(name, objects);
  return objects;
}

const variants: readonly (readonly [string, () => Manifest[]])[] = [
  ...overlays.map((name) => [name, () => overlay(name)] as const),
  ['docker', () => withComponents('minion', 'runtime-docker')],
  ['crio', () => withComponents('minion', 'runtime-crio')],
  ['secrets and events', () => withComponents('secrets', 'events')],
  ['probes', () => withComponents('minion', 'runtime-containerd', 'probes')],
  ['numbers of kubelets', () => withComponents('kubelet-metrics')],
  ['monitors', () => withComponents('minion', 'runtime-containerd', 'service-monitor')],
];

interface PodTemplate {
  readonly metadata: { readonly labels: { readonly [key: string]: string } };
  readonly spec: {
    readonly containers: readonly Container[];
    readonly volumes?: readonly { readonly name: string; readonly [source: string]: unknown }[];
    readonly securityContext: { readonly [field: string]: unknown };
    readonly [field: string]: unknown;
  };
}

interface Container {
  readonly env: readonly { readonly name: string; readonly value?: string }[];
  readonly ports: readonly { readonly containerPort: number }[];
  readonly args: readonly string[];
  readonly volumeMounts?: readonly { readonly name: string; readonly readOnly?: boolean; readonly mountPath: string }[];
  readonly [field: string]: unknown;
}

function one(objects: readonly Manifest[], kind: string, name?: string): Manifest {
  const found = objects.filter((object) => object.kind === kind && (!name || object.metadata.name === name));
  expect(found, `${kind} ${name ?? ''}`).toHaveLength(1);
  return found[0] as Manifest;
}

const specOf = (object: Manifest) => object.spec as { readonly [field: string]: unknown };
const templateOf = (object: Manifest) => specOf(object).template as PodTemplate;
const containerOf = (object: Manifest) => templateOf(object).spec.containers[0] as Container;
const workloads = (objects: readonly Manifest[]) =>
  objects.filter(({ kind }) => ['Deployment', 'DaemonSet'].includes(kind));
const valueOf = (object: Manifest, name: string) => containerOf(object).env.find((each) => each.name === name)?.value;

/** `apps/v1 Deployment` of everything the recorded API server serves. */
function servedKinds(): Set<string> {
  const folder = join(root, 'src/demo/recorded/requests');
  const names = ['api', 'apis'].flatMap((name) => {
    const { items } = JSON.parse(readFileSync(join(folder, `${name}.aggregated-discovery.json`), 'utf8')) as {
      items: {
        metadata: { name?: string };
        versions: { version: string; resources: { responseKind: { kind: string } }[] }[];
      }[];
    };
    return items.flatMap(({ metadata, versions }) =>
      versions.flatMap(({ version, resources }) =>
        resources.map(
          ({ responseKind }) => `${metadata.name ? `${metadata.name}/` : ''}${version} ${responseKind.kind}`,
        ),
      ),
    );
  });
  return new Set(names);
}

describe.each(variants)('the manifests: %s', (_, objects) => {
  test('hold only kinds that Kubernetes serves, or that their component is for', () => {
    const served = servedKinds();
    expect(served.size).toBeGreaterThan(50);
    for (const { apiVersion, kind } of objects()) {
      if (!apiVersion.startsWith('monitoring.coreos.com/')) expect(served).toContain(`${apiVersion} ${kind}`);
    }
  });

  test('name each object once, with all the recommended labels', () => {
    const keys = objects().map(keyOf);
    expect(new Set(keys).size).toBe(keys.length);
    for (const { metadata } of objects()) {
      for (const label of ['name', 'instance', 'component', 'version', 'part-of', 'managed-by']) {
        expect(metadata.labels?.[`app.kubernetes.io/${label}`], `${label} of ${metadata.name}`).toBeTruthy();
      }
    }
  });

  test('select the Pods that they mean', () => {
    for (const workload of workloads(objects())) {
      const { matchLabels } = specOf(workload).selector as { matchLabels: object };
      expect(templateOf(workload).metadata.labels).toMatchObject(matchLabels);
      expect(Object.keys(matchLabels)).toHaveLength(3);
    }
    const labels = templateOf(one(objects(), 'Deployment')).metadata.labels;
    expect(labels).toMatchObject(specOf(one(objects(), 'Service')).selector as object);
    const { matchLabels } = specOf(one(objects(), 'PodDisruptionBudget')).selector as { matchLabels: object };
    expect(labels).toMatchObject(matchLabels);
  });

  test('set only existing settings', () => {
    const known = new Set(settings.map(({ variable }) => variable));
    for (const workload of workloads(objects())) {
      const names = containerOf(workload).env.map(({ name }) => name);
      expect(names.length).toBeGreaterThan(3);
      expect(names.filter((name) => !known.has(name))).toEqual([]);
      expect(new Set(names).size).toBe(names.length);
    }
  });

  test("mount every volume read-only except history's, and every mount has a volume", () => {
    for (const workload of workloads(objects())) {
      const volumes = (templateOf(workload).spec.volumes ?? []).map(({ name }) => name);
      const mounts = containerOf(workload).volumeMounts ?? [];
      expect(mounts.map(({ name }) => name).toSorted()).toEqual(volumes.toSorted());
      const written = mounts.filter(({ readOnly }) => readOnly !== true).map(({ name }) => name);
      expect(written).toEqual(workload.kind === 'Deployment' ? ['history'] : []);
    }
  });

  test('probe the health endpoints, ask for resources and bound memory', () => {
    for (const workload of workloads(objects())) {
      const container = containerOf(workload);
      expect(container.livenessProbe).toMatchObject({ httpGet: { path: '/livez' } });
      expect(container.readinessProbe).toMatchObject({ httpGet: { path: '/readyz' } });
      expect(container.resources).toMatchObject({
        requests: { cpu: expect.any(String), memory: expect.any(String) },
        limits: { memory: expect.any(String) },
      });
    }
  });

  test('lock every container', () => {
    for (const workload of workloads(objects())) {
      expect(containerOf(workload).securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      expect(templateOf(workload).spec.securityContext.seccompProfile).toEqual({ type: 'RuntimeDefault' });
      expect(templateOf(workload).spec.hostNetwork).toBeUndefined();
    }
  });

  test('bind no role but those printed, and the right to ask who callers are', () => {
    const bindings = objects().filter(({ kind }) => kind.endsWith('RoleBinding'));
    const roles = bindings.map(({ roleRef }) => (roleRef as { name: string }).name);
    expect(roles.filter((name) => !isPrinted(name))).toEqual([]);
    for (const { subjects } of bindings) {
      expect(subjects).toEqual([
        { kind: 'ServiceAccount', name: 'cluster-insight-master', namespace: 'cluster-insight' },
      ]);
    }
  });
});

/** Names of cluster-wide objects contain the installation's, so that two can coexist. */
function isPrinted(role: string): boolean {
  return ['cluster-insight-reader', 'cluster-insight:cluster-insight-reader', 'system:auth-delegator'].includes(role);
}

describe('the master', () => {
  test.each(overlays)('meets the restricted Pod Security profile in %s', (name) => {
    const { spec } = templateOf(one(overlay(name), 'Deployment'));
    expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 65532 });
    expect([spec.hostPID, spec.hostIPC, spec.hostNetwork]).toEqual([undefined, undefined, undefined]);
    const sources = (spec.volumes ?? []).flatMap(({ name: _name, ...source }) => Object.keys(source));
    expect(sources.filter((source) => source !== 'secret')).toEqual(['emptyDir']);
  });

  test('listens on 5555, and asks callers for a token of the cluster', () => {
    const deployment = one(overlay('default'), 'Deployment');
    expect(containerOf(deployment).ports.map(({ containerPort }) => containerPort)).toEqual([5555]);
    expect(containerOf(deployment).args).toEqual(['master']);
    expect(valueOf(deployment, 'CLUSTER_INSIGHT_AUTH')).toBe('kubernetes');
    expect(specOf(one(overlay('default'), 'Service')).ports).toMatchObject([{ port: 5555 }]);
  });

  test('is alone and looks for no minion in minimal', () => {
    const objects = overlay('minimal');
    expect(objects.some(({ kind }) => kind === 'DaemonSet')).toBe(false);
    expect(valueOf(one(objects, 'Deployment'), 'CLUSTER_INSIGHT_MINIONS')).toBe('off');
    const labels = one(objects, 'Namespace').metadata.labels;
    expect(labels?.['pod-security.kubernetes.io/enforce']).toBe('restricted');
  });

  test('is twice there in ha, apart, and keeps a client with its replica', () => {
    const deployment = specOf(one(overlay('ha'), 'Deployment'));
    expect(deployment.replicas).toBe(2);
    expect(templateOf(one(overlay('ha'), 'Deployment')).spec.topologySpreadConstraints).toHaveLength(1);
    expect(specOf(one(overlay('ha'), 'Service')).sessionAffinity).toBe('ClientIP');
  });

  test('has no right in the whole cluster in namespaced', () => {
    const objects = overlay('namespaced');
    expect(objects.filter(({ kind }) => kind.startsWith('Cluster'))).toEqual([]);
    expect(one(objects, 'Role').metadata.namespace).toBe('default');
    expect(one(objects, 'RoleBinding').metadata.namespace).toBe('default');
    const deployment = one(objects, 'Deployment');
    expect(valueOf(deployment, 'CLUSTER_INSIGHT_NAMESPACES')).toBe('default');
    expect(valueOf(deployment, 'CLUSTER_INSIGHT_AUTH')).toBe('token');
  });
});

describe('the minion', () => {
  const runtimes = [
    ['containerd', () => overlay('default'), '/run/containerd', 'unix:///run/containerd/containerd.sock'],
    ['crio', () => withComponents('minion', 'runtime-crio'), '/run/crio', 'unix:///run/crio/crio.sock'],
    ['docker', () => withComponents('minion', 'runtime-docker'), '/run/docker.sock', 'unix:///run/docker.sock'],
  ] as const;

  test.each(runtimes)('of %s mounts its socket and no more of the node', (runtime, objects, path, socket) => {
    const minion = one(objects(), 'DaemonSet');
    const { spec } = templateOf(minion);
    const hostPaths = (spec.volumes ?? []).flatMap(({ hostPath }) =>
      hostPath ? [(hostPath as { path: string }).path] : [],
    );
    expect(hostPaths).toEqual([path]);
    expect(valueOf(minion, 'CLUSTER_INSIGHT_RUNTIME_SOCKET')).toBe(socket);
    expect(spec.hostPID).toBe(runtime === 'docker' ? undefined : true);
    expect(spec.securityContext.runAsUser).toBe(runtime === 'docker' ? 0 : 65532);
  });

  test('listens on 4243 behind a token, and holds none of the API', () => {
    const minion = one(overlay('default'), 'DaemonSet');
    expect(containerOf(minion).ports.map(({ containerPort }) => containerPort)).toEqual([4243]);
    expect(valueOf(minion, 'CLUSTER_INSIGHT_TOKEN_FILE')).toBe('/etc/cluster-insight/minion/token');
    expect(valueOf(one(overlay('default'), 'Deployment'), 'CLUSTER_INSIGHT_TOKEN_FILE')).toBe(
      '/etc/cluster-insight/minion/token',
    );
    expect(templateOf(minion).spec.automountServiceAccountToken).toBe(false);
    expect(templateOf(minion).spec.tolerations).toEqual([{ operator: 'Exists' }]);
  });

  test('is found by the master by its labels', () => {
    const { labels } = templateOf(one(overlay('default'), 'DaemonSet')).metadata;
    expect(labels).toMatchObject({
      'app.kubernetes.io/name': 'cluster-insight',
      'app.kubernetes.io/component': 'minion',
    });
  });

  test('accepts connections from the master only, and makes none', () => {
    const policy = specOf(one(overlay('default'), 'NetworkPolicy', 'cluster-insight-minion'));
    const labels = (object: Manifest) => templateOf(object).metadata.labels;
    const [{ from } = { from: [] }] = policy.ingress as { from: { podSelector: { matchLabels: object } }[] }[];
    expect(from).toHaveLength(1);
    expect(labels(one(overlay('default'), 'Deployment'))).toMatchObject(
      from[0]?.podSelector.matchLabels ?? { none: 1 },
    );
    const { matchLabels } = policy.podSelector as { matchLabels: object };
    expect(labels(one(overlay('default'), 'DaemonSet'))).toMatchObject(matchLabels);
    expect(policy.egress).toEqual([]);
  });
});

describe('components', () => {
  test('are each built by a test', () => {
    const folders = readdirSync(join(root, 'manifests/components')).toSorted();
    const tested = [
      'actor',
      'actor-uplink',
      'alerts',
      'connections',
      'events',
      'export',
      'gateway',
      'ha',
      'history-claim',
      'kubelet-metrics',
      'minion',
      'probes',
      'probes-tcp',
      'replicas',
      'replicas-behind',
      'replicas-history',
      'rules',
      'runtime-containerd',
      'runtime-crio',
      'runtime-docker',
      'secrets',
      'service-monitor',
      'stream',
      'stream-lease',
      'uplink',
    ];
    expect(folders).toEqual(tested);
  });

  test('probes add what they read and no privilege; those of tcp say which they add', () => {
    const hostPaths = (minion: Manifest) =>
      (templateOf(minion).spec.volumes ?? []).flatMap(({ hostPath }) => (hostPath as { path?: string })?.path ?? []);
    const plain = one(withComponents('minion', 'runtime-containerd', 'probes'), 'DaemonSet');
    expect(hostPaths(plain).toSorted()).toEqual(['/run/containerd', '/sys/fs/cgroup']);
    expect(templateOf(plain).spec.securityContext.runAsUser).toBe(65532);
    expect(containerOf(plain)['securityContext']).toEqual(
      containerOf(one(overlay('default'), 'DaemonSet'))['securityContext'],
    );
    const whole = one(withComponents('minion', 'runtime-containerd', 'probes', 'probes-tcp'), 'DaemonSet');
    const capabilities = { add: ['SYS_PTRACE', 'DAC_READ_SEARCH'], drop: ['ALL'] };
    expect(containerOf(whole)['securityContext']).toMatchObject({ capabilities, allowPrivilegeEscalation: false });
    expect(hostPaths(whole).toSorted()).toEqual([
      '/run/containerd',
      '/run/log',
      '/sys/fs/cgroup',
      '/sys/kernel/tracing',
      '/var/log',
    ]);
    const writable = (containerOf(whole).volumeMounts ?? []).filter(({ readOnly }) => readOnly !== true);
    expect(writable.map(({ name }) => name)).toEqual(['tracing']);
    for (const minion of [plain, whole]) {
      const named = (valueOf(minion, 'CLUSTER_INSIGHT_PROBES') ?? '').split(',');
      expect(named.filter((name) => !probes.has(name))).toEqual([]);
    }
    const left = [...probes.keys()].filter(
      (name) => !valueOf(whole, 'CLUSTER_INSIGHT_PROBES')?.split(',').includes(name),
    );
    expect(left).toEqual(['cloud']);
  });

  test('rules are a ConfigMap that the master reads from a folder, empty until it is filled', () => {
    const objects = withComponents('rules');
    const { data, metadata } = one(objects, 'ConfigMap', 'cluster-insight-rules') as Manifest & { data: object };
    expect(Object.keys(data)).toEqual(['rules.yaml']);
    const master = one(objects, 'Deployment');
    const folder = valueOf(master, 'CLUSTER_INSIGHT_RULES');
    const mount = containerOf(master).volumeMounts?.find(({ name }) => name === 'rules');
    expect(mount).toMatchObject({ mountPath: folder, readOnly: true });
    expect(templateOf(master).spec.volumes).toContainEqual({ name: 'rules', configMap: { name: metadata.name } });
  });

  test('alerts are a ConfigMap that the master reads, sound as it is, and a Secret that may be left out', () => {
    const objects = withComponents('alerts');
    const { data, metadata } = one(objects, 'ConfigMap', 'cluster-insight-alerts') as Manifest & {
      data: { readonly [key: string]: string };
    };
    const { settings, faults } = readAlertSettings('alerts.yaml', data['alerts.yaml'] ?? '');
    expect([settings?.receivers.map(({ name }) => name), faults]).toEqual([['log'], []]);
    const master = one(objects, 'Deployment');
    expect(valueOf(master, 'CLUSTER_INSIGHT_ALERTS')).toBe('/etc/cluster-insight/alerts/alerts.yaml');
    const { volumes } = templateOf(master).spec;
    expect(volumes).toContainEqual({ name: 'alerts', configMap: { name: metadata.name } });
    const secret = { secretName: 'cluster-insight-alerts', optional: true, defaultMode: 0o440 };
    expect(volumes).toContainEqual({ name: 'alert-credentials', secret });
    for (const name of ['alerts', 'alert-credentials'])
      expect(containerOf(master).volumeMounts?.find((mount) => mount.name === name)).toMatchObject({ readOnly: true });
  });

  test('connections are a ConfigMap that the master reads, sound as it is, and a Secret that may be left out', () => {
    const objects = withComponents('connections');
    const { data, metadata } = one(objects, 'ConfigMap', 'cluster-insight-connections') as Manifest & {
      data: { readonly [key: string]: string };
    };
    const { sources, faults } = readMappings('connections.yaml', data['connections.yaml'] ?? '');
    expect([sources, faults]).toEqual([[], []]);
    const master = one(objects, 'Deployment');
    expect(valueOf(master, 'CLUSTER_INSIGHT_CONNECTIONS_FILE')).toBe(
      '/etc/cluster-insight/connections/connections.yaml',
    );
    const { volumes } = templateOf(master).spec;
    expect(volumes).toContainEqual({ name: 'connections', configMap: { name: metadata.name } });
    const secret = { secretName: 'cluster-insight-connections', optional: true, defaultMode: 0o440 };
    expect(volumes).toContainEqual({ name: 'connection-credentials', secret });
    const mounts = containerOf(master).volumeMounts ?? [];
    expect(mounts.filter(({ name }) => name.startsWith('connection'))).toMatchObject([
      { mountPath: '/etc/cluster-insight/connections', readOnly: true },
      { mountPath: '/etc/cluster-insight/connection-credentials', readOnly: true },
    ]);
  });

  test('secrets and events add a role each that the bound one gathers', () => {
    const names = withComponents('secrets', 'events').filter(({ kind }) => kind === 'ClusterRole');
    const gathered = names.filter(
      ({ metadata }) => metadata.labels?.['cluster-insight.io/aggregate-to-reader'] === 'own',
    );
    expect(gathered.map(({ metadata }) => metadata.name).toSorted()).toEqual(
      ['core', 'custom', 'events', 'secrets'].map((suffix) => `cluster-insight:cluster-insight-reader-${suffix}`),
    );
    expect(valueOf(one(withComponents('secrets', 'events'), 'Deployment'), 'CLUSTER_INSIGHT_KINDS')).toBe('+Event');
  });

  test('history is bounded by its volume, and history-claim keeps it on one of its own', () => {
    const plain = templateOf(one(overlay('default'), 'Deployment')).spec.volumes ?? [];
    expect(plain).toContainEqual({ name: 'history', emptyDir: { sizeLimit: '1536Mi' } });
    const kept = withComponents('history-claim');
    const claim = one(kept, 'PersistentVolumeClaim').metadata.name;
    const deployment = one(kept, 'Deployment');
    expect(templateOf(deployment).spec.volumes).toContainEqual({
      name: 'history',
      persistentVolumeClaim: { claimName: claim },
    });
    expect(specOf(deployment).strategy).toEqual({ type: 'Recreate' });
    expect(valueOf(deployment, 'CLUSTER_INSIGHT_HISTORY_DIR')).toBe('/var/lib/cluster-insight');
  });
});
