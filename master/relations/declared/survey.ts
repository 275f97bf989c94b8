// Finds by shape what an object of a kind that nobody has described refers to: one walk through its fields. What is
// written out inside it as an object of its own speaks for itself once it exists, and maybe of another cluster: it is left out.
import { isName, isRecord } from '../../../src/fields.ts';
import { groupOf } from '../../../src/ids.ts';
import type { KubernetesObject } from '../../../src/model.ts';
import { below } from './path.ts';
import { isKindName, isObjectName } from './scope.ts';

type Fields = { readonly [field: string]: unknown };

/** An object named by kind. `group` is undefined where it is not said. */
export interface FoundReference {
  readonly path: string;
  readonly kind: string;
  readonly group: string | undefined;
  readonly name: string;
  readonly namespace: string | undefined;
  readonly uid: string | undefined;
}

export type NamedKind =
  | 'Secret'
  | 'ConfigMap'
  | 'ServiceAccount'
  | 'StorageClass'
  | 'PriorityClass'
  | 'RuntimeClass'
  | 'IngressClass'
  | 'PersistentVolumeClaim'
  | 'Node';

/** An object of a kind that the name of the field tells. */
export interface FoundName {
  readonly path: string;
  readonly type: NamedKind;
  readonly name: string;
  readonly namespace: string | undefined;
  readonly optional: boolean;
}

/** A template of Pods, or the spec of one alone. */
export interface FoundTemplate {
  readonly path: string;
  readonly template: { readonly metadata?: unknown; readonly spec: Fields };
  /** `template` has no metadata: the path is that of the spec. */
  readonly bare: boolean;
}

export interface Survey {
  readonly references: readonly FoundReference[];
  readonly names: readonly FoundName[];
  readonly templates: readonly FoundTemplate[];
  /** How many more there were. */
  readonly leftOut: number;
}

/** How much is taken of one object. */
const most = 500;
const mostTemplates = 50;
/** Levels below the object. */
const deepest = 40;

const surveys = new WeakMap<KubernetesObject, Survey>();

/** The object may not be changed while it is asked about. */
export function surveyOf(object: KubernetesObject): Survey {
  const known = surveys.get(object);
  if (known) return known;
  const walk = new Walk(object);
  for (const key of Object.keys(object)) {
    if (key === 'metadata' || key === 'kind' || key === 'apiVersion') continue;
    walk.value((object as unknown as Fields)[key], key, key, 1);
  }
  surveys.set(object, walk);
  return walk;
}

/** Fields that say that an object is about another cluster: only what stands in them is meant here. */
const remoteFields = new Set([
  'kubeConfig',
  'kubeconfig',
  'kubeConfigSecretRef',
  'kubeconfigSecretRef',
  'kubeConfigRef',
]);

const byKey: readonly (readonly [NamedKind, RegExp])[] = [
  ['Secret', /(?:^s|S)ecret(?:Key)?(?:Refs?|Reference|Names?)$|^imagePullSecrets$/],
  ['ConfigMap', /(?:^c|C)onfigMap(?:Key)?(?:Refs?|Name)$/],
  ['ServiceAccount', /(?:^s|S)erviceAccount(?:Ref|Name)$/],
  ['StorageClass', /(?:^s|S)torageClassName$/],
  ['PriorityClass', /(?:^p|P)riorityClassName$/],
  ['RuntimeClass', /^runtimeClassName$/],
  ['IngressClass', /^ingressClassName$/],
  ['PersistentVolumeClaim', /^(?:persistentVolumeClaim|pvc)Name$/],
  ['Node', /^nodeName$/],
];
/** A text at these may be the secret itself: what names one is a record such as `{name, key}`. */
const byRecord: typeof byKey = [
  ['Secret', /(?:^s|S)ecrets?$/],
  ['ConfigMap', /(?:^c|C)onfigMaps?$/],
];
/** As Pods have it in their volumes, where the field of the name says little. */
const claimPath = /(?:^|\.)persistentVolumeClaim\.claimName$/;
/** Most keys of most objects end otherwise. */
const mayName = /(?:Refs?|Reference|Names?|[sS]ecrets?|onfigMaps?)$/;

function typeOfKey(key: string, path: string, value: unknown): NamedKind | undefined {
  if (!mayName.test(key)) return undefined;
  if (key === 'claimName') return claimPath.test(path) ? 'PersistentVolumeClaim' : undefined;
  const known = byKey.find(([, form]) => form.test(key))?.[0];
  return known ?? (isSelector(value) ? byRecord.find(([, form]) => form.test(key))?.[0] : undefined);
}

const ofSelectors: ReadonlySet<string> = new Set([
  ...['name', 'key', 'namespace', 'optional', 'items', 'defaultMode', 'group', 'apiVersion', 'resourceVersion', 'uid'],
]);

/** What names an object, maybe a key of it, and says nothing more. */
function isSelector(value: unknown): boolean {
  return isRecord(value) && isName(value['name']) && Object.keys(value).every((key) => ofSelectors.has(key));
}

class Walk implements Survey {
  readonly references: FoundReference[] = [];
  readonly names: FoundName[] = [];
  readonly templates: FoundTemplate[] = [];
  leftOut = 0;
  readonly #remote: boolean;

  constructor(object: KubernetesObject) {
    const { spec } = object as { spec?: unknown };
    this.#remote = isRecord(spec) && Object.keys(spec).some((key) => remoteFields.has(key));
  }

  /** `key` is the name of the field, also of what stands in a list there. */
  value(value: unknown, key: string, path: string, depth: number): void {
    if (depth > deepest) return;
    if (Array.isArray(value)) {
      (value as unknown[]).forEach((each, i) => this.value(each, key, `${path}[${i}]`, depth + 1));
      return;
    }
    const isLocal = !this.#remote || /(?:^|\.)kube-?config/i.test(path);
    const type = isLocal ? typeOfKey(key, path, value) : undefined;
    if (type && this.#name(value, type, path)) return;
    if (!isRecord(value) || isObject(value) || key === 'openAPIV3Schema') return;
    if (this.#template(value, path, depth)) return;
    if (isLocal) this.#reference(value, path);
    for (const inner of Object.keys(value)) this.value(value[inner], inner, below(path, inner), depth + 1);
  }

  #name(value: unknown, type: NamedKind, path: string): boolean {
    const record = isRecord(value) ? value : undefined;
    // One that says a kind is a reference like any other.
    if (record && isName(record['kind'])) return false;
    const name = record ? record['name'] : value;
    if (!isObjectName(name)) return false;
    const namespace = isName(record?.['namespace']) ? record['namespace'] : undefined;
    const optional = record?.['optional'] === true;
    this.#add(this.names, { path, type, name, namespace, optional });
    return true;
  }

  #reference(value: Fields, path: string): void {
    const { kind, name, namespace, uid } = value;
    if (!isKindName(kind) || !isObjectName(name)) return;
    const group = groupIn(value);
    const found = { path, kind, group, name, namespace: textual(namespace), uid: textual(uid) };
    this.#add(this.references, found);
  }

  /** `spec` at the top is no template: some kinds are configured as Pods are. */
  #template(value: Fields, path: string, depth: number): boolean {
    if (depth === 1) return false;
    const { spec, metadata } = value;
    if (isPodSpec(spec)) return this.#addTemplate({ path, template: { metadata, spec }, bare: false });
    return isPodSpec(value) && this.#addTemplate({ path, template: { spec: value }, bare: true });
  }

  #addTemplate(found: FoundTemplate): boolean {
    if (this.templates.length < mostTemplates) this.templates.push(found);
    else this.leftOut++;
    return true;
  }

  #add<T>(list: T[], found: T): void {
    if (this.references.length + this.names.length < most) list.push(found);
    else this.leftOut++;
  }
}

function textual(value: unknown): string | undefined {
  return isName(value) ? value : undefined;
}

function groupIn(value: Fields): string | undefined {
  const { group, apiGroup, apiVersion } = value;
  if (typeof group === 'string') return group;
  if (typeof apiGroup === 'string') return apiGroup;
  return isName(apiVersion) ? groupOf(apiVersion) : undefined;
}

/** A whole object, of this cluster or another. */
function isObject({ apiVersion, kind, metadata }: Fields): boolean {
  return isName(apiVersion) && isName(kind) && isRecord(metadata);
}

function isPodSpec(value: unknown): value is Fields {
  if (!isRecord(value)) return false;
  const { containers } = value;
  return Array.isArray(containers) && containers.length > 0 && (containers as unknown[]).every(isContainer);
}

const ofContainers = ['image', 'env', 'envFrom', 'resources', 'args', 'command', 'ports', 'volumeMounts'] as const;

function isContainer(value: unknown): boolean {
  if (!isRecord(value)) return false;
  return isName(value['image']) || (isName(value['name']) && ofContainers.some((field) => field in value));
}
