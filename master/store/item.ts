// Makes of an object what the graph keeps of it: its properties as text, what selectors and queries ask of it, and what
// it refers to. Pure but for the object, a fresh parse, which is reduced in place.

import { resourceId } from '../../src/ids.ts';
import type { KubernetesObject } from '../../src/model.ts';
import { redactObject } from '../../src/redact.ts';
import type { Item } from '../graph/engine.ts';
import type { Labels } from '../graph/vertex.ts';
import type { Kind, Part } from '../kinds/kind.ts';
import { reduceMeta } from '../kinds/reduce.ts';
import type { Infer } from './infer.ts';

export interface ItemMaker {
  /** The object reduced and redacted. The object handed in may not be used any more. */
  reduce(kind: Kind, object: KubernetesObject): KubernetesObject;
  fromObject(type: string, object: KubernetesObject, resourceVersion: string): Item;
  fromPart(part: Part): Item;
}

export function createItemMaker(infer: Infer, keepValues: boolean): ItemMaker {
  return {
    reduce(kind, object) {
      reduceMeta(object);
      if (!keepValues) redactObject(object);
      return kind.reduce ? kind.reduce(object) : object;
    },
    fromObject(type, object, resourceVersion) {
      const { name } = object.metadata;
      const [namespace, uid] = [textAt(object.metadata, 'namespace'), textAt(object.metadata, 'uid')];
      const id = resourceId(type, name, namespace);
      return { ...itemOf(type, id, name, object, infer), namespace, uid, resourceVersion };
    },
    fromPart({ type, id, label, object }) {
      const { namespace = '' } = object.metadata;
      return { ...itemOf(type, id, label, object, infer), namespace, uid: '', resourceVersion: '' };
    },
  };
}

type Common = Omit<Item, 'namespace' | 'uid' | 'resourceVersion'>;

function itemOf(type: string, id: string, label: string, object: KubernetesObject, infer: Infer): Common {
  const { labels, ownerReferences, name } = object.metadata;
  return {
    id,
    type,
    name,
    label,
    alternateLabel: '',
    labels: labelsOf(labels),
    controlled: Array.isArray(ownerReferences) && ownerReferences.some((owner) => owner?.controller === true),
    nodeName: textAt(object['spec'], 'nodeName'),
    phase: textAt(object['status'], 'phase'),
    references: infer(type, object),
    properties: JSON.stringify(object),
  };
}

/** Labels are texts; what a hostile object has beside them is left out. */
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

function textAt(fields: unknown, name: string): string {
  const value =
    typeof fields === 'object' && fields !== null ? (fields as { [key: string]: unknown })[name] : undefined;
  return typeof value === 'string' ? value : '';
}
