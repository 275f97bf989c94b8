// An alert: a finding or change to be reported, and its progress. Types only.
import type { Finding, FindingClass, FindingSeverity } from '../findings/contract.ts';

export type AlertClass = FindingClass | 'change';

/** What is reported: a finding, or a change in the same form. */
export interface Subject extends Omit<Finding, 'class' | 'link'> {
  readonly class: AlertClass;
  readonly link?: string;
  /** For a change: occurrences since the first report. */
  readonly times?: number;
  /** The rule of the settings that asked for it; undefined for a plain finding. */
  readonly rule?: string;
}

/** How a subject is reported. Durations are milliseconds. */
export interface Policy {
  /** Reported as a change, which ends by itself after this time. */
  readonly lasts?: number | undefined;
  /** It must hold for this long, by the subject's own time. */
  readonly for: number;
  /** It must have ended for this long. */
  readonly end: number;
  readonly severity: FindingSeverity;
}

/** Undefined: not reported. */
export type PolicyOf = (subject: Subject) => Policy | undefined;

/**
 * `pending` until `for` has passed; `held` while its cause is reported instead; `explained` by maintenance; `baseline`: it
 * existed at the first check; `quiet`: over, kept to detect flapping.
 */
export const alertStates = ['pending', 'firing', 'held', 'explained', 'baseline', 'quiet'] as const;
export type AlertState = (typeof alertStates)[number];

/** Plain data as written to disk. Times are milliseconds since the epoch. */
export interface Alert {
  readonly key: string;
  subject: Subject;
  state: AlertState;
  /** Whether it holds now. */
  isTrue: boolean;
  /** Start of its current or last occurrence, by the subject's own time. */
  since: number;
  /** End of the last occurrence. */
  until?: number | undefined;
  /** When it ends by itself. */
  expires?: number | undefined;
  firedAt?: number | undefined;
  /** Whether it was sent since it last began. */
  wasTold?: true | undefined;
  /** Its starts within the window for flapping, and its last start or end. */
  begins: number[];
  turned: number;
  /** Its report has ended although it still holds: not sent again before it ends. */
  lingers?: true | undefined;
  /** Since when it has been flapping. */
  flapping?: number | undefined;
  /** It existed at the first check and is not reported itself. */
  baseline?: true | undefined;
  /** An effect of it is due: report it at once. */
  urged?: true | undefined;
  /** Worst severity since it fired, including its effects. */
  severity: FindingSeverity;
  /** Key of the alert that is reported instead. */
  heldBy?: string | undefined;
  /** The maintenance that explains it. */
  explanation?: string | undefined;
}

export type EndReason = 'over' | 'accepted' | 'settings';

/** A state change of an alert. */
export type Transition =
  | { readonly kind: 'fired' | 'changed'; readonly alert: Alert; readonly at: number }
  | { readonly kind: 'ended'; readonly alert: Alert; readonly at: number; readonly reason: EndReason };
