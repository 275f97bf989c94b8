// Required references of workloads, volumes and routes to objects that do not exist.
import type { Edge, Vertex } from '../graph/model/vertex.ts';
import { contentChangedAt } from './contents.ts';
import type { FindingView, Found, ResourceFindingRule } from './finding-rule.ts';
import {
  containersOf,
  isNeeded,
  isReady,
  isWorkload,
  podFieldsOf,
  podsOf,
  wantedOf,
  workloadTypes,
} from './pod-fields.ts';
import {
  annotationOf,
  called,
  conditionsOf,
  fieldsAt,
  isBy,
  isOptional,
  kindOf,
  listed,
  metadataOf,
  minute,
  recordsOf,
  some,
  textAt,
} from './reading.ts';

interface Lack {
  readonly target: Vertex;
  readonly edge: Edge;
  /** The workload's Pods that name it too, with their relations. */
  readonly pods: readonly Edge[];
}

/** Missing resources that a workload with wanted Pods needs. */
function* lacksOf(workload: Vertex, view: FindingView): Generator<Lack> {
  const needed = view
    .lacking(workload, 'uses', 'mounts', 'runsAs')
    .filter((edge) => isNeeded(edge, view) && view.isMissing(edge.target));
  if (needed.length === 0 || !isWorkload(workload, view) || wantedOf(workload, view) === 0) return;
  if (isOver(workload, view)) return;
  const pods = new Set(podsOf(workload, view));
  for (const edge of needed) {
    const users = [...view.into(edge.target, edge.type)].filter(({ source }) => pods.has(source));
    yield { target: edge.target, edge, pods: users };
  }
}

/** A finished Pod or Job. */
function isOver(workload: Vertex, view: FindingView): boolean {
  if (workload.type === 'Pod') return podsOf(workload, view).length === 0;
  return (
    workload.type === 'Job' &&
    some(conditionsOf(workload, view).values(), ({ type, status }) => type === 'Complete' && status === 'True')
  );
}

/** Whether all its Pods that name it are ready: they started while it existed. */
function isLatent({ pods }: Lack, view: FindingView): boolean {
  return pods.length > 0 && pods.every(({ source }) => isReady(source, view));
}

export const referenceMissing = {
  name: 'reference-missing',
  group: 'configuration',
  class: 'broken',
  severity: 'critical',
  tier: 'references',
  sentence:
    'A Pod, or a workload with replicas, refers to a ConfigMap, Secret, claim, ServiceAccount or other object that does not exist, and the reference is not optional. A template and its Pods are one finding. Exceptions: finished Pods, workloads scaled to 0 and completed Jobs.',
  remedy: 'Create what is missing, or correct the name in the field.',
  link: 'https://kubernetes.io/docs/tasks/configure-pod-container/configure-pod-configmap/#restrictions',
  types: workloadTypes,
  reads: [],
  of(workload, view) {
    const found: Found[] = [];
    for (const lack of lacksOf(workload, view)) {
      if (isLatent(lack, view)) continue;
      const { target, edge, pods } = lack;
      const waiting = pods.filter(({ source }) => !isReady(source, view));
      found.push({
        on: view.rootOf(workload),
        key: target.id,
        field: view.fieldOf(edge),
        path: [edge, ...waiting.slice(0, 3)].filter(isFirst),
        affected: waiting.map(({ source }) => source),
        sentence: `${called(workload)} ${verbs[edge.type] ?? 'needs'} ${called(target)}, which does not exist`,
        since: sinceOf(workload, waiting, view),
      });
    }
    return found;
  },
} as const satisfies ResourceFindingRule;

const verbs: { readonly [relation: string]: string } = { mounts: 'mounts', runsAs: 'runs as' };

function isFirst(edge: Edge, at: number, all: readonly Edge[]): boolean {
  return all.findIndex(({ row }) => row === edge.row) === at;
}

/** Since the first of its Pods has not been ready: it may have been missing longer. */
function sinceOf(workload: Vertex, pods: readonly Edge[], view: FindingView): unknown {
  const times = pods
    .map(({ source }) => notReadySince(source, view) || textAt(metadataOf(source, view), 'creationTimestamp'))
    .filter((each) => each);
  return times.sort()[0] ?? metadataOf(workload, view)['creationTimestamp'];
}

/** Empty if it does not say. */
function notReadySince(pod: Vertex, view: FindingView): string {
  const ready = conditionsOf(pod, view).get('Ready');
  return ready?.status === 'False' ? ready.since : '';
}

export const referenceLostLatent = {
  name: 'reference-lost-latent',
  group: 'configuration',
  class: 'risk',
  severity: 'high',
  sentence:
    'All Pods of a workload run and are ready, but refer to an object that no longer exists: it was deleted after they started.',
  remedy: 'Restore it before the next restart. Until then nothing fails.',
  link: 'https://kubernetes.io/docs/concepts/configuration/secret/',
  types: workloadTypes,
  reads: [],
  of(workload, view) {
    const found: Found[] = [];
    for (const lack of lacksOf(workload, view)) {
      if (!isLatent(lack, view)) continue;
      const { target, edge, pods } = lack;
      found.push({
        on: view.rootOf(workload),
        key: target.id,
        field: view.fieldOf(edge),
        path: [edge, ...pods.slice(0, 3)].filter(isFirst),
        affected: pods.map(({ source }) => source),
        sentence: `${called(workload)} runs, but ${called(target)} that it names is gone: its Pods cannot start again`,
      });
    }
    return found;
  },
} as const satisfies ResourceFindingRule;

export const keyMissing = {
  name: 'key-missing',
  group: 'configuration',
  class: 'broken',
  severity: 'high',
  tier: 'references',
  sentence:
    'A container or volume needs a key that the ConfigMap does not have, and the reference is not optional. The keys of Secrets are not known.',
  remedy: 'Add the key, or correct its name.',
  link: 'https://kubernetes.io/docs/concepts/configuration/configmap/#configmaps-and-pods',
  types: workloadTypes,
  reads: [],
  of(workload, view) {
    if (!isWorkload(workload, view) || !asksForKeys(workload, view)) return undefined;
    const maps = new Map<string, Edge>();
    for (const edge of view.out(workload, 'uses'))
      if (edge.target.type === 'ConfigMap' && edge.target.present) maps.set(edge.target.name, edge);
    const fields = maps.size > 0 ? podFieldsOf(workload, view) : undefined;
    if (!fields || wantedOf(workload, view) === 0 || isOver(workload, view)) return undefined;
    return keysAsked(fields).flatMap(({ map, key, field }) => {
      const edge = maps.get(map);
      if (!edge || keysOf(edge.target, view).has(key) || isToBeFilled(edge.target, view)) return [];
      const sentence = `${called(workload)} asks for the key ${JSON.stringify(key)} of ${called(edge.target)}, which does not have it`;
      return { on: view.rootOf(workload), key: `${map} ${key}`, field, path: [edge], sentence };
    });
  },
} as const satisfies ResourceFindingRule;

/** By the text alone: few name keys, and taking a template apart costs more. */
function asksForKeys(workload: Vertex, view: FindingView): boolean {
  return view.mentions(workload, '"configMapKeyRef"') || view.mentions(workload, '"items"');
}

interface KeyAsked {
  readonly map: string;
  readonly key: string;
  readonly field: string;
}

function keysAsked(pod: NonNullable<ReturnType<typeof podFieldsOf>>): KeyAsked[] {
  const found: KeyAsked[] = [];
  for (const { fields, path } of containersOf(pod)) {
    for (const { at, item } of recordsOf(fields['env'])) {
      const ref = fieldsAt(fieldsAt(item, 'valueFrom'), 'configMapKeyRef');
      ask(ref, textAt(ref, 'key'), `${path}.env[${at}].valueFrom.configMapKeyRef`, found);
    }
  }
  for (const { at, item } of recordsOf(pod.spec['volumes'])) {
    const map = fieldsAt(item, 'configMap');
    for (const each of recordsOf(map['items']))
      ask(map, textAt(each.item, 'key'), `${pod.path}.volumes[${at}].configMap.items[${each.at}]`, found);
    for (const source of recordsOf(fieldsAt(item, 'projected')['sources'])) {
      const part = fieldsAt(source.item, 'configMap');
      for (const each of recordsOf(part['items']))
        ask(
          part,
          textAt(each.item, 'key'),
          `${pod.path}.volumes[${at}].projected.sources[${source.at}].configMap.items[${each.at}]`,
          found,
        );
    }
  }
  return found;
}

function ask(ref: { readonly [name: string]: unknown }, key: string, field: string, found: KeyAsked[]): void {
  const map = textAt(ref, 'name');
  if (map && key && ref['optional'] !== true) found.push({ map, key, field });
}

/** By labels or annotations that ask the cluster for its CA certificates, as OpenShift and others do: files lack them. */
function isToBeFilled(map: Vertex, view: FindingView): boolean {
  return view.isOfFiles() && /"[^"]*\/inject-(?:trusted-)?ca[^"]*":"/.test(JSON.stringify(metadataOf(map, view)));
}

function keysOf(map: Vertex, view: FindingView): ReadonlySet<string> {
  const object = view.object(map);
  return new Set(['data', 'binaryData'].flatMap((part) => Object.keys(fieldsAt(object, part))));
}

export const tlsSecretMissing = {
  name: 'tls-secret-missing',
  group: 'delivery',
  class: 'broken',
  severity: 'high',
  tier: 'references',
  sentence:
    'An Ingress or Gateway takes its certificate from a Secret that does not exist. Exceptions: a Secret that a Certificate younger than ten minutes will issue, and an Ingress whose annotation requests one.',
  remedy: 'Issue or create the Secret. Until then the controller serves its own certificate.',
  link: 'https://kubernetes.io/docs/concepts/services-networking/ingress/#tls',
  types: ['Ingress', 'Gateway.gateway.networking.k8s.io', 'ListenerSet.gateway.networking.k8s.io'],
  reads: [],
  of(entry, view) {
    const found: Found[] = [];
    for (const edge of view.lacking(entry, 'uses')) {
      const secret = edge.target;
      if (secret.type !== 'Secret' || isOptional(edge, view) || !view.isMissing(secret)) continue;
      const created = metadataOf(entry, view)['creationTimestamp'];
      // Manifests without a time are not applied yet.
      if (isToBeIssued(entry, secret, view) && !(created && view.isOverdue(created, 10 * minute))) continue;
      found.push({
        on: entry,
        key: secret.id,
        path: [edge, ...view.into(secret, 'issues')].slice(0, 3),
        affected: [...view.out(entry, 'serves')].map(({ target }) => target),
        sentence: `${called(entry)} takes its certificate from ${called(secret)}, which does not exist`,
      });
    }
    return found;
  },
} as const satisfies ResourceFindingRule;

function isToBeIssued(entry: Vertex, secret: Vertex, view: FindingView): boolean {
  if (some(view.into(secret, 'issues'), () => true)) return true;
  const names = ['kubernetes.io/tls-acme', 'cert-manager.io/cluster-issuer', 'cert-manager.io/issuer'];
  return names.some((name) => annotationOf(entry, name, view) !== '');
}

export const volumeSecretMissing = {
  name: 'volume-secret-missing',
  group: 'configuration',
  class: 'risk',
  severity: 'high',
  sentence: 'Bound PersistentVolumes name a Secret that does not exist. One finding for each Secret.',
  remedy: 'Restore the Secret: the next attach of the volume will fail.',
  link: 'https://kubernetes.io/docs/concepts/storage/persistent-volumes/',
  types: ['PersistentVolume'],
  reads: [],
  of(volume, view) {
    if (volume.fields['status.phase'] !== 'Bound') return undefined;
    const found: Found[] = [];
    for (const edge of view.out(volume, 'uses')) {
      if (edge.target.type !== 'Secret' || isOptional(edge, view) || !view.isMissing(edge.target)) continue;
      found.push({
        on: edge.target,
        key: edge.target.id,
        field: 'Secret',
        path: [edge],
        affected: [volume],
        sentence: `${called(edge.target)} does not exist, and bound volumes such as ${called(volume)} need it`,
      });
    }
    return found;
  },
} as const satisfies ResourceFindingRule;

export const storageClassMissing = {
  name: 'storage-class-missing',
  group: 'configuration',
  class: 'broken',
  severity: 'high',
  tier: 'storage',
  sentence:
    'An unbound PersistentVolumeClaim names a StorageClass that does not exist. Exceptions: a bound claim; a PersistentVolume that the claim names or that is reserved for it; and a class of PersistentVolumes made by hand, where the name is only a label.',
  remedy: 'Create the class, or recreate the claim with another.',
  link: 'https://kubernetes.io/docs/concepts/storage/storage-classes/',
  types: ['PersistentVolumeClaim'],
  reads: ['PersistentVolume'],
  of(claim, view) {
    if (claim.fields['status.phase'] === 'Bound') return undefined;
    for (const edge of view.out(claim, 'provisionedBy')) {
      if (!view.isMissing(edge.target)) continue;
      if (view.anyTarget(claim, (volume) => view.look(volume).present, 'boundTo')) continue;
      if (isLabelAlone(edge.target, view)) continue;
      const users = [...view.into(claim, 'mounts')];
      return {
        on: claim,
        key: edge.target.id,
        path: [edge, ...users.slice(0, 3)],
        affected: users.map(({ source }) => source),
        since: metadataOf(claim, view)['creationTimestamp'],
        sentence: `${called(claim)} is not bound, and its StorageClass ${edge.target.name} does not exist`,
      };
    }
    return undefined;
  },
} as const satisfies ResourceFindingRule;

/** With so many volumes of a provisioner, the class was an object. */
const mostVolumes = 200;

/** Whether there are volumes of that class that no provisioner made, or that no claim has: it need not be an object. */
function isLabelAlone(storageClass: Vertex, view: FindingView): boolean {
  const volumes = [...view.into(storageClass, 'provisionedBy')].filter(
    ({ source }) => source.type === 'PersistentVolume' && source.present,
  );
  return volumes
    .slice(0, mostVolumes)
    .some(
      ({ source }) =>
        source.fields['status.phase'] === 'Available' || !view.mentions(source, '"pv.kubernetes.io/provisioned-by":'),
    );
}

export const policyBindingDangling = {
  name: 'policy-binding-dangling',
  group: 'delivery',
  class: 'broken',
  severity: 'medium',
  sentence:
    'An admission policy binding names a policy or a parameter that does not exist. Low severity if a missing parameter means allow.',
  remedy: 'Delete the binding, or restore what it names.',
  link: 'https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/',
  types: ['ValidatingAdmissionPolicyBinding', 'MutatingAdmissionPolicyBinding'],
  reads: [],
  of(binding, view) {
    const found: Found[] = [];
    for (const edge of view.out(binding, 'uses')) {
      if (!view.isMissing(edge.target)) continue;
      const allows =
        textAt(fieldsAt(fieldsAt(view.object(binding), 'spec'), 'paramRef'), 'parameterNotFoundAction') === 'Allow';
      const ofPolicy = kindOf(edge.target.type).endsWith('AdmissionPolicy');
      found.push({
        on: binding,
        key: edge.target.id,
        path: [edge],
        severity: allows && !ofPolicy ? 'low' : 'medium',
        sentence: `${called(binding)} binds ${called(edge.target)}, which does not exist`,
      });
    }
    return found;
  },
} as const satisfies ResourceFindingRule;

const immutableReads = new Set([
  'pod-env-config-map',
  'pod-env-from-config-map',
  'pod-env-secret',
  'pod-env-from-secret',
]);

export const configOlderThanPods = {
  name: 'config-older-than-pods',
  group: 'configuration',
  class: 'risk',
  severity: 'medium',
  remembers: true,
  sentence:
    'A ConfigMap or Secret that Pods read into environment variables changed after they started: all or some of them run with old values. Counted since the program started. Exception: whole volumes, which the kubelet updates.',
  remedy: 'Restart the workload.',
  link: 'https://kubernetes.io/docs/concepts/configuration/configmap/#mounted-configmaps-are-updated-automatically',
  types: ['ConfigMap', 'Secret'],
  reads: [],
  of(config, view) {
    const isRead = (edge: Edge) => edge.source.type === 'Pod' && edge.source.present && isBy(edge, immutableReads);
    // Called for every used object: other rules need the time of its last change.
    const changed = view.anyInto(config, () => true, 'uses') ? contentChangedAt(config, view) : 0;
    if (changed === 0) return undefined;
    const byRoot = new Map<Vertex, { readonly old: Edge[]; fresh: number }>();
    for (const edge of view.into(config, 'uses')) {
      if (!isRead(edge)) continue;
      const root = view.rootOf(edge.source);
      const of = byRoot.get(root) ?? { old: [], fresh: 0 };
      byRoot.set(root, of);
      // A thousand Pods may read it: none is parsed.
      const started = Date.parse(view.stringIn(edge.source, 'startTime') ?? '');
      if (started < changed) of.old.push(edge);
      else of.fresh++;
    }
    return [...byRoot].flatMap(([root, { old, fresh }]) => {
      if (old.length === 0) return [];
      const half = fresh > 0 ? `, and ${fresh} with the new ones` : '';
      return {
        on: root,
        key: config.id,
        path: old.slice(0, 8),
        affected: old.map(({ source }) => source),
        since: new Date(changed).toISOString(),
        severity: fresh > 0 ? ('high' as const) : ('medium' as const),
        sentence: `${called(config)} changed after Pods of ${called(root)} started: ${listed(old.map(({ source }) => source.name))} ${old.length === 1 ? 'runs' : 'run'} with the old values${half}`,
      };
    });
  },
} as const satisfies ResourceFindingRule;
