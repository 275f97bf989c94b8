// The contract of a kind: how one kind of the API is found, read and reduced.
import type { KubernetesObject } from '../../src/model.ts';

/** A resource contained in an object, such as a Pod's containers. */
export interface Part {
  readonly type: string;
  /** Its id, from src/ids.ts. */
  readonly id: string;
  readonly label: string;
  /** The part as an object: `metadata.name`, `metadata.namespace` and other fields. Rules read it like any object. */
  readonly object: KubernetesObject;
}

export interface Kind {
  /** As Kubernetes writes it: `Pod`. */
  readonly kind: string;
  readonly group: string;
  /** Supported served versions, best first. */
  readonly versions: readonly string[];
  /** Plural as in URLs: `pods`. */
  readonly plural: string;
  readonly namespaced: boolean;
  /** Its scope is unknown: the namespace shown for its objects is assumed. */
  readonly scopeUnknown?: true;
  /** Further names: short names and the names of 2015. */
  readonly aliases?: readonly string[];
  /** `metadata`: requests only PartialObjectMetadata. */
  readonly read?: 'metadata';
  /** Not read unless configured. */
  readonly optIn?: true;
  /** Not granted by the default role. */
  readonly restricted?: true;
  /**
   * Reduces `object`, a fresh parse with no other users, to what is stored. managedFields, resourceVersion and secrets are
   * removed before, for all kinds.
   */
  reduce?(object: KubernetesObject): KubernetesObject;
  /** The resources that it contains. */
  parts?(object: KubernetesObject): Part[];
}
