// The checked-in renderings of the chart, and the manifests each must equal. Not every machine has helm, so the renderings
// contain the chart's digest: a chart that was changed without rendering it is detected without helm.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { composed, kustomize, type Manifest, root } from './manifests.ts';

const chart = join(root, 'install/chart');
export const renderings = join(root, 'test/fixtures/chart');

export interface ChartCase {
  readonly name: string;
  /** What follows `--set`. */
  readonly values: readonly string[];
  /** What follows `--set-json`. */
  readonly json?: readonly string[];
  /** The manifests it must equal. */
  manifests(): Manifest[];
}

const usual = [
  'minion.token.existingSecret=cluster-insight-minion-token',
  'minion.tls.existingSecret=cluster-insight-minion-tls',
];
const noMinion = ['minion.enabled=false'];
const master = ['base', 'rbac/cluster'];
const minion = ['components/minion', 'components/runtime-containerd'];

export const chartCases: readonly ChartCase[] = [
  { name: 'default', values: usual, manifests: () => kustomize(join(root, 'manifests/overlays/default')) },
  { name: 'minimal', values: noMinion, manifests: () => kustomize(join(root, 'manifests/overlays/minimal')) },
  { name: 'ha', values: [...usual, 'replicaCount=2'], manifests: () => kustomize(join(root, 'manifests/overlays/ha')) },
  {
    name: 'namespaced',
    values: [...noMinion, 'namespaces={default}', 'auth.clientTokens.existingSecret=cluster-insight-client-tokens'],
    manifests: () => kustomize(join(root, 'manifests/overlays/namespaced')),
  },
  {
    name: 'crio',
    values: [...usual, 'minion.runtime=crio'],
    manifests: () => composed(master, ['components/minion', 'components/runtime-crio']),
  },
  {
    name: 'docker',
    values: [...usual, 'minion.runtime=docker'],
    manifests: () => composed(master, ['components/minion', 'components/runtime-docker']),
  },
  {
    name: 'everything',
    values: [...usual, 'secrets.read=true', 'events.count=true', 'prometheus.monitor.enabled=true'],
    manifests: () =>
      composed(master, [...minion, 'components/secrets', 'components/events', 'components/service-monitor']),
  },
  {
    name: 'probes',
    values: [...usual, 'minion.probes=unprivileged', 'kubeletMetrics.read=true'],
    manifests: () => composed(master, [...minion, 'components/probes', 'components/kubelet-metrics']),
  },
  {
    name: 'probes-tcp',
    values: [...usual, 'minion.probes=tcp'],
    manifests: () => composed(master, [...minion, 'components/probes', 'components/probes-tcp']),
  },
  {
    name: 'alerts',
    values: noMinion,
    json: ['alerts.settings={"receivers":[{"name":"log","log":{}}]}'],
    manifests: () => composed(master, ['components/alerts']),
  },
  {
    name: 'connections',
    values: noMinion,
    json: ['connections.settings={"sources":[]}'],
    manifests: () => composed(master, ['components/connections']),
  },
  {
    name: 'rules',
    values: noMinion,
    json: ['rules=[{"from":"Backup.example.com","name":"spec.credentials.secret","to":"Secret"}]'],
    manifests: () => composed(master, ['components/rules']).map(withOwnRules),
  },
  {
    name: 'replicas',
    values: [...noMinion, 'stream.servers=nats://nats.nats.svc:4222', 'replicas.enabled=true'],
    manifests: () => composed(master, ['components/stream', 'components/replicas']),
  },
  {
    name: 'replicas-history',
    values: [
      ...noMinion,
      'stream.servers=nats://nats.nats.svc:4222',
      'replicas.enabled=true',
      'replicas.sharedHistory.enabled=true',
    ],
    manifests: () => composed(master, ['components/stream', 'components/replicas', 'components/replicas-history']),
  },
  {
    name: 'replicas-behind',
    values: [
      ...noMinion,
      'stream.servers=nats://nats.nats.svc:4222',
      'replicas.enabled=true',
      'replicas.behindMetric=true',
    ],
    manifests: () => composed(master, ['components/stream', 'components/replicas', 'components/replicas-behind']),
  },
  {
    name: 'stream-lease',
    values: [...noMinion, 'replicaCount=2', 'stream.servers=nats://nats.nats.svc:4222', 'stream.lease.enabled=true'],
    manifests: () => composed(master, ['components/ha', 'components/stream', 'components/stream-lease']),
  },
  {
    name: 'export',
    values: [...noMinion, 'export.enabled=true', 'export.to=https://inventory.example.com/clusters'],
    manifests: () => composed(master, ['components/export']),
  },
  {
    name: 'gateway',
    values: [...noMinion, 'uplink.enabled=true', 'gateway.enabled=true'],
    manifests: () => composed(master, ['components/uplink', 'components/gateway']),
  },
  {
    name: 'actor',
    values: [...noMinion, 'actor.enabled=true'],
    manifests: () => composed(master, ['components/actor']),
  },
  {
    name: 'actor-uplink',
    values: [...noMinion, 'uplink.enabled=true', 'actor.enabled=true'],
    manifests: () => composed(master, ['components/uplink', 'components/actor', 'components/actor-uplink']),
  },
];

/** Fills the empty ConfigMap of rules. */
function withOwnRules(object: Manifest): Manifest {
  if (object.kind !== 'ConfigMap' || object.metadata.name !== 'cluster-insight-rules') return object;
  const text = '- from: Backup.example.com\n  name: spec.credentials.secret\n  to: Secret\n';
  return { ...object, data: { 'rules.yaml': text } };
}

/** Covers all files of the chart with their names, except the rules generated from the registry: see `withRules`. */
export function chartDigest(): string {
  const hash = createHash('sha256');
  const entries = readdirSync(chart, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.parentPath.endsWith('/files'));
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).toSorted();
  for (const path of paths) hash.update(path.slice(chart.length)).update('\0').update(readFileSync(path)).update('\0');
  return hash.digest('hex');
}

/**
 * Replaces the rules of each role by those in `files/`. The template copies them literally, so a kind can be added without helm.
 */
export function withRules(objects: readonly Manifest[]): Manifest[] {
  return objects.map((object) => {
    if (!('rules' in object) || !object.kind.endsWith('Role')) return object;
    // Their rules are in the template itself.
    if (/-(?:export|actor|publisher)$/.test(object.metadata.name)) return object;
    const name = object.kind === 'Role' ? 'namespaced' : object.metadata.name.replace(/^.*-reader-/, '');
    return { ...object, rules: parse(readFileSync(join(chart, 'files', `${name}.yaml`), 'utf8')) as unknown };
  });
}

/** The checked-in rendering of a case: the chart's digest and the objects as YAML. */
export function rendering({ name }: ChartCase): string {
  return readFileSync(join(renderings, `${name}.yaml`), 'utf8');
}

/** Path of helm. If it is not installed but Go is, builds it once, which takes minutes. Undefined without either. */
export function findHelm(): string | undefined {
  try {
    return execFileSync('sh', [join(root, 'test/support/helm.sh')], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return undefined;
  }
}

export function render(helm: string, { values, json = [] }: ChartCase): string {
  const settings = [...values.flatMap((value) => ['--set', value]), ...json.flatMap((value) => ['--set-json', value])];
  const where = ['--namespace', 'cluster-insight', '--kube-version', '1.36.2'];
  const yaml = execFileSync(helm, ['template', 'cluster-insight', chart, '--skip-tests', ...where, ...settings], {
    encoding: 'utf8',
  });
  return `# Rendered by helm with ${[...values, ...json].join(' ')}; chart digest ${chartDigest()}\n${yaml}`;
}
