// Findings for listing, counting, alerting and drawing. Types only; the rules' contract is in finding-rule.ts.
import type { Timestamp } from '../../src/model.ts';

/** `broken`: does not work now; `risk`: works, but will break or can be abused; `advice`: a matter of style. */
export const findingClasses = ['broken', 'risk', 'advice'] as const;
export type FindingClass = (typeof findingClasses)[number];

/** Worst first. */
export const findingSeverities = ['critical', 'high', 'medium', 'low', 'info'] as const;
export type FindingSeverity = (typeof findingSeverities)[number];

export interface Finding {
  /** Fingerprint of name, resource, field without indexes, and whatever else distinguishes two of one resource. */
  readonly id: string;
  /** The rule's name, such as `reference-missing`; never reused for something else. */
  readonly name: string;
  readonly class: FindingClass;
  readonly severity: FindingSeverity;
  /** Id of the resource to edit, such as the Deployment of a Pod. */
  readonly resource: string;
  /** The resource's type. */
  readonly type: string;
  readonly namespace?: string;
  /** What is wrong, with names. */
  readonly sentence: string;
  /** What to do. */
  readonly remedy: string;
  /** Further reading. */
  readonly link: string;
  /** The deciding field with index: of the first relation's speaker, or of the resource. */
  readonly field?: string;
  /** Relations that prove it, in order: the first starts or ends at the resource or at something affected. */
  readonly path: readonly ProofStep[];
  /** Affected resources: number, and the first ten by id. */
  readonly affected: { readonly count: number; readonly first: readonly string[] };
  /** Since when, by the objects' own times if any, otherwise when first seen. */
  readonly since: Timestamp;
  /** Id of another finding that explains it. */
  readonly causedBy?: string;
  /** Accepted by an annotation or a rule of the settings. Still counted. */
  readonly accepted?: Acceptance;
  /** Something unknown to Cluster Insight may refute it, such as a custom resource that names the object. */
  readonly possibly?: true;
  /** For findings computed periodically: time of the computation. */
  readonly asOf?: Timestamp;
}

export interface ProofStep {
  readonly from: string;
  readonly to: string;
  /** Type of the relation, such as `loadBalances`. */
  readonly type: string;
  readonly field?: string;
}

export interface Acceptance {
  readonly reason: string;
  /** `annotation of Deployment:shop/web`, or the rule of the settings. */
  readonly by: string;
}

export interface FindingChange {
  readonly kind: 'begin' | 'end' | 'change';
  /** The current finding; for an ended one, the last. */
  readonly finding: Finding;
  readonly at: Timestamp;
}

/** Something that could not be decided because data is missing. */
export interface Undecided {
  /** Name of the rule. */
  readonly name: string;
  /** `Secret is forbidden`. */
  readonly reason: string;
  /** Number of resources. */
  readonly count: number;
}

/** Kept findings for alerts, gauges and answers. */
export interface FindingSource {
  /** Sorted by severity, name and resource. */
  current(): Iterable<Finding>;
  /** Unordered, for counting. */
  all(): Iterable<Finding>;
  get(id: string): Finding | undefined;
  /** Findings of a resource. */
  of(resource: string): Iterable<Finding>;
  undecided(): Iterable<Undecided>;
  /**
   * Calls `listener` after each round with changes, outside of transactions. Returns a function that stops it. Findings of
   * the first round are reported as `begin` before `settled` is true: a baseline.
   */
  subscribe(listener: (changes: readonly FindingChange[]) => void): () => void;
  /** Everything was examined once. */
  readonly settled: boolean;
  /** Whether they include advice, which is computed only while it is wanted. */
  readonly keepsAdvice: boolean;
}

/** Findings as routes read them, computed here or received from another process. */
export interface FindingsReader extends FindingSource {
  /** Findings on the resource, or that affect it. */
  about(resource: string): Iterable<Finding>;
  /** Advice on the resource, computed by this call; empty if advice is kept and among the other findings. */
  adviceAbout(resource: string): Iterable<Finding>;
  /** Ids of all affected resources. */
  affectedBy(id: string): readonly string[];
  /** Increases with each round that changed something. */
  readonly version: number;
  /** Resources waiting to be examined. */
  readonly waiting: number;
}
