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
  /** Where several clusters are one graph: its id, which says the cluster, too. */
  readonly id?: string | undefined;
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
  /** `status.phase` of objects that are not taken, such as those of finished Pods. */
  readonly phaseNot?: readonly string[];
  /** Not objects of the type, but objects that state a template of one: their `TemplateFact` has the labels. */
  readonly templates?: true;
  /** Only those of these names, in any of the namespaces. */
  readonly names?: readonly string[];
  readonly notNames?: readonly string[];
  readonly namePrefix?: string;
}

/** Every object of a type in some namespaces. For cluster-scoped types `namespaces` is `{ all: true }`. */
export interface KindEnd {
  readonly by: 'kind';
  readonly type: string;
  readonly namespaces: Namespaces;
}

/**
 * What an index knows under a key: an image by any of its digests, and every object that states a `KeyFact` there. Of
 * several that state it the one of the greatest rank is meant, of equals the first by id.
 */
export interface KeyEnd {
  readonly by: 'key';
  readonly index: string;
  readonly key: string;
  /** Where several objects state the key, none is meant, and the speaker is annotated with what it might have meant. */
  readonly only?: true;
}

/** The first of some objects that is there, or else a name that is taken as it stands; without one, nothing. */
export interface FirstEnd {
  readonly by: 'first';
  readonly of: readonly (NameEnd | KeyEnd)[];
  readonly otherwise?: NameEnd;
}

/** The Cluster itself, whose name a rule does not know. */
export interface ClusterEnd {
  readonly by: 'cluster';
}

export type End = NameEnd | UidEnd | LabelsEnd | KindEnd | KeyEnd | FirstEnd | ClusterEnd;

export interface FactKey {
  readonly index: string;
  readonly key: string;
}

/** That the object is to be found under a key, or that something holds: what others say may depend on it. */
export interface KeyFact extends FactKey {
  /** What `given` conditions fill in. */
  readonly value?: string;
  /** Of several objects under one key the one with the greatest is meant; compared as text. */
  readonly rank?: string;
}

/** That the object holds a template, whose objects will have these labels. */
export interface TemplateFact {
  readonly template: { readonly [key: string]: string };
}

export type Fact = KeyFact | TemplateFact;

/** The reference holds only while no object states the fact. */
export interface Unless {
  readonly unless: FactKey;
}

/** The reference holds once for each value that is stated, which becomes the type or the name of its set or named end. */
export interface Given {
  readonly given: FactKey;
  readonly fill?: 'type' | 'name';
}

/**
 * The reference holds in any case, and says in `granted` whether an object states one of the keys of `index`. Where objects
 * of the type in that namespace are not all known, an absent grant is no refusal: `needsReferenceGrant` says so then.
 */
export interface Granted {
  readonly index: string;
  readonly anyOf: readonly string[];
  readonly grantedBy: string;
  readonly namespace: string;
}

export type Condition = Unless | Given | Granted;

/**
 * One thing an object says. An end left out is the object itself; at least one is given, and at most one is a set. One
 * that states a fact has no ends and makes no relation.
 */
export interface Reference {
  readonly source?: End;
  readonly target?: End;
  /** The exact path of the field that says it, such as `spec.containers[0].envFrom[1].secretRef`. */
  readonly field: string;
  readonly optional?: boolean | undefined;
  /** Said by a template; the objects made from it say it again. */
  readonly template?: boolean | undefined;
  readonly ready?: boolean | undefined;
  /** Not said by the object: the API server, or a controller, fills it in so. */
  readonly defaulted?: boolean | undefined;
  /** By a convention of names or labels, not by the API's own words. */
  readonly guess?: boolean | undefined;
  /**
   * `half`: the relation is a fact only when both its ends say so, and is `wanted` while one alone does. `wish`: it is not
   * one even then.
   */
  readonly agreement?: 'half' | 'wish' | undefined;
  /** Deleting the owner in the foreground waits for what it owns. */
  readonly blocksOwnerDeletion?: boolean | undefined;
  /**
   * Why what is named may well not be there: `expected`, as only some set-ups of a cluster have it; `pending`, as a
   * controller is still to make it.
   */
  readonly absence?: 'expected' | 'pending' | undefined;
  /** Which end suffers, where this reference is not as its rule says: an optional one, a mirror, a backend of weight 0. */
  readonly dependence?: Dependence | undefined;
  readonly states?: Fact | undefined;
  readonly when?: Condition | undefined;
  /** Further annotations of the relation, such as a weight or a port. Scalars only. */
  readonly notes?: { readonly [name: string]: string | number | boolean };
}

/** Which end suffers when the other goes: `source` means the source depends on the target. */
export type Dependence = 'source' | 'target' | 'none';

/** What is found by the shape of fields, whatever the kind: objects named by kind, names of fixed kinds, templates of Pods. */
export type StructuralDefault = 'references' | 'names' | 'templates';

export interface Rule {
  /** kebab-case, unique: what `annotations.rule` says. */
  readonly name: string;
  /** The relation's type, such as `uses`. */
  readonly relation: string;
  /**
   * Types of the objects it reads; `*` is every object of the API, `*.*` every one of a custom kind, `*.group` every one of
   * a group. A rule that reads PodTemplates reads every template of Pods that a custom kind holds, too.
   */
  readonly reads: readonly string[];
  /** Types its relations may start and end at, for the docs: `*` is any. */
  readonly source: readonly string[];
  readonly target: readonly string[];
  /** The fields it reads, as patterns: `spec.containers[].env[].valueFrom.secretKeyRef`. */
  readonly fields: readonly string[];
  readonly dependence: Dependence;
  /** One sentence for people. */
  readonly sentence: string;
  /** A structural default: asked of custom kinds only, and only for fields that no other rule of theirs reads. */
  readonly structural?: StructuralDefault;
  /** Paths of texts that are names of Secrets, whatever their fields are called: they are not redacted. */
  readonly secretNames?: readonly string[];
  /** A user declared it. */
  readonly declared?: true;
  /** Structural defaults that are not asked of the types it reads. */
  readonly without?: readonly StructuralDefault[];
  /** Hands each reference of `object` to `refer`. May throw on a malformed object: that costs this rule for this object alone. */
  infer(object: KubernetesObject, refer: (reference: Reference) => void): void;
}
