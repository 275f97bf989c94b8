// The contract of a relation rule: a pure function of one object that says what the object refers to. It never looks
// anything up; the engine resolves what it yields and keeps it resolved.
import type { KubernetesObject, LabelSelector } from '../../src/model.ts';

/** Where a set of targets is looked for: one namespace, all, or those whose Namespace carries the labels. */
export type Namespaces =
  | { readonly in: readonly string[] }
  | { readonly all: true }
  | { readonly labels: LabelSelector };

/** One object, by name. `namespace` is absent for what is cluster-scoped. */
export interface NameEnd {
  readonly by: 'name';
  readonly type: string;
  readonly namespace?: string | undefined;
  readonly name: string;
}

/** One incarnation of an object: another object of that name with another UID is not it. */
export interface UidEnd {
  readonly by: 'uid';
  readonly type: string;
  readonly namespace?: string | undefined;
  readonly name: string;
  readonly uid: string;
  /** A rule cannot know whether a custom kind is namespaced: looked for in the namespace first, then as cluster-scoped. */
  readonly scope?: 'either';
}

/** Every object of a type whose labels match. */
export interface LabelsEnd {
  readonly by: 'labels';
  readonly type: string;
  readonly namespaces: Namespaces;
  readonly selector: LabelSelector;
  /** Only objects without a controller owner reference: what a controller of another kind holds is not taken. */
  readonly orphansOnly?: true;
}

/** Every object of a type in some namespaces. For cluster-scoped types `namespaces` is `{ all: true }`. */
export interface KindEnd {
  readonly by: 'kind';
  readonly type: string;
  readonly namespaces: Namespaces;
}

/**
 * What an index knows under a key: an image by any of its digests, a Pod or container by an address, or, under
 * `default`, the object of the type `key` that is annotated as the default (of several the newest).
 */
export interface KeyEnd {
  readonly by: 'key';
  readonly index: 'image' | 'address' | 'default';
  readonly key: string;
}

/** The Cluster itself, whose name a rule does not know. */
export interface ClusterEnd {
  readonly by: 'cluster';
}

export type End = NameEnd | UidEnd | LabelsEnd | KindEnd | KeyEnd | ClusterEnd;

/** One thing an object says. An end left out is the object itself; at least one is given, and at most one is a set. */
export interface Reference {
  readonly source?: End;
  readonly target?: End;
  /** The exact path of the field that says it, such as `spec.containers[0].envFrom[1].secretRef`. */
  readonly field: string;
  readonly optional?: boolean | undefined;
  /** Said by a template; the objects made from it say it again. */
  readonly template?: boolean | undefined;
  readonly ready?: boolean | undefined;
  /** Further annotations of the relation, such as a weight or a port. Scalars only. */
  readonly notes?: { readonly [name: string]: string | number | boolean };
}

/** Which end suffers when the other goes: `source` means the source depends on the target. */
export type Dependence = 'source' | 'target' | 'none';

export interface Rule {
  /** kebab-case, unique: what `annotations.rule` says. */
  readonly name: string;
  /** The relation's type, such as `uses`. */
  readonly relation: string;
  /** Types of the objects it reads; `*` is every object of the API. */
  readonly reads: readonly string[];
  /** Types its relations may start and end at, for the docs: `*` is any. */
  readonly source: readonly string[];
  readonly target: readonly string[];
  /** The fields it reads, as patterns: `spec.containers[].env[].valueFrom.secretKeyRef`. */
  readonly fields: readonly string[];
  readonly dependence: Dependence;
  /** One sentence for people. */
  readonly sentence: string;
  /** Hands each reference of `object` to `refer`. May throw on a malformed object: that costs this rule for this object alone. */
  infer(object: KubernetesObject, refer: (reference: Reference) => void): void;
}
