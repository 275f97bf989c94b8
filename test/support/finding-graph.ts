// A graph of a few objects whose findings are computed as in a master: with the real kinds, relations and health.
import type { Finding } from '../../master/findings/contract.ts';
import type { FindingRule } from '../../master/findings/finding-rule.ts';
import { type FindingSettings, noSettings } from '../../master/findings/finding-settings.ts';
import { findingRules } from '../../master/findings/index.ts';
import { Findings } from '../../master/findings/kept/findings.ts';
import { kinds } from '../../master/kinds/index.ts';
import type { Kind } from '../../master/kinds/kind.ts';
import { typeOfKind } from '../../master/kinds/lookup.ts';
import { typeOfReference } from '../../src/ids.ts';
import type { KubernetesObject } from '../../src/model.ts';
import { createTestApp } from './app.ts';

/** The default time of findings' tests. */
export const noon = '2026-11-28T12:00:00.000Z';

/** That many minutes before `from`. */
export function ago(minutes: number, from = noon): string {
  return new Date(Date.parse(from) - minutes * 60_000).toISOString();
}

export interface FindingGraphOptions {
  readonly rules?: readonly FindingRule[];
  readonly settings?: FindingSettings;
  /** Kinds that are not completely known; all others are. */
  readonly unknown?: readonly string[] | 'all others';
  /** As from files that hold these objects: other kinds are not among them. */
  readonly ofFiles?: true;
  readonly now?: string;
  readonly watched?: boolean;
  readonly sparesAdvice?: boolean;
}

export interface FindingGraph {
  readonly graph: ReturnType<typeof createTestApp>;
  readonly findings: Findings;
  /** Failures of rules. */
  readonly problems: unknown[];
  /** Milliseconds since the epoch; set by the test. */
  now: number;
  put(...objects: readonly KubernetesObject[]): void;
  remove(...objects: readonly KubernetesObject[]): void;
  /** Sets the state of a kind. */
  state(type: string, state: 'synced' | 'stale' | 'forbidden' | 'syncing', reason?: string): void;
  /** Examines everything that is waiting. */
  renew(): void;
  /** Sorted. */
  found(): Finding[];
}

export function findingGraph(objects: readonly KubernetesObject[], options: FindingGraphOptions = {}): FindingGraph {
  const { rules = findingRules, settings = noSettings, ofFiles, watched = true, sparesAdvice = false } = options;
  const unknown = options.unknown ?? (ofFiles ? 'all others' : []);
  const whyUnknown = ofFiles ? 'not among the files given' : 'not among them';
  const all = new Map<string, Kind>(kinds.map((kind) => [typeOfKind(kind), kind]));
  const problems: unknown[] = [];
  const self: { now: number } = { now: Date.parse(options.now ?? noon) };
  const graph = createTestApp({ clock: () => self.now, now: () => self.now });
  const there = new Set(objects.map(typeOfObject));
  const kindOf = (object: KubernetesObject) => {
    const type = typeOfObject(object);
    const known = all.get(type) ?? customOf(object);
    all.set(type, known);
    return known;
  };
  const put = (...more: readonly KubernetesObject[]) => {
    for (const object of more) graph.store.sinkOf(kindOf(object)).event('MODIFIED', fresh(object));
  };
  const isUnknown = (type: string) => (unknown === 'all others' ? !there.has(type) : unknown.includes(type));
  put(...objects);
  for (const [type, kind] of all)
    graph.store.sinkOf(kind).state(isUnknown(type) ? 'excluded' : 'synced', isUnknown(type) ? whyUnknown : undefined);
  const findings = new Findings({
    graph: graph.engine,
    rules,
    settings,
    watched,
    sparesAdvice,
    clock: () => self.now,
    onProblem: (problem) => problems.push(problem),
  });
  findings.follow(() => {});
  for (const _ of findings.make());
  return Object.assign(self, {
    graph,
    findings,
    problems,
    put,
    remove(...gone: readonly KubernetesObject[]) {
      for (const object of gone) graph.store.sinkOf(kindOf(object)).event('DELETED', fresh(object));
    },
    state(type: string, state: 'synced' | 'stale' | 'forbidden' | 'syncing', reason?: string) {
      const kind = all.get(type);
      if (!kind) throw new Error(`no kind ${type}`);
      graph.store.sinkOf(kind).state(state, reason);
    },
    renew() {
      for (const _ of findings.renew());
    },
    found: () => [...findings.current()],
  });
}

function typeOfObject({ apiVersion, kind = '' }: KubernetesObject): string {
  return typeOfReference(apiVersion, kind);
}

function customOf({ apiVersion = '', kind = '', metadata }: KubernetesObject): Kind {
  const [group = '', version = ''] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
  return {
    kind,
    group,
    versions: [version],
    plural: `${kind.toLowerCase()}s`,
    namespaced: metadata.namespace !== undefined,
  };
}

let versions = 0;

/** A fresh parse, with a UID and a version, as from the API server. */
function fresh(object: KubernetesObject): KubernetesObject {
  const copy = structuredClone(object) as KubernetesObject & { metadata: { uid?: string; resourceVersion?: string } };
  copy.metadata.uid ??= `uid of ${copy.kind} ${copy.metadata.namespace ?? ''}/${copy.metadata.name}`;
  copy.metadata.resourceVersion = String(++versions);
  return copy;
}

// --- shorthands for objects -------------------------------------------------------------------------------------------

type Fields = object;

/** `kind` belongs to a built-in group, or names its own: `gateway.networking.k8s.io/v1 HTTPRoute`. */
export function an(kind: string, name: string, fields: Fields = {}, metadata: Fields = {}): KubernetesObject {
  const [apiVersion = '', plain = ''] = kind.includes(' ') ? kind.split(' ') : [versionsOf[kind] ?? 'v1', kind];
  const [namespace, own = ''] = name.includes('/') ? name.split('/') : [undefined, name];
  return {
    apiVersion,
    kind: plain,
    metadata: { name: own, ...(namespace ? { namespace } : {}), creationTimestamp: ago(60 * 24 * 30), ...metadata },
    ...fields,
  } as KubernetesObject;
}

const versionsOf: { readonly [kind: string]: string } = {
  ...of('apps/v1', 'Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'),
  ...of('batch/v1', 'Job', 'CronJob'),
  ...of('networking.k8s.io/v1', 'Ingress', 'IngressClass', 'NetworkPolicy'),
  ...of('policy/v1', 'PodDisruptionBudget'),
  ...of('autoscaling/v2', 'HorizontalPodAutoscaler'),
  ...of('discovery.k8s.io/v1', 'EndpointSlice'),
  ...of('storage.k8s.io/v1', 'StorageClass'),
  ...of('rbac.authorization.k8s.io/v1', 'Role', 'ClusterRole', 'RoleBinding', 'ClusterRoleBinding'),
  ...of('apiregistration.k8s.io/v1', 'APIService'),
  ...of('apiextensions.k8s.io/v1', 'CustomResourceDefinition'),
  ...of(
    'admissionregistration.k8s.io/v1',
    'ValidatingWebhookConfiguration',
    'MutatingWebhookConfiguration',
    'ValidatingAdmissionPolicy',
    'ValidatingAdmissionPolicyBinding',
  ),
};

function of(version: string, ...kinds: readonly string[]): { readonly [kind: string]: string } {
  return Object.fromEntries(kinds.map((kind) => [kind, version]));
}

export function condition(type: string, status: string, reason = '', more: Fields = {}): Fields {
  return { type, status, reason, lastTransitionTime: ago(60), ...more };
}

export function owner(kind: string, name: string, more: Fields = {}): Fields {
  const apiVersion = versionsOf[kind] ?? 'v1';
  const [namespace, own = name] = name.includes('/') ? name.split('/') : ['', name];
  return {
    ownerReferences: [
      { apiVersion, kind, name: own, uid: `uid of ${kind} ${namespace}/${own}`, controller: true, ...more },
    ],
  };
}

const container = { name: 'main', image: 'registry.example/web:1' };

/** A running and ready Pod in namespace `shop` with `app: web`. */
export function pod(
  name: string,
  spec: Fields = {},
  { ready = true, ...more }: { readonly ready?: boolean; readonly [field: string]: unknown } = {},
  metadata: Fields = {},
): KubernetesObject {
  const status = {
    phase: 'Running',
    conditions: [condition('Ready', ready ? 'True' : 'False'), condition('ContainersReady', ready ? 'True' : 'False')],
    startTime: ago(60),
    ...more,
  };
  return an(
    'Pod',
    `shop/${name}`,
    { spec: { nodeName: 'n1', containers: [container], ...spec }, status },
    { labels: { app: 'web' }, ...metadata },
  );
}

/** A Deployment in namespace `shop` that wants one Pod with `app: web`. */
export function deployment(name: string, podSpec: Fields = {}, spec: Fields = {}, more: Fields = {}): KubernetesObject {
  const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [container], ...podSpec } };
  return an('Deployment', `shop/${name}`, {
    spec: { replicas: 1, selector: { matchLabels: { app: 'web' } }, template, ...spec },
    ...more,
  });
}

export function service(name: string, spec: Fields = {}): KubernetesObject {
  return an('Service', `shop/${name}`, {
    spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }], ...spec },
    status: { loadBalancer: {} },
  });
}

/** The EndpointSlice of a Service with these Pods. */
export function slice(serviceName: string, pods: { readonly [pod: string]: boolean }): KubernetesObject {
  const endpoints = Object.entries(pods).map(([name, ready], at) => ({
    addresses: [`10.0.0.${at + 1}`],
    conditions: { ready },
    targetRef: { kind: 'Pod', name, namespace: 'shop', uid: `uid of Pod shop/${name}` },
  }));
  return an(
    'EndpointSlice',
    `shop/${serviceName}-1`,
    { addressType: 'IPv4', endpoints, ports: [] },
    { labels: { 'kubernetes.io/service-name': serviceName } },
  );
}

export function ingress(
  name: string,
  host: string,
  serviceName: string,
  spec: Fields = {},
  metadata: Fields = {},
): KubernetesObject {
  const backend = { service: { name: serviceName, port: { number: 80 } } };
  const rules = [{ host, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }];
  return an('Ingress', `shop/${name}`, { spec: { rules, ...spec } }, metadata);
}
