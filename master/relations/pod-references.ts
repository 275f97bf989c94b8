// What a Pod spec names outside its containers and volumes: its account, classes, and the Secrets that pull its images.
import { isName, itemsOf } from '../../src/fields.ts';
import type { KubernetesObject } from '../../src/model.ts';
import { podSpecOf, podSpecTypes } from '../../src/pod-spec.ts';
import type { Reference, Rule } from './relation.ts';

/** A static Pod has no account: its kubelet shows the API server a mirror of it. */
const mirror = 'kubernetes.io/config.mirror';

export const podRunsAs = {
  name: 'pod-runs-as',
  relation: 'runsAs',
  reads: podSpecTypes,
  source: podSpecTypes,
  target: ['ServiceAccount'],
  fields: ['spec.serviceAccountName', 'spec.serviceAccount'],
  dependence: 'source',
  sentence: 'A Pod or template runs as the ServiceAccount it names, or as default; the mirror of a static Pod as none.',
  infer(object, refer) {
    const pod = podSpecOf(object);
    if (!pod || object.metadata.annotations?.[mirror] !== undefined) return;
    const { serviceAccountName, serviceAccount } = pod.spec;
    const old = !isName(serviceAccountName) && isName(serviceAccount);
    const name = isName(serviceAccountName) ? serviceAccountName : old ? serviceAccount : 'default';
    const target = { by: 'name', type: 'ServiceAccount', namespace: object.metadata.namespace, name } as const;
    const field = `${pod.path}.${old ? 'serviceAccount' : 'serviceAccountName'}`;
    refer({ target, field, template: pod.template || undefined });
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
  sentence: 'A Pod or template uses the Secrets that its images are pulled with.',
  infer(object, refer) {
    const pod = podSpecOf(object);
    if (!pod) return;
    const secrets = itemsOf(pod.spec['imagePullSecrets'] as readonly { readonly name?: unknown }[] | undefined);
    for (let i = 0; i < secrets.length; i++) {
      const name = secrets[i]?.name;
      if (!isName(name)) continue;
      const target = { by: 'name', type: 'Secret', namespace: object.metadata.namespace, name } as const;
      refer({ target, field: `${pod.path}.imagePullSecrets[${i}]`, template: pod.template || undefined });
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
  refer({ target, field: `${pod.path}.${key}`, template: pod.template || undefined });
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
