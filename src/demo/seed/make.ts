// Builds objects of the demo cluster: identity from the name, creation time, and the managed fields that real objects have.
import { createHash } from 'node:crypto';
import type { KubernetesObject, OwnerReference } from '../../model.ts';

export type Fields = { readonly [field: string]: unknown };
export type Labels = { readonly [key: string]: string };

/** An object besides type and name; fields outside of metadata go into the object unchanged. */
export interface Description {
  readonly labels?: Labels;
  readonly annotations?: Labels;
  readonly owners?: readonly OwnerReference[];
  readonly finalizers?: readonly string[];
  readonly generateName?: string;
  readonly createdAt?: string;
  readonly [field: string]: unknown;
}

/** When most of the cluster was created. */
export const birth = '2026-11-20T16:55:00Z';

/** A UID determined by the words. */
export function uidOf(...words: string[]): string {
  const hex = createHash('sha1').update(words.join('/')).digest('hex');
  const variant = ((Number.parseInt(hex.slice(16, 18), 16) & 0x3f) | 0x80).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `${variant}${hex.slice(18, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}

const alphabet = 'bcdfghjklmnpqrstvwxz2456789';

/** Letters as in generated names, determined by the words. */
export function suffixOf(length: number, ...words: string[]): string {
  const bytes = createHash('sha1').update(words.join('/')).digest();
  return Array.from({ length }, (_, i) => alphabet[(bytes[i] ?? 0) % alphabet.length]).join('');
}

/**
 * With a namespace: `make('apps/v1', 'Deployment', 'web/storefront', { spec })`. Without: `make('v1', 'Node', 'node-b',
 * …)`.
 */
export function make(apiVersion: string, kind: string, path: string, description: Description = {}): KubernetesObject {
  const { labels, annotations, owners, finalizers, generateName, createdAt = birth, ...body } = description;
  const slash = path.indexOf('/');
  const name = path.slice(slash + 1);
  const metadata = {
    name,
    ...(generateName && { generateName }),
    ...(slash > 0 && { namespace: path.slice(0, slash) }),
    uid: uidOf(apiVersion, kind, path),
    ...(body['spec'] !== undefined && { generation: 1 }),
    creationTimestamp: createdAt,
    ...(labels && { labels }),
    ...(annotations && { annotations }),
    ...(owners && { ownerReferences: owners }),
    ...(finalizers && { finalizers }),
    managedFields: managedFields(apiVersion, createdAt, body, labels),
  };
  return { kind, apiVersion, metadata, ...body };
}

function managedFields(apiVersion: string, time: string, body: Fields, labels: Labels | undefined): object[] {
  const fields = (object: Fields) => Object.fromEntries(Object.keys(object).map((key) => [`f:${key}`, {}]));
  const inner = Object.entries(body).map(([key, value]) => [`f:${key}`, isFields(value) ? fields(value) : {}]);
  const metadata = labels ? { 'f:metadata': { 'f:labels': { '.': {}, ...fields(labels) } } } : {};
  const fieldsV1 = { ...metadata, ...(Object.fromEntries(inner) as Fields) };
  return [
    { manager: 'kubectl-client-side-apply', operation: 'Update', apiVersion, time, fieldsType: 'FieldsV1', fieldsV1 },
  ];
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Owner reference to `owner`; controller by default. */
export function ownedBy(owner: KubernetesObject, controller = true): OwnerReference {
  const { apiVersion = 'v1', kind = '', metadata } = owner;
  const reference = { apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '' };
  return controller ? ({ ...reference, controller, blockOwnerDeletion: true } as OwnerReference) : reference;
}

/** A condition such as `Ready`. */
export function condition(type: string, status = 'True', more: Fields = {}): Fields {
  return { type, status, lastTransitionTime: birth, ...more };
}
