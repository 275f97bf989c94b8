// Structural defaults: references of custom kinds without a rule, recognized by shape and names of fields.
import { typeOf } from '../../../src/ids.ts';
import type { KubernetesObject } from '../../../src/model.ts';
import type { End, Reference, Rule } from '../relation.ts';
import { scopeOfType } from './scope.ts';
import { type FoundName, type FoundReference, type NamedKind, surveyOf } from './survey.ts';

/** Built-in kinds that are named without their group. */
const plainKinds = new Set([
  ...['Secret', 'ConfigMap', 'Service', 'ServiceAccount', 'PersistentVolumeClaim', 'PersistentVolume', 'Pod', 'Node'],
  ...['Namespace', 'Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job', 'CronJob', 'Ingress', 'StorageClass'],
  ...['PriorityClass', 'ClusterRole', 'Role', 'RuntimeClass', 'IngressClass', 'NetworkPolicy'],
]);

const anyCustom = ['*.*'] as const;

/** Undefined if the place of the named object is unknown. */
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

/** An object of a guessed group counts only if it exists. */
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
    'A custom object refers to the object that a field names by kind and name, unless a more specific rule covers it.',
  infer(object, refer) {
    const { references, leftOut } = surveyOf(object);
    references.forEach((found, i) => {
      if (isSelf(object, found)) return;
      const target = endOfReference(object, found);
      if (target) refer({ target, field: found.path, guess: true, ...more(i, references.length, leftOut) });
    });
  },
} as const satisfies Rule;

/** The last one reports the number of further ones. */
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
  // Its server may know the class without an object.
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
      'A custom object uses the Secrets, ConfigMaps and classes named in fields such as secretRef, tlsSecretName, passwordSecret, configMapRef or priorityClassName, unless a more specific rule covers it.',
  },
  ['Secret', 'ConfigMap', 'StorageClass', 'PriorityClass', 'RuntimeClass', 'IngressClass'],
);

export const structuralClaim: Rule = nameRuleOf(
  {
    name: 'structural-claim',
    relation: 'mounts',
    target: ['PersistentVolumeClaim'],
    sentence:
      'A custom object mounts the PersistentVolumeClaim named in a field persistentVolumeClaim.claimName, persistentVolumeClaimName or pvcName, unless a more specific rule covers it.',
  },
  ['PersistentVolumeClaim'],
);

export const structuralAccount: Rule = nameRuleOf(
  {
    name: 'structural-account',
    relation: 'runsAs',
    target: ['ServiceAccount'],
    sentence:
      'A custom object runs as the ServiceAccount named in a field serviceAccountName, unless a more specific rule covers it.',
  },
  ['ServiceAccount'],
);

export const structuralNode: Rule = nameRuleOf(
  {
    name: 'structural-node',
    relation: 'refersTo',
    target: ['Node'],
    sentence: 'A custom object refers to the Node named in a field nodeName, unless a more specific rule covers it.',
  },
  ['Node'],
);
