// Other references of a Pod spec: account, classes, image pull Secrets.
import { isName, itemsOf } from '../../src/fields.ts';
import type { KubernetesObject } from '../../src/model.ts';
import { type FoundPodSpec, isMadeOfTemplate, marksOf, podSpecOf, podSpecTypes } from '../../src/pod-spec.ts';
import type { Reference, Rule } from './relation.ts';

/** A static Pod has no account: its kubelet creates a mirror of it in the API server. */
const mirror = 'kubernetes.io/config.mirror';

export const podRunsAs = {
  name: 'pod-runs-as',
  relation: 'runsAs',
  reads: podSpecTypes,
  source: podSpecTypes,
  target: ['ServiceAccount'],
  fields: ['spec.serviceAccountName', 'spec.serviceAccount'],
  dependence: 'source',
  sentence:
    'A Pod or template runs as the ServiceAccount it names, or as `default`. The mirror of a static Pod has none.',
  infer(object, refer) {
    const pod = podSpecOf(object);
    if (!pod || object.metadata.annotations?.[mirror] !== undefined) return;
    const { serviceAccountName, serviceAccount } = pod.spec;
    const old = !isName(serviceAccountName) && isName(serviceAccount);
    const name = isName(serviceAccountName) ? serviceAccountName : old ? serviceAccount : 'default';
    const target = { by: 'name', type: 'ServiceAccount', namespace: object.metadata.namespace, name } as const;
    const field = `${pod.path}.${old ? 'serviceAccount' : 'serviceAccountName'}`;
    refer({ target, field, ...marksOf(pod) });
  },
} as const satisfies Rule;

export const podImagePullSecret = {
  name: 'pod-image-pull-secret',
  relation: 'uses',
  reads: podSpecTypes,
  source: podSpecTypes,
  target: ['Secret'],
  fields: ['spec.imagePullSecrets[]'],
  dependence: 'source',
  sentence: 'A Pod or template uses its image pull Secrets.',
  infer(object, refer) {
    const pod = podSpecOf(object);
    if (!pod) return;
    const secrets = itemsOf(pod.spec['imagePullSecrets'] as readonly { readonly name?: unknown }[] | undefined);
    for (let i = 0; i < secrets.length; i++) {
      const name = secrets[i]?.name;
      if (!isName(name)) continue;
      const target = { by: 'name', type: 'Secret', namespace: object.metadata.namespace, name } as const;
      refer({ target, field: `${pod.path}.imagePullSecrets[${i}]`, ...marksOf(pod) });
    }
  },
} as const satisfies Rule;

function pointAtClass(
  object: KubernetesObject,
  key: string,
  type: string,
  refer: (reference: Reference) => void,
): void {
  const pod = podSpecOf(object);
  const name = pod?.spec[key];
  if (!pod || !isName(name)) return;
  const target = { by: 'name', type, name } as const;
  refer({ target, field: `${pod.path}.${key}`, ...marksOf(pod) });
}

export const podPriorityClass = {
  name: 'pod-priority-class',
  relation: 'uses',
  reads: podSpecTypes,
  source: podSpecTypes,
  target: ['PriorityClass'],
  fields: ['spec.priorityClassName'],
  dependence: 'source',
  sentence: 'A Pod or template uses the PriorityClass it names.',
  infer: (object, refer) => pointAtClass(object, 'priorityClassName', 'PriorityClass', refer),
} as const satisfies Rule;

export const podRuntimeClass = {
  name: 'pod-runtime-class',
  relation: 'uses',
  reads: podSpecTypes,
  source: podSpecTypes,
  target: ['RuntimeClass'],
  fields: ['spec.runtimeClassName'],
  dependence: 'source',
  sentence: 'A Pod or template uses the RuntimeClass it names.',
  infer: (object, refer) => pointAtClass(object, 'runtimeClassName', 'RuntimeClass', refer),
} as const satisfies Rule;

/** Admission gives every Pod a priority: without one it has not passed admission, so defaults are still open. */
function isAdmitted({ template, spec }: FoundPodSpec): boolean {
  return !template && spec['priority'] !== undefined;
}

export const podDefaultPriorityClass = {
  name: 'pod-default-priority-class',
  relation: 'uses',
  reads: podSpecTypes,
  source: podSpecTypes,
  target: ['PriorityClass'],
  fields: ['spec.priorityClassName', 'spec.priority'],
  dependence: 'source',
  sentence: 'A Pod or template without a PriorityClass and priority will use the global default PriorityClass.',
  infer(object, refer) {
    const pod = podSpecOf(object);
    if (!pod || isName(pod.spec['priorityClassName']) || isAdmitted(pod) || isMadeOfTemplate(object)) return;
    const target = { by: 'key', index: 'default', key: 'PriorityClass' } as const;
    refer({ target, field: `${pod.path}.priorityClassName`, defaulted: true, ...marksOf(pod) });
  },
} as const satisfies Rule;

export const podAccountPullSecret = {
  name: 'pod-account-pull-secret',
  relation: 'uses',
  reads: podSpecTypes,
  source: podSpecTypes,
  target: ['Secret'],
  fields: ['spec.serviceAccountName', 'spec.imagePullSecrets[]'],
  dependence: 'source',
  sentence:
    'A Pod or template without image pull Secrets will use those of its ServiceAccount. In a created Pod they are filled in.',
  infer(object, refer) {
    const pod = podSpecOf(object);
    const { namespace } = object.metadata;
    if (!pod || !namespace || isAdmitted(pod) || isMadeOfTemplate(object)) return;
    const { imagePullSecrets, serviceAccountName, serviceAccount } = pod.spec;
    if (Array.isArray(imagePullSecrets) && imagePullSecrets.length > 0) return;
    const account = [serviceAccountName, serviceAccount].find((name) => isName(name)) ?? 'default';
    const given = { index: 'pull-secret', key: `${namespace}/${account}` };
    const target = { by: 'name', type: 'Secret', namespace, name: '' } as const;
    const field = `${pod.path}.serviceAccountName`;
    refer({ target, field, when: { given, fill: 'name' }, defaulted: true, ...marksOf(pod) });
  },
} as const satisfies Rule;

export const podNominatedNode = {
  name: 'pod-nominated-node',
  relation: 'nominatedFor',
  reads: ['Pod'],
  source: ['Pod'],
  target: ['Node'],
  fields: ['status.nominatedNodeName'],
  dependence: 'none',
  sentence: 'A pending Pod is nominated for the Node where the scheduler evicts other Pods to make room for it.',
  infer(object, refer) {
    const { spec, status } = object as {
      spec?: { nodeName?: unknown } | null;
      status?: { nominatedNodeName?: unknown } | null;
    };
    const name = status?.nominatedNodeName;
    if (!isName(name) || isName(spec?.nodeName)) return;
    refer({ target: { by: 'name', type: 'Node', name }, field: 'status.nominatedNodeName' });
  },
} as const satisfies Rule;

const revisionLabel = 'controller-revision-hash';

export const podControllerRevision = {
  name: 'pod-controller-revision',
  relation: 'createdFrom',
  reads: ['Pod'],
  source: ['Pod'],
  target: ['ControllerRevision'],
  fields: [`metadata.labels["${revisionLabel}"]`],
  dependence: 'none',
  sentence: 'A Pod of a StatefulSet or DaemonSet is created from the ControllerRevision named in its label.',
  infer(object, refer) {
    const { labels, namespace, ownerReferences } = object.metadata;
    const revision = labels?.[revisionLabel];
    const owner = itemsOf(ownerReferences).find((each) => each?.controller === true);
    if (!isName(revision) || !isName(owner?.name)) return;
    // A StatefulSet writes the full revision name, a DaemonSet only the hash.
    const name = owner.kind === 'DaemonSet' ? `${owner.name}-${revision}` : revision;
    const of = [{ by: 'name', type: 'ControllerRevision', namespace, name }] as const;
    refer({ target: { by: 'first', of }, field: `metadata.labels["${revisionLabel}"]` });
  },
} as const satisfies Rule;
