// Turns an object into an item: its properties as text, its selectable fields and its references. Pure, except that it
// reduces the freshly parsed object in place.

import { typeOfReference } from '../../src/ids.ts';
import type { KubernetesObject } from '../../src/model.ts';
import { redactObject } from '../../src/redact.ts';
import { markOf } from '../applications/mark.ts';
import type { Item } from '../graph/engine/engine.ts';
import { noLimit } from '../graph/engine/relation-limit.ts';
import { type Fields, fieldPaths } from '../graph/model/fields.ts';
import type { Labels } from '../graph/model/vertex.ts';
import { healthOf } from '../health/index.ts';
import type { Kind, Part } from '../kinds/kind.ts';
import { reduceMeta } from '../kinds/reduce.ts';
import type { Found, Path } from '../relations/declared/path.ts';
import { idOf } from './id-of.ts';
import type { ImageObservation } from './images/images.ts';
import type { Infer } from './infer.ts';
import { imagesOf } from './show-images.ts';

/** Everything the graph needs to know of an object, computed without looking at anything else. */
export interface Prepared {
  readonly item: Item;
  /** Undefined for kinds without parts. */
  readonly parts: readonly PreparedPart[] | undefined;
  /** Generation of the rules used. */
  readonly generation?: number;
}

export interface PreparedPart {
  readonly item: Item;
  readonly images: readonly ImageObservation[];
}

export class ItemMaker {
  readonly #infer: Infer;
  readonly #keepValues: boolean;
  readonly #generation: () => number;

  /** `keepValues`: nothing is redacted. `generation` grows with each change of the rules. */
  constructor(infer: Infer, keepValues: boolean, generation: () => number = () => 0) {
    this.#infer = infer;
    this.#keepValues = keepValues;
    this.#generation = generation;
  }

  /**
   * Consumes the object: do not use it afterwards.
   * @throws TypeError, Error if the object is unusable.
   */
  prepare(kind: Pick<Kind, 'reduce' | 'parts'>, type: string, object: KubernetesObject): Prepared {
    const id = idOf(type, object);
    if (id === undefined) throw new Error('it has no name');
    const resourceVersion = textAt(object.metadata, 'resourceVersion');
    const reduced = this.#reduced(kind, type, object);
    const parts = kind
      .parts?.(reduced)
      .slice(0, noLimit.ofOneObject)
      .map((part) => ({ item: this.fromPart(part), images: imagesOf(part.object) }));
    return { item: this.#fromObject(type, id, reduced, resourceVersion), parts, generation: this.#generation() };
  }

  /** Reduces and redacts the object, and consumes it. */
  reduce(kind: Pick<Kind, 'reduce'>, object: KubernetesObject): KubernetesObject {
    return this.#reduced(kind, typeOfObject(object), object);
  }

  fromPart({ type, id, label, object }: Part): Item {
    const { namespace = '' } = object.metadata;
    return itemOf(type, id, label, object, { namespace, uid: '', resourceVersion: '' }, this.#infer);
  }

  /** The item with some fields replaced; undefined removes a field. */
  with(item: Item, fields: { readonly [field: string]: unknown }): Item {
    const object = { ...(JSON.parse(String(item.properties)) as KubernetesObject), ...fields };
    return { ...item, references: this.#infer(item.type, object), properties: JSON.stringify(object) };
  }

  /** Infers again if the rules have changed since. */
  renewed(prepared: Prepared): Prepared {
    const generation = this.#generation();
    if ((prepared.generation ?? 0) === generation) return prepared;
    const { item } = prepared;
    const object = JSON.parse(String(item.properties)) as KubernetesObject;
    return { ...prepared, item: { ...item, references: this.#infer(item.type, object) }, generation };
  }

  #reduced(kind: Pick<Kind, 'reduce'>, type: string, object: KubernetesObject): KubernetesObject {
    reduceMeta(object);
    if (!this.#keepValues) redactButNames(object, this.#infer.secretNamesOf?.(type) ?? []);
    return kind.reduce ? kind.reduce(object) : object;
  }

  #fromObject(type: string, id: string, object: KubernetesObject, resourceVersion: string): Item {
    const { name } = object.metadata;
    const [namespace, uid] = [textAt(object.metadata, 'namespace'), textAt(object.metadata, 'uid')];
    return itemOf(type, id, name, object, { namespace, uid, resourceVersion }, this.#infer);
  }
}

function typeOfObject({ apiVersion, kind = '' }: KubernetesObject): string {
  return typeOfReference(apiVersion, kind);
}

/** An object's name, optionally after its namespace. */
const objectName = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(\/[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?)?$/;

/** Keeps texts that a rule reads as names of Secrets, although redaction would remove them because of their fields' names. */
function redactButNames(object: KubernetesObject, names: readonly Path[]): void {
  const kept: Found[] = [];
  for (const path of names) {
    path.visit(object, (found) => {
      if (typeof found.value === 'string' && objectName.test(found.value)) kept.push(found);
    });
  }
  redactObject(object);
  for (const found of kept) found.replace(found.value);
}

type Place = { readonly namespace: string; readonly uid: string; readonly resourceVersion: string };

function itemOf(
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

function textAt(fields: unknown, name: string): string {
  const value = typeof fields === 'object' && fields !== null ? (fields as Unchecked)[name] : undefined;
  return typeof value === 'string' ? value : '';
}
