// What a finding is, for those who list, count, alert and draw them. Types only; who finds them is in finding-rule.ts.
import type { Timestamp } from '../../src/model.ts';

/** `broken` does not work now; `risk` works, and will break or can be abused; `advice` is a matter of style. */
export const findingClasses = ['broken', 'risk', 'advice'] as const;
export type FindingClass = (typeof findingClasses)[number];

/** The worst first. */
export const findingSeverities = ['critical', 'high', 'medium', 'low', 'info'] as const;
export type FindingSeverity = (typeof findingSeverities)[number];

export interface Finding {
  /** Fingerprint of the name, the resource, the field without indexes and what else tells two of one resource apart. */
  readonly id: string;
  /** Of the rule that found it, such as `reference-missing`: a name is never given to something else. */
  readonly name: string;
  readonly class: FindingClass;
  readonly severity: FindingSeverity;
  /** Id of the resource that it hangs on: the one to edit, such as the Deployment of a Pod. */
  readonly resource: string;
  /** That resource's type. */
  readonly type: string;
  readonly namespace?: string;
  /** What is wrong here, by name. */
  readonly sentence: string;
  /** What to do about it. */
  readonly remedy: string;
  /** Where to read on. */
  readonly link: string;
  /** The field that says so, exact to the index: of the first relation's speaker, or of the resource. */
  readonly field?: string;
  /** Relations of the graph that prove it, in order: the first begins or ends at the resource or at what is affected. */
  readonly path: readonly ProofStep[];
  /** What suffers by it: how many, and the first ten in the order of ids. */
  readonly affected: { readonly count: number; readonly first: readonly string[] };
  /** From when on, by the objects' own times where they have some; else when it was first seen. */
  readonly since: Timestamp;
  /** Id of another finding that explains this one. */
  readonly causedBy?: string;
  /** Somebody knows of it and lives with it: an annotation, or a rule of the settings. It is counted all the same. */
  readonly accepted?: Acceptance;
  /** Something that is not known to Cluster Insight may make it untrue, such as a custom resource that names the object. */
  readonly possibly?: true;
  /** Of what is worked out only now and then: the moment it was worked out for. */
  readonly asOf?: Timestamp;
}

export interface ProofStep {
  readonly from: string;
  readonly to: string;
  /** Of the relation, such as `loadBalances`. */
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
  /** As it is now; of one that ended as it was last. */
  readonly finding: Finding;
  readonly at: Timestamp;
}

/** What could not be decided, because something that it rests on is not known. */
export interface Undecided {
  /** Of the rule. */
  readonly name: string;
  /** `Secret is forbidden`. */
  readonly reason: string;
  /** Of how many resources. */
  readonly count: number;
}

/** Findings as they are kept: alerts, gauges and answers read them here. */
export interface FindingSource {
  /** In the order of severity, name and resource. */
  current(): Iterable<Finding>;
  /** In no order, for those who count. */
  all(): Iterable<Finding>;
  get(id: string): Finding | undefined;
  /** Those that hang on a resource. */
  of(resource: string): Iterable<Finding>;
  undecided(): Iterable<Undecided>;
  /**
   * Has `listener` called after each round that changed something, outside of any transaction, until the function returned is
   * called. What was found by the first whole round is told as `begin`, before `settled` is true: a baseline.
   */
  subscribe(listener: (changes: readonly FindingChange[]) => void): () => void;
  /** All that could be looked at has been looked at once. */
  readonly settled: boolean;
  /** Whether advice is among them: it is looked for while somebody wants it. */
  readonly keepsAdvice: boolean;
}

/** Findings as routes read them, whoever judged. */
export interface FindingsReader extends FindingSource {
  /** Those that hang on a resource, or harm it. */
  about(resource: string): Iterable<Finding>;
  /** Advice of that kind, looked for on the spot: none where it is kept and among the others. */
  adviceAbout(resource: string): Iterable<Finding>;
  /** Ids of all that it harms. */
  affectedBy(id: string): readonly string[];
  /** Grows with each round that changed something. */
  readonly version: number;
  /** Resources that wait to be asked about. */
  readonly waiting: number;
}
