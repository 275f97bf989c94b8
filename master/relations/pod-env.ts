// ConfigMaps and Secrets in containers' environments, by key or whole.
import { isName, itemsOf } from '../../src/fields.ts';
import type { KubernetesObject } from '../../src/model.ts';
import { containerLists, marksOf, podSpecOf, podSpecTypes } from '../../src/pod-spec.ts';
import type { Reference, Rule } from './relation.ts';

interface NamedRef {
  readonly name?: unknown;
  readonly optional?: unknown;
}

interface Env {
  readonly valueFrom?: { readonly [source: string]: NamedRef | undefined } | null;
}

type EnvFrom = { readonly [source: string]: NamedRef | undefined };

interface Found {
  readonly object: KubernetesObject;
  readonly type: 'ConfigMap' | 'Secret';
  readonly marks: ReturnType<typeof marksOf>;
  readonly refer: (reference: Reference) => void;
}

function point(found: Found, ref: NamedRef | null | undefined, field: string): void {
  if (!isName(ref?.name)) return;
  const target = { by: 'name', type: found.type, namespace: found.object.metadata.namespace, name: ref.name } as const;
  found.refer({ target, field, optional: ref.optional === true || undefined, ...found.marks });
}

/** Calls `read` for each container of each list with its path. */
function eachContainerOf(
  object: KubernetesObject,
  type: Found['type'],
  refer: Found['refer'],
  read: (found: Found, container: { readonly [field: string]: unknown }, list: string, index: number) => void,
): void {
  const pod = podSpecOf(object);
  if (!pod) return;
  const found: Found = { object, type, marks: marksOf(pod), refer };
  for (const list of containerLists) {
    const containers = itemsOf(pod.spec[list]);
    for (let i = 0; i < containers.length; i++) {
      const container = containers[i];
      if (container) read(found, container, `${pod.path}.${list}`, i);
    }
  }
}

function env(key: string) {
  return (found: Found, container: { readonly [field: string]: unknown }, list: string, index: number): void => {
    const variables = itemsOf(container['env'] as readonly Env[] | undefined);
    for (let i = 0; i < variables.length; i++) {
      const ref = variables[i]?.valueFrom?.[key];
      if (ref) point(found, ref, `${list}[${index}].env[${i}].valueFrom.${key}`);
    }
  };
}

function envFrom(key: string) {
  return (found: Found, container: { readonly [field: string]: unknown }, list: string, index: number): void => {
    const sources = itemsOf(container['envFrom'] as readonly EnvFrom[] | undefined);
    for (let i = 0; i < sources.length; i++) {
      const ref = sources[i]?.[key];
      if (ref) point(found, ref, `${list}[${index}].envFrom[${i}].${key}`);
    }
  };
}

const configMapKey = env('configMapKeyRef');
const secretKey = env('secretKeyRef');
const configMapAll = envFrom('configMapRef');
const secretAll = envFrom('secretRef');

export const podEnvConfigMap = {
  name: 'pod-env-config-map',
  relation: 'uses',
  reads: podSpecTypes,
  source: podSpecTypes,
  target: ['ConfigMap'],
  fields: ['spec.containers[].env[].valueFrom.configMapKeyRef'],
  dependence: 'source',
  sentence: 'A Pod or template uses the ConfigMaps whose keys its containers read into environment variables.',
  infer: (object, refer) => eachContainerOf(object, 'ConfigMap', refer, configMapKey),
} as const satisfies Rule;

export const podEnvSecret = {
  name: 'pod-env-secret',
  relation: 'uses',
  reads: podSpecTypes,
  source: podSpecTypes,
  target: ['Secret'],
  fields: ['spec.containers[].env[].valueFrom.secretKeyRef'],
  dependence: 'source',
  sentence: 'A Pod or template uses the Secrets whose keys its containers read into environment variables.',
  infer: (object, refer) => eachContainerOf(object, 'Secret', refer, secretKey),
} as const satisfies Rule;

export const podEnvFromConfigMap = {
  name: 'pod-env-from-config-map',
  relation: 'uses',
  reads: podSpecTypes,
  source: podSpecTypes,
  target: ['ConfigMap'],
  fields: ['spec.containers[].envFrom[].configMapRef'],
  dependence: 'source',
  sentence: 'A Pod or template uses the ConfigMaps that its containers load as environment variables (envFrom).',
  infer: (object, refer) => eachContainerOf(object, 'ConfigMap', refer, configMapAll),
} as const satisfies Rule;

export const podEnvFromSecret = {
  name: 'pod-env-from-secret',
  relation: 'uses',
  reads: podSpecTypes,
  source: podSpecTypes,
  target: ['Secret'],
  fields: ['spec.containers[].envFrom[].secretRef'],
  dependence: 'source',
  sentence: 'A Pod or template uses the Secrets that its containers load as environment variables (envFrom).',
  infer: (object, refer) => eachContainerOf(object, 'Secret', refer, secretAll),
} as const satisfies Rule;
