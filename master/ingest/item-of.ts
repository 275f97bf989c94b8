// The item of a reduced object: its properties as text, its selectable fields and its references.
import type { KubernetesObject } from '../../src/model.ts';
import { markOf } from '../applications/mark.ts';
import type { Item } from '../graph/engine/engine.ts';
import { type Fields, fieldPaths } from '../graph/model/fields.ts';
import type { Labels } from '../graph/model/vertex.ts';
import { healthOf } from '../health/index.ts';
import type { Infer } from './infer.ts';

/** What an object's metadata may say of where and what it is. */
type Place = { readonly namespace: string; readonly uid: string; readonly resourceVersion: string };

export function itemOf(
  type: string,
  id: string,
  label: string,
  object: KubernetesObject,
  { namespace, uid, resourceVersion }: Place,
  infer: Infer,
): Item {
  const { labels, ownerReferences, name } = object.metadata;
  return {
    id,
    type,
    namespace,
    name,
    uid,
    resourceVersion,
    label,
    labels: labelsOf(labels),
    controlled: Array.isArray(ownerReferences) && ownerReferences.some((owner) => owner?.controller === true),
    fields: fieldsOf(object),
    health: healthOf(type, object),
    mark: markOf(object),
    references: infer(type, object),
    properties: JSON.stringify(object),
  };
}

/** Those fields that have string values. */
function fieldsOf(object: KubernetesObject): Fields | undefined {
  let fields: { [path: string]: string } | undefined;
  for (const [field, path] of fieldPaths) {
    let value: unknown = object;
    for (const name of path)
      value = typeof value === 'object' && value !== null ? (value as Unchecked)[name] : undefined;
    if (typeof value === 'string' && value !== '') (fields ??= {})[field] = value;
  }
  return fields;
}

/** Labels are strings; other values of a hostile object are dropped. */
function labelsOf(labels: unknown): Labels | undefined {
  if (typeof labels !== 'object' || labels === null || Array.isArray(labels)) return undefined;
  let any = false;
  for (const name in labels) {
    if (typeof (labels as { [name: string]: unknown })[name] !== 'string') return textsOf(labels);
    any = true;
  }
  return any ? (labels as Labels) : undefined;
}

function textsOf(labels: object): Labels | undefined {
  const texts = Object.entries(labels).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return texts.length > 0 ? Object.fromEntries(texts) : undefined;
}

type Unchecked = { readonly [name: string]: unknown };

/** Empty if it is no text. */
export function textAt(fields: unknown, name: string): string {
  const value = typeof fields === 'object' && fields !== null ? (fields as Unchecked)[name] : undefined;
  return typeof value === 'string' ? value : '';
}
