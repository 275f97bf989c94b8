// The contract of a kind: how one kind of the API is found, read and reduced.
import type { KubernetesObject } from '../../src/model.ts';

/** A resource that an object holds inside itself, such as the containers of a Pod. */
export interface Part {
  readonly type: string;
  /** The part's id, made by src/ids.ts. */
  readonly id: string;
  readonly label: string;
  /** The part as an object of its own: `metadata.name`, `metadata.namespace`, and what else it has. Rules read it like any other object. */
  readonly object: KubernetesObject;
}

export interface Kind {
  /** As Kubernetes writes it: `Pod`. */
  readonly kind: string;
  readonly group: string;
  /** Served versions this code can read, best first. */
  readonly versions: readonly string[];
  /** Plural, as in the URL: `pods`. */
  readonly plural: string;
  readonly namespaced: boolean;
  /** Nothing tells whether it is in namespaces, nor do its objects: the namespace that they are shown in is assumed. */
  readonly scopeUnknown?: true;
  /** Other names people use: short names and the names of 2015. */
  readonly aliases?: readonly string[];
  /** `metadata` asks the API server for PartialObjectMetadata only. */
  readonly read?: 'metadata';
  /** Out unless a switch names it. */
  readonly optIn?: true;
  /** Not granted by the default role. */
  readonly restricted?: true;
  /** Changes `object`, a fresh parse that nobody else holds, to what is kept of it. managedFields, resourceVersion and redaction are done for every kind before. */
  reduce?(object: KubernetesObject): KubernetesObject;
  /** The resources inside it. */
  parts?(object: KubernetesObject): Part[];
}
