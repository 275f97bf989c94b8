// Turns an object into an item: reduced and redacted (reduce-object.ts), then with its text, fields and references (item-of.ts).
// Pure, except that it reduces the freshly parsed object in place.

import { typeOfReference } from '../../src/ids.ts';
import type { KubernetesObject } from '../../src/model.ts';
import type { Item } from '../graph/engine/engine.ts';
import { noLimit } from '../graph/engine/relation-limit.ts';
import type { Kind, Part } from '../kinds/kind.ts';
import { idOf } from './id-of.ts';
import type { ImageObservation } from './images/images.ts';
import type { Infer } from './infer.ts';
import { itemOf, textAt } from './item-of.ts';
import { reduceObject } from './reduce-object.ts';
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
    return reduceObject(kind, object, this.#keepValues ? undefined : (this.#infer.secretNamesOf?.(type) ?? []));
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
