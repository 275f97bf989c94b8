// Failed delivery to the cluster: Helm, Argo CD, Flux; certificates; removed API versions.
import type { Edge, Vertex } from '../graph/model/vertex.ts';
import { contentChangedAt } from './contents.ts';
import type { FindingView, ResourceFindingRule } from './finding-rule.ts';
import {
  called,
  conditionsOf,
  day,
  fieldsAt,
  first,
  hour,
  listed,
  minute,
  recordsOf,
  saying,
  some,
  specOf,
  statusOf,
  textAt,
} from './reading.ts';

const argo = 'Application.argoproj.io';
const flux = ['Kustomization.kustomize.toolkit.fluxcd.io', 'HelmRelease.helm.toolkit.fluxcd.io'] as const;

export const appOutOfSync = {
  name: 'app-out-of-sync',
  group: 'delivery',
  class: 'broken',
  severity: 'medium',
  tier: 'hosts',
  sentence:
    'An Argo CD Application has been out of sync, or a Flux Kustomization or HelmRelease not ready, for half an hour. Exceptions: one that is progressing or suspended.',
  remedy: 'Read the message of its last operation.',
  link: 'https://argo-cd.readthedocs.io/en/stable/user-guide/auto_sync/',
  types: [argo, ...flux],
  reads: [],
  of(app, view) {
    if (app.health?.state === 'ok' || app.health?.state === 'idle' || specOf(app, view)['suspend'] === true)
      return undefined;
    const told = app.type === argo ? argoTrouble(app, view) : fluxTrouble(app, view);
    if (!told || !view.isPast(told.since, 30 * minute)) return undefined;
    return {
      on: app,
      field: told.field,
      path: [...view.out(app, 'contains', 'deploysTo', 'uses')].slice(0, 3),
      since: told.since,
      sentence: `${called(app)} ${told.words}`,
    };
  },
} as const satisfies ResourceFindingRule;

interface Trouble {
  readonly field: string;
  readonly since: string;
  readonly words: string;
}

function argoTrouble(app: Vertex, view: FindingView): Trouble | undefined {
  const status = statusOf(app, view);
  const operation = fieldsAt(status, 'operationState');
  const phase = textAt(operation, 'phase');
  // The time of the last attempt is not stored: without other signs it counts from the first observation.
  const seen = () => view.memory(() => ({ at: dateOf(view.now) })).at;
  const since = textAt(operation, 'finishedAt') || seen();
  if (textAt(fieldsAt(status, 'health'), 'status') === 'Progressing' || phase === 'Running') return undefined;
  if (phase === 'Failed' || phase === 'Error')
    return {
      field: 'status.operationState.phase',
      since,
      words: `could not be synced${saying(textAt(operation, 'message').slice(0, 240))}`,
    };
  if (textAt(fieldsAt(status, 'sync'), 'status') !== 'OutOfSync') return undefined;
  return { field: 'status.sync.status', since, words: `differs from its source` };
}

function fluxTrouble(app: Vertex, view: FindingView): Trouble | undefined {
  const conditions = conditionsOf(app, view);
  const ready = conditions.get('Ready');
  if (ready?.status !== 'False' || conditions.get('Reconciling')?.status === 'True') return undefined;
  return { field: ready.field, since: ready.since, words: `is not ready: ${ready.reason}${saying(ready.message)}` };
}

export const certificateEnding = {
  name: 'certificate-ending',
  group: 'delivery',
  class: 'broken',
  severity: 'high',
  tier: 'references',
  sentence:
    'A Certificate is overdue: a third of the time between its renewal time and its expiry has passed, or it is not ready. Without a renewal time: it expires within two weeks. Critical in the last two days.',
  remedy: 'Find out why the issuer does not renew it. The hosts that depend on it are listed.',
  link: 'https://cert-manager.io/docs/usage/certificate/',
  types: ['Certificate.cert-manager.io'],
  reads: [],
  of(certificate, view) {
    const status = statusOf(certificate, view);
    const end = Date.parse(textAt(status, 'notAfter'));
    const ready = conditionsOf(certificate, view).get('Ready');
    const renewal = Date.parse(textAt(status, 'renewalTime'));
    const late = dateOf(Number.isNaN(renewal) ? end - 14 * day : renewal + (end - renewal) / 3);
    const isLate = !Number.isNaN(end) && view.isOverdue(late, 0);
    const failed = ready?.status === 'False' && view.isPast(ready.since, 10 * minute);
    if (!isLate && !failed) return undefined;
    const secret = first(view.out(certificate, 'issues'));
    const users = secret ? [...view.into(secret.target, 'uses')] : [];
    const hosts = users.flatMap(({ source }) => [...view.out(source, 'serves')].map(({ target }) => target));
    const isClose = !Number.isNaN(end) && !view.wasWithin(dateOf(end), -2 * day);
    const over = !Number.isNaN(end) && !view.wasWithin(dateOf(end), 0);
    return {
      on: certificate,
      field: isLate ? 'status.notAfter' : ready?.field,
      path: [...(secret ? [secret] : []), ...users.slice(0, 3)],
      affected: hosts,
      severity: isClose ? 'critical' : 'high',
      since: isLate ? late : ready?.since,
      sentence: `${called(certificate)} ${Number.isNaN(end) ? 'is not issued' : over ? `ended at ${dateOf(end)}` : `ends at ${dateOf(end)} and was not renewed`}${failed ? `: ${ready.reason}${saying(ready.message)}` : ''}${hosts.length > 0 ? `; ${listed(hosts.map(({ name }) => name))} ${hosts.length === 1 ? 'loses' : 'lose'} TLS` : ''}`,
    };
  },
} as const satisfies ResourceFindingRule;

function dateOf(ms: number): string {
  return Number.isNaN(ms) ? '' : new Date(ms).toISOString();
}

/** Where kinds have CA certificates; the graph stores their end. */
const bundles = [
  'Secret',
  'ConfigMap',
  'ValidatingWebhookConfiguration',
  'MutatingWebhookConfiguration',
  'APIService',
  'CustomResourceDefinition',
] as const;

export const storedCertificateEnding = {
  name: 'stored-certificate-ending',
  group: 'delivery',
  class: 'broken',
  severity: 'high',
  tier: 'references',
  sentence:
    'A certificate in a ConfigMap, webhook, APIService or, in files, a Secret has expired or expires within two weeks. If a Certificate issues the Secret, that is the finding. A chain expires with its first certificate to expire.',
  remedy: 'Issue it again.',
  link: 'https://kubernetes.io/docs/tasks/tls/managing-tls-in-a-cluster/',
  types: bundles,
  reads: [],
  of(holder, view) {
    if (!view.mentions(holder, '"notAfter":"')) return undefined;
    if (some(view.into(holder, 'issues'), () => true)) return undefined;
    const [soonest] = endsIn(view.object(holder), '').sort((a, b) => a.end - b.end);
    if (!soonest || !view.isOverdue(dateOf(soonest.end), -14 * day)) return undefined;
    const users = [...view.into(holder, 'uses'), ...view.out(holder, 'calls')];
    const hosts = users.flatMap(({ source }) => [...view.out(source, 'serves')].map(({ target }) => target));
    return {
      on: holder,
      field: soonest.field,
      path: users.slice(0, 4),
      affected: hosts,
      severity: view.wasWithin(dateOf(soonest.end), -2 * day) ? 'high' : 'critical',
      since: dateOf(soonest.end - 14 * day),
      sentence: `The certificate in ${called(holder)} ${view.wasWithin(dateOf(soonest.end), 0) ? 'ends' : 'ended'} at ${dateOf(soonest.end)}`,
    };
  },
} as const satisfies ResourceFindingRule;

/** For everything below with a `notAfter`. */
function endsIn(value: unknown, path: string, depth = 0): { readonly field: string; readonly end: number }[] {
  if (typeof value !== 'object' || value === null || depth > 8) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const at = Array.isArray(value) ? `${path}[${name}]` : path === '' ? name : `${path}.${name}`;
    if (name !== 'notAfter') return endsIn(inner, at, depth + 1);
    const end = typeof inner === 'string' ? Date.parse(inner) : Number.NaN;
    return Number.isNaN(end) ? [] : [{ field: path, end }];
  });
}

const deliverers: ReadonlySet<string> = new Set([argo, ...flux]);

export const markWithoutOwner = {
  name: 'mark-without-owner',
  group: 'delivery',
  class: 'risk',
  severity: 'low',
  sentence:
    'An object has the label or annotation of an Argo CD Application, Flux Kustomization or HelmRelease that does not exist: it is a leftover. Undecided where those kinds are not read. An Application of another cluster may still exist.',
  remedy: 'Delete the object, or remove the label or annotation.',
  link: 'https://argo-cd.readthedocs.io/en/stable/user-guide/resource_tracking/',
  types: [
    'Deployment',
    'StatefulSet',
    'DaemonSet',
    'Service',
    'ConfigMap',
    'Secret',
    'Ingress',
    'CronJob',
    'Job',
    'Namespace',
    'ServiceAccount',
  ],
  reads: [],
  of(vertex, view) {
    if (!view.anySource(vertex, ({ present }) => !present, 'contains')) return undefined;
    for (const edge of view.into(vertex, 'contains')) {
      if (!deliverers.has(edge.source.type) || edge.source.present || !view.isMissing(edge.source)) continue;
      return {
        on: vertex,
        key: edge.source.id,
        path: [edge],
        possibly: edge.source.type === argo,
        sentence: `${called(vertex)} is marked as a part of ${called(edge.source)}, which does not exist`,
      };
    }
    return undefined;
  },
} as const satisfies ResourceFindingRule;

export const apiDeprecated = {
  name: 'api-deprecated',
  group: 'delivery',
  class: 'risk',
  severity: 'medium',
  sentence:
    'A manifest uses an API version that is no longer served; or, with high severity, a CustomResourceDefinition has objects stored in a version that it does not serve. The version a live object was written with is not recorded.',
  remedy: 'Write it in the version that replaces it.',
  link: 'https://kubernetes.io/docs/reference/using-api/deprecation-guide/',
  types: [
    'Ingress',
    'CronJob',
    'Deployment',
    'DaemonSet',
    'StatefulSet',
    'ReplicaSet',
    'PodDisruptionBudget',
    'HorizontalPodAutoscaler',
    'NetworkPolicy',
    'EndpointSlice',
    'FlowSchema',
    'PriorityLevelConfiguration',
    'RuntimeClass',
    'PriorityClass',
    'StorageClass',
    'CSIDriver',
    'ValidatingWebhookConfiguration',
    'MutatingWebhookConfiguration',
    'APIService',
    'CustomResourceDefinition',
    'Role',
    'ClusterRole',
    'RoleBinding',
    'ClusterRoleBinding',
  ],
  reads: [],
  of(vertex, view) {
    // Objects created from a template used its current version.
    if (
      vertex.controlled ||
      !(vertex.type === 'CustomResourceDefinition' || view.mentions(vertex, '/v1beta') || view.mentions(vertex, '/v2'))
    )
      return undefined;
    if (vertex.type === 'CustomResourceDefinition') {
      const stored = storedUnserved(vertex, view);
      if (stored) return stored;
    }
    const own = textAt(view.object(vertex), 'apiVersion');
    if (removed[own] === undefined) return undefined;
    return {
      on: vertex,
      field: 'apiVersion',
      key: own,
      sentence: `${called(vertex)} is written as ${own}, which Kubernetes ${removed[own]} no longer serves`,
    };
  },
} as const satisfies ResourceFindingRule;

/** Kubernetes version that stopped serving it. */
const removed: { readonly [apiVersion: string]: string } = {
  'extensions/v1beta1': '1.22',
  'apps/v1beta1': '1.16',
  'apps/v1beta2': '1.16',
  'networking.k8s.io/v1beta1': '1.22',
  'batch/v1beta1': '1.25',
  'batch/v2alpha1': '1.21',
  'policy/v1beta1': '1.25',
  'autoscaling/v2beta1': '1.25',
  'autoscaling/v2beta2': '1.26',
  'discovery.k8s.io/v1beta1': '1.25',
  'flowcontrol.apiserver.k8s.io/v1beta1': '1.26',
  'flowcontrol.apiserver.k8s.io/v1beta2': '1.29',
  'flowcontrol.apiserver.k8s.io/v1beta3': '1.32',
  'node.k8s.io/v1beta1': '1.25',
  'scheduling.k8s.io/v1beta1': '1.22',
  'storage.k8s.io/v1beta1': '1.27',
  'admissionregistration.k8s.io/v1beta1': '1.22',
  'apiregistration.k8s.io/v1beta1': '1.22',
  'apiextensions.k8s.io/v1beta1': '1.22',
  'rbac.authorization.k8s.io/v1beta1': '1.22',
};

function storedUnserved(definition: Vertex, view: FindingView) {
  const { storedVersions } = statusOf(definition, view);
  const served = new Set(
    recordsOf(specOf(definition, view)['versions']).flatMap(({ item }) =>
      item['served'] === true ? [textAt(item, 'name')] : [],
    ),
  );
  const stale = Array.isArray(storedVersions)
    ? storedVersions.filter((each): each is string => typeof each === 'string' && !served.has(each))
    : [];
  if (stale.length === 0 || served.size === 0) return undefined;
  return {
    on: definition,
    field: 'status.storedVersions',
    severity: 'high' as const,
    key: stale.join(' '),
    path: [...view.out(definition, 'defines')].slice(0, 2),
    sentence: `${called(definition)} has objects stored as ${listed(stale)}, which it does not serve`,
  };
}

/** Maximum time between a change and a failure that it explains. */
const soon = 10 * minute;

interface Before {
  template: string;
  /** Start of the observation: earlier changes are unknown. */
  readonly since: number;
  changedAt: number;
  what: string;
  /** -1 if it was bad from the start. */
  failedAt: number;
}

export const changeThenFailure = {
  name: 'change-then-failure',
  group: 'workloads',
  class: 'risk',
  severity: 'high',
  remembers: true,
  sentence:
    'A workload failed within ten minutes after its template, or a ConfigMap or Secret that it uses, changed. Changes of status or metadata do not count. Counted since the program started, and reported for an hour.',
  remedy: 'Compare the change with what was there before, and undo it.',
  link: 'https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-back-a-deployment',
  types: ['Deployment', 'StatefulSet', 'DaemonSet'],
  reads: [],
  of(workload, view) {
    const bad = workload.health?.state === 'failed' || workload.health?.state === 'degraded';
    const template = view.digestIn(workload, 'template');
    const memory = view.memory<Before>(() => {
      return { template, since: view.now, changedAt: 0, what: '', failedAt: bad ? -1 : 0 };
    });
    if (memory.template !== template) Object.assign(memory, { template, changedAt: view.now, what: 'its template' });
    if (!bad) memory.failedAt = 0;
    else if (memory.failedAt === 0) memory.failedAt = view.now;
    if (memory.failedAt <= 0) return undefined;
    const used = [...view.out(workload, 'uses')]
      .filter(({ target }) => target.present && (target.type === 'ConfigMap' || target.type === 'Secret'))
      .slice(0, 30);
    noteContents(memory, used, view);
    if (memory.changedAt === 0) return undefined;
    if (memory.failedAt - memory.changedAt > soon || memory.failedAt < memory.changedAt) return undefined;
    if (view.isPast(dateOf(memory.failedAt), hour)) return undefined;
    return {
      on: workload,
      field: 'spec.template',
      path: used.slice(0, 3),
      since: dateOf(memory.failedAt),
      sentence: `${called(workload)} turned bad (${workload.health?.reason}) ${Math.max(1, Math.round((memory.failedAt - memory.changedAt) / minute))} min after a change of ${memory.what}`,
    };
  },
} as const satisfies ResourceFindingRule;

/** Records changes of its configuration since the observation began, if later than those already known. */
function noteContents(memory: Before, used: readonly Edge[], view: FindingView): void {
  const changes = used.map(({ target }) => ({ target, at: contentChangedAt(view.look(target), view) }));
  const last = Math.max(0, ...changes.map(({ at }) => at));
  if (last < memory.since || last <= memory.changedAt) return;
  memory.changedAt = last;
  memory.what = listed(changes.filter(({ at }) => at === last).map(({ target }) => called(target)));
}
