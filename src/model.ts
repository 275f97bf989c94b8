// The basic vocabulary: resource, relation, reference. Types only.

import type { Absence } from './absence.ts';

/** A JSON value from a source. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** RFC 3339 UTC with milliseconds, such as `2026-11-20T16:58:32.123Z`. */
export type Timestamp = string;

/** A vertex of the graph, as in `/cluster`. */
export interface Resource {
  readonly id: string;
  readonly type: string;
  readonly timestamp: Timestamp;
  /** The source's data without secrets and volatile fields. */
  readonly properties: unknown;
  readonly annotations: ResourceAnnotations;
}

/** What we add to a resource. */
export interface ResourceAnnotations {
  readonly label: string;
  /** A symbolic name besides the label, such as an image's tag. */
  readonly alternateLabel?: string;
  /** Something needs it, and it does not exist. */
  readonly missing?: true;
  /**
   * It does not exist, as expected: references are optional, it exists in some set-ups only, or a controller has yet to
   * create it.
   */
  readonly absent?: Absence;
  /** Something names it, but whether it exists is unknown: its kind is forbidden, left out or not synced. */
  readonly unverified?: true;
  /** Its source is unreachable; this is its last known state. */
  readonly stale?: { readonly since: Timestamp; readonly reason: string };
  /** Whether it is in a namespace cannot be told from files alone; the shown one is assumed. */
  readonly scope?: 'unknown';
  /** Its health, for resources that have one. */
  readonly health?: HealthAnnotation;
  /** Its application, if known. */
  readonly application?: ApplicationAnnotation;
  readonly [name: string]: unknown;
}

/** From master/health/. */
export interface HealthAnnotation {
  readonly state: 'ok' | 'progressing' | 'degraded' | 'failed' | 'done' | 'idle' | 'unknown';
  /** One or two words, like STATUS in kubectl. */
  readonly reason: string;
  /** Path of the deciding field; with `from`, of the relation's field. */
  readonly field: string;
  /** Ready and wanted: `2/3`. */
  readonly ready?: string;
  /** Id of the resource that causes it. */
  readonly from?: string;
}

/** From master/applications/. */
export interface ApplicationAnnotation {
  readonly name: string;
  /** Path of the deciding field: its own label, or that of the relation to the application. */
  readonly field: string;
  /** Several applications use it, so it belongs to none. */
  readonly shared?: true;
  /** Id of the resource with the application's name. */
  readonly from?: string;
}

/** An edge of the graph, as in `/cluster`. */
export interface Relation {
  readonly type: string;
  readonly timestamp: Timestamp;
  readonly source: string;
  readonly target: string;
  readonly annotations: RelationAnnotations;
}

export interface RelationAnnotations {
  /** The type again, for drawings. */
  readonly label: string;
  /** Name of the rule. */
  readonly rule: string;
  /** Path of the field, including array indexes. */
  readonly field: string;
  /** Owner of the field: an end, or a third object of this type. */
  readonly fieldOf?: 'source' | 'target' | (string & {});
  /** In an impact answer: the affected end. */
  readonly dependent?: 'source' | 'target' | 'both';
  /** Its author marked the reference as optional. */
  readonly optional?: true;
  /** From a template; the objects made from it have the relation too. */
  readonly template?: true;
  /** An end does not exist, expectedly or not. */
  readonly missing?: true;
  /** Why an end's absence is expected, besides `optional`. */
  readonly absent?: 'expected' | 'pending';
  /** Whether the target exists is unknown. */
  readonly unverified?: true;
  /** Readiness of an endpoint. */
  readonly ready?: boolean;
  /** All reasons, if several; the first is `rule` and `field`. */
  readonly reasons?: readonly { readonly rule: string; readonly field: string; readonly fieldOf?: string }[];
  readonly [name: string]: unknown;
}

/** The fields of `metadata` for identity, ownership and selection. */
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

/** Any object of the API, or one of ours in the same form (containers, images). Fields below `metadata` are unchecked. */
export interface KubernetesObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
}

/** `matchLabels` and `matchExpressions` as in the API. An empty selector matches everything. */
export interface LabelSelector {
  readonly matchLabels?: { readonly [key: string]: string };
  readonly matchExpressions?: readonly LabelRequirement[];
}

export interface LabelRequirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

/** State of a kind or a minion. */
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
  /** Since when. */
  readonly since: Timestamp;
  /** Why it is not synced, in words. */
  readonly reason?: string;
}

/** The known gaps of the graph: states and times of change, never running clocks. */
export interface Completeness {
  /** True if every kind that is read is synced and every minion answers. */
  readonly complete: boolean;
  /** By resource type, such as `Pod` or `HTTPRoute.gateway.networking.k8s.io`. */
  readonly kinds: { readonly [type: string]: SourceState };
  /** By node name. */
  readonly minions: { readonly [node: string]: SourceState };
  /** By family: states of other sources by name. */
  readonly [family: string]: boolean | { readonly [name: string]: SourceState };
}
