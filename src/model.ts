// The words everything speaks: what a resource, a relation and a reference are. Types only, no code.

import type { Absence } from './absence.ts';

/** A JSON value as a source sent it. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** RFC 3339 UTC with milliseconds, such as `2026-11-20T16:58:32.123Z`. */
export type Timestamp = string;

/** One vertex of the graph, as `/cluster` serves it. */
export interface Resource {
  readonly id: string;
  readonly type: string;
  readonly timestamp: Timestamp;
  /** What the source said, less what redaction and volatility remove. */
  readonly properties: unknown;
  readonly annotations: ResourceAnnotations;
}

/** What we add to a resource. */
export interface ResourceAnnotations {
  readonly label: string;
  /** A symbolic name beside the label, such as an image's tag. */
  readonly alternateLabel?: string;
  /** Something names it and needs it, and it does not exist. */
  readonly missing?: true;
  /**
   * It does not exist, and is not missed: all that name it can do without it, only some set-ups of a cluster have it, or a
   * controller is still to make it.
   */
  readonly absent?: Absence;
  /** Something names it, and nobody looked: its kind is forbidden, left out or not yet synced. */
  readonly unverified?: true;
  /** Its source is out of reach; what is shown is the last that was seen. */
  readonly stale?: { readonly since: Timestamp; readonly reason: string };
  /** Files alone do not tell whether it is in a namespace: the one that it is shown in is assumed. */
  readonly scope?: 'unknown';
  /** How it fares, where that means something. */
  readonly health?: HealthAnnotation;
  /** The application that it is a part of, where one can be told. */
  readonly application?: ApplicationAnnotation;
  readonly [name: string]: unknown;
}

/** As master/health/ finds it. */
export interface HealthAnnotation {
  readonly state: 'ok' | 'progressing' | 'degraded' | 'failed' | 'done' | 'idle' | 'unknown';
  /** A word or two: what kubectl prints as STATUS, where it prints one. */
  readonly reason: string;
  /** Path of the field that says so; of the relation's field where `from` is given. */
  readonly field: string;
  /** Ready and wanted: `2/3`. */
  readonly ready?: string;
  /** Id of the resource that it owes this to. */
  readonly from?: string;
}

/** As master/applications/ finds it. */
export interface ApplicationAnnotation {
  readonly name: string;
  /** Path of the field that says so: of its own mark, or of the relation over which it belongs to the application. */
  readonly field: string;
  /** Several applications use it: it is a part of none. */
  readonly shared?: true;
  /** Id of the resource that it takes the name from. */
  readonly from?: string;
}

/** One edge of the graph, as `/cluster` serves it. */
export interface Relation {
  readonly type: string;
  readonly timestamp: Timestamp;
  readonly source: string;
  readonly target: string;
  readonly annotations: RelationAnnotations;
}

export interface RelationAnnotations {
  /** The relation's type again: what a drawing writes on the edge. */
  readonly label: string;
  /** Name of the rule that made it. */
  readonly rule: string;
  /** Path of the field that said so, exact to the array index. */
  readonly field: string;
  /** Whose field it is: an end's, or that of a third object of this type. */
  readonly fieldOf?: 'source' | 'target' | (string & {});
  /** Of an impact answer: the end that suffers. */
  readonly dependent?: 'source' | 'target' | 'both';
  /** The reference was marked optional by its author. */
  readonly optional?: true;
  /** A template says it: the objects made from the template say it again. */
  readonly template?: true;
  /** An end does not exist, whether it is missed or not. */
  readonly missing?: true;
  /** What is said of an end that does not exist, beside `optional`. */
  readonly absent?: 'expected' | 'pending';
  /** The target end was not looked for. */
  readonly unverified?: true;
  /** An endpoint's readiness. */
  readonly ready?: boolean;
  /** Every reason, when there is more than one; the first is `rule` and `field`. */
  readonly reasons?: readonly { readonly rule: string; readonly field: string; readonly fieldOf?: string }[];
  readonly [name: string]: unknown;
}

/** The part of `metadata` that identity, ownership and selection rest on. */
export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly generateName?: string;
  readonly labels?: { readonly [key: string]: string };
  readonly annotations?: { readonly [key: string]: string };
  readonly ownerReferences?: readonly OwnerReference[];
  readonly [field: string]: unknown;
}

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

/** Any object of the API, or of our own making in its image (containers, images). Nothing below `metadata` is to be trusted. */
export interface KubernetesObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
}

/** `matchLabels` and `matchExpressions`, as the API has them. An empty one matches everything. */
export interface LabelSelector {
  readonly matchLabels?: { readonly [key: string]: string };
  readonly matchExpressions?: readonly LabelRequirement[];
}

export interface LabelRequirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

/** How a kind, or a minion, stands. */
export interface SourceState {
  readonly state:
    | 'syncing'
    | 'synced'
    | 'polled'
    | 'partly'
    | 'forbidden'
    | 'stale'
    | 'absent'
    | 'excluded'
    | 'unknown';
  /** The moment it came into this state. */
  readonly since: Timestamp;
  /** Why it is not synced, for a person. */
  readonly reason?: string;
}

/** What the graph knows of its own gaps: states and the moments they changed, never a ticking clock. */
export interface Completeness {
  /** True when every kind that is read is synced and every minion answers. */
  readonly complete: boolean;
  /** By resource type, such as `Pod` or `HTTPRoute.gateway.networking.k8s.io`. */
  readonly kinds: { readonly [type: string]: SourceState };
  /** By node name. */
  readonly minions: { readonly [node: string]: SourceState };
  /** By family: how other sources stand, by their names. */
  readonly [family: string]: boolean | { readonly [name: string]: SourceState };
}
