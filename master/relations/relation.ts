// The contract of a relation rule: a pure function of one object that returns its references. It looks nothing up; the
// engine resolves the references and keeps them resolved.
import type { KubernetesObject, LabelSelector } from '../../src/model.ts';

/** Namespaces of a set: one, all, or those selected by label. */
export type Namespaces =
  | { readonly in: readonly string[] }
  | { readonly all: true }
  | { readonly labels: LabelSelector };

/** One object by name. `namespace` is undefined for cluster-scoped ones. */
export interface NameEnd {
  readonly by: 'name';
  readonly type: string;
  readonly namespace?: string | undefined;
  readonly name: string;
  /** In a graph of several clusters: its id, which includes the cluster. */
  readonly id?: string | undefined;
}

/** One incarnation of an object: a new object of that name with another UID does not match. */
export interface UidEnd {
  readonly by: 'uid';
  readonly type: string;
  readonly namespace?: string | undefined;
  readonly name: string;
  readonly uid: string;
  /** Unknown scope: searched in the namespace first, then cluster-wide. */
  readonly scope?: 'either';
}

/** All objects of a type with matching labels. */
export interface LabelsEnd {
  readonly by: 'labels';
  readonly type: string;
  readonly namespaces: Namespaces;
  readonly selector: LabelSelector;
  /** Only objects without a controller owner. */
  readonly orphansOnly?: true;
  /** Excludes objects with these values of `status.phase`, such as finished Pods. */
  readonly phaseNot?: readonly string[];
  /** Matches templates instead of objects: their `TemplateFact` has the labels. */
  readonly templates?: true;
  /** Only these names, in any of the namespaces. */
  readonly names?: readonly string[];
  readonly notNames?: readonly string[];
  readonly namePrefix?: string;
}

/** All objects of a type in some namespaces. For cluster-scoped types `namespaces` is `{ all: true }`. */
export interface KindEnd {
  readonly by: 'kind';
  readonly type: string;
  readonly namespaces: Namespaces;
}

/**
 * The value of a key in an index: an image by any of its digests, and every object that states a `KeyFact` there. Among
 * several the highest rank wins, then the first id.
 */
export interface KeyEnd {
  readonly by: 'key';
  readonly index: string;
  readonly key: string;
  /** If several state the key none is meant, and the speaker is annotated with the candidates. */
  readonly only?: true;
}

/** The first existing of some objects, otherwise a fixed name; without one, nothing. */
export interface FirstEnd {
  readonly by: 'first';
  readonly of: readonly (NameEnd | KeyEnd)[];
  readonly otherwise?: NameEnd;
}

/** The Cluster, whose name a rule does not know. */
export interface ClusterEnd {
  readonly by: 'cluster';
}

export type End = NameEnd | UidEnd | LabelsEnd | KindEnd | KeyEnd | FirstEnd | ClusterEnd;

export interface FactKey {
  readonly index: string;
  readonly key: string;
}

/** A fact under a key, for other objects' references to depend on. */
export interface KeyFact extends FactKey {
  /** Filled into `given` conditions. */
  readonly value?: string;
  /** Among several objects under a key the greatest wins; compared as text. */
  readonly rank?: string;
}

/** The object has a template whose objects will have these labels. */
export interface TemplateFact {
  readonly template: { readonly [key: string]: string };
}

export type Fact = KeyFact | TemplateFact;

/** Holds only while no object states the fact. */
export interface Unless {
  readonly unless: FactKey;
}

/** Holds once for each stated value, which becomes the type or name of its end. */
export interface Given {
  readonly given: FactKey;
  readonly fill?: 'type' | 'name';
}

/**
 * Always holds; `granted` tells whether an object states one of the keys of `index`. While objects of the type in that
 * namespace are incomplete, a missing grant is no refusal: it is `needsReferenceGrant`.
 */
export interface Granted {
  readonly index: string;
  readonly anyOf: readonly string[];
  readonly grantedBy: string;
  readonly namespace: string;
}

export type Condition = Unless | Given | Granted;

/**
 * One statement of an object. An omitted end is the object itself; at least one end is given, and at most one is a set. A
 * stated fact has no ends and makes no relation.
 */
export interface Reference {
  readonly source?: End;
  readonly target?: End;
  /** Exact path of the field, such as `spec.containers[0].envFrom[1].secretRef`. */
  readonly field: string;
  readonly optional?: boolean | undefined;
  /** From a template; objects made from it repeat it. */
  readonly template?: boolean | undefined;
  readonly ready?: boolean | undefined;
  /** Not in the object: a default of the API server or a controller. */
  readonly defaulted?: boolean | undefined;
  /** From a naming convention, not from the API. */
  readonly guess?: boolean | undefined;
  /** `half`: a fact only if both ends state it, `wanted` while one does. `wish`: never a fact. */
  readonly agreement?: 'half' | 'wish' | undefined;
  /** Foreground deletion of the owner waits for it. */
  readonly blocksOwnerDeletion?: boolean | undefined;
  /**
   * Why the target may be absent: `expected`: exists in some set-ups only; `pending`: a controller has yet to create it.
   */
  readonly absence?: 'expected' | 'pending' | undefined;
  /** Which end depends on the other, if different from the rule: an optional reference, a mirror, a backend of weight 0. */
  readonly dependence?: Dependence | undefined;
  readonly states?: Fact | undefined;
  readonly when?: Condition | undefined;
  /** Further annotations of the relation, such as a weight or a port. Scalars only. */
  readonly notes?: { readonly [name: string]: string | number | boolean };
}

/** Which end depends on the other: `source` means that the source depends on the target. */
export type Dependence = 'source' | 'target' | 'none';

/** References found by the shape of fields in any kind: objects by kind, names of fixed kinds, Pod templates. */
export type StructuralDefault = 'references' | 'names' | 'templates';

export interface Rule {
  /** kebab-case, unique: the value of `annotations.rule`. */
  readonly name: string;
  /** Type of the relation, such as `uses`. */
  readonly relation: string;
  /**
   * Types it reads: `*` for all API objects, `*.*` for all custom kinds, `*.group` for a group. A rule that reads
   * PodTemplates also reads all Pod templates in custom kinds.
   */
  readonly reads: readonly string[];
  /** Possible types of the relation's ends, for documentation: `*` for any. */
  readonly source: readonly string[];
  readonly target: readonly string[];
  /** Patterns of the fields it reads: `spec.containers[].env[].valueFrom.secretKeyRef`. */
  readonly fields: readonly string[];
  readonly dependence: Dependence;
  /** One sentence for people. */
  readonly sentence: string;
  /** A structural default: for custom kinds only, and only for fields without another rule. */
  readonly structural?: StructuralDefault;
  /** Paths of texts that are names of Secrets, whatever their fields are called: they are not redacted. */
  readonly secretNames?: readonly string[];
  /** A user declared it. */
  readonly declared?: true;
  /** Structural defaults that do not apply to the types it reads. */
  readonly without?: readonly StructuralDefault[];
  /** Passes each reference of `object` to `refer`. May throw on a malformed object, which skips this rule for it. */
  infer(object: KubernetesObject, refer: (reference: Reference) => void): void;
}
