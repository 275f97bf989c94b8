// The structural defaults: what custom kinds refer to that no rule describes, told by the shape and names of their fields.
import { typeOf } from '../../../src/ids.ts';
import type { KubernetesObject } from '../../../src/model.ts';
import type { End, Reference, Rule } from '../relation.ts';
import { scopeOfType } from './scope.ts';
import { type FoundName, type FoundReference, type NamedKind, surveyOf } from './survey.ts';

/** Kinds of the API server's own that are named without their group. */
const plainKinds = new Set([
  ...['Secret', 'ConfigMap', 'Service', 'ServiceAccount', 'PersistentVolumeClaim', 'PersistentVolume', 'Pod', 'Node'],
  ...['Namespace', 'Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job', 'CronJob', 'Ingress', 'StorageClass'],
  ...['PriorityClass', 'ClusterRole', 'Role', 'RuntimeClass', 'IngressClass', 'NetworkPolicy'],
]);

const anyCustom = ['*.*'] as const;

/** Undefined where the place of what is named is not known. */
function endOfReference(object: KubernetesObject, found: FoundReference): End | undefined {
  const { kind, group, name, uid } = found;
  const isSure = group !== undefined || plainKinds.has(kind);
  const type = typeOf(group ?? (plainKinds.has(kind) ? '' : groupOf(object)), kind);
  const scope = scopeOfType(type);
  const namespace = scope === 'cluster' ? undefined : (found.namespace ?? namespaceOf(object));
  const outside = { by: 'name', type, name } as const;
  if (namespace === undefined) return scope === 'namespace' ? undefined : known(outside, uid, isSure);
  const inside = { ...outside, namespace };
  if (uid !== undefined || found.namespace !== undefined || scope === 'namespace') return known(inside, uid, isSure);
  return { by: 'first', of: [inside, outside], ...(isSure ? { otherwise: inside } : {}) };
}

/** What may be of another group is meant only where it is there. */
function known(end: Extract<End, { by: 'name' }>, uid: string | undefined, isSure: boolean): End {
  if (uid !== undefined) return { ...end, by: 'uid', uid, ...(end.namespace === undefined ? {} : { scope: 'either' }) };
  return isSure ? end : { by: 'first', of: [end] };
}

function groupOf({ apiVersion = '' }: KubernetesObject): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}

function namespaceOf({ metadata }: KubernetesObject): string | undefined {
  const { namespace } = metadata;
  return typeof namespace === 'string' && namespace !== '' ? namespace : undefined;
}

function isSelf(object: KubernetesObject, { kind, name, namespace }: FoundReference): boolean {
  const { metadata } = object;
  return kind === object.kind && name === metadata.name && (namespace ?? metadata.namespace) === metadata.namespace;
}

export const structuralReference = {
  name: 'structural-reference',
  relation: 'refersTo',
  reads: anyCustom,
  source: anyCustom,
  target: ['*'],
  fields: ['spec', 'status'],
  dependence: 'none',
  structural: 'references',
  sentence:
    'An object of a custom kind refers to what a field of it names by kind and name, unless another rule says more.',
  infer(object, refer) {
    const { references, leftOut } = surveyOf(object);
    references.forEach((found, i) => {
      if (isSelf(object, found)) return;
      const target = endOfReference(object, found);
      if (target) refer({ target, field: found.path, guess: true, ...more(i, references.length, leftOut) });
    });
  },
} as const satisfies Rule;

/** The last one tells how many more the object names than are taken. */
function more(i: number, of: number, leftOut: number): Pick<Reference, 'notes'> {
  return leftOut > 0 && i === of - 1 ? { notes: { leftOut } } : {};
}

function nameRuleOf(words: Pick<Rule, 'name' | 'relation' | 'target' | 'sentence'>, kinds: readonly NamedKind[]): Rule {
  return {
    ...words,
    reads: anyCustom,
    source: anyCustom,
    fields: ['spec', 'status'],
    dependence: 'none',
    structural: 'names',
    infer(object, refer) {
      const { names, leftOut } = surveyOf(object);
      const last = names.length - 1;
      names.forEach((found, i) => {
        if (!kinds.includes(found.type)) return;
        const target = endOfName(object, found);
        const optional = found.optional ? ({ optional: true } as const) : {};
        if (target) refer({ target, field: found.path, guess: true, ...optional, ...more(i, last + 1, leftOut) });
      });
    },
  };
}

function endOfName(object: KubernetesObject, { type, name, namespace }: FoundName): End | undefined {
  // Whoever serves it may know the class without an object of it.
  if (type === 'IngressClass') return { by: 'first', of: [{ by: 'name', type, name }] };
  if (scopeOfType(type) === 'cluster') return { by: 'name', type, name };
  const place = namespace ?? namespaceOf(object);
  return place === undefined ? undefined : { by: 'name', type, namespace: place, name };
}

export const structuralName: Rule = nameRuleOf(
  {
    name: 'structural-name',
    relation: 'uses',
    target: ['Secret', 'ConfigMap', 'StorageClass', 'PriorityClass', 'RuntimeClass', 'IngressClass'],
    sentence:
      'An object of a custom kind uses the Secrets, ConfigMaps and classes that fields such as secretRef, tlsSecretName, passwordSecret, configMapRef or priorityClassName name, unless another rule says more.',
  },
  ['Secret', 'ConfigMap', 'StorageClass', 'PriorityClass', 'RuntimeClass', 'IngressClass'],
);

export const structuralClaim: Rule = nameRuleOf(
  {
    name: 'structural-claim',
    relation: 'mounts',
    target: ['PersistentVolumeClaim'],
    sentence:
      'An object of a custom kind mounts the claim that persistentVolumeClaim.claimName, or a field persistentVolumeClaimName or pvcName, names, unless another rule says more.',
  },
  ['PersistentVolumeClaim'],
);

export const structuralAccount: Rule = nameRuleOf(
  {
    name: 'structural-account',
    relation: 'runsAs',
    target: ['ServiceAccount'],
    sentence:
      'An object of a custom kind runs as the ServiceAccount that a field serviceAccountName names, unless another rule says more.',
  },
  ['ServiceAccount'],
);

export const structuralNode: Rule = nameRuleOf(
  {
    name: 'structural-node',
    relation: 'refersTo',
    target: ['Node'],
    sentence:
      'An object of a custom kind refers to the Node that a field nodeName names, unless another rule says more.',
  },
  ['Node'],
);
