// What an alert is: a finding or a change that somebody is to be told of, and how far that has gone. Types only.
import type { Finding, FindingClass, FindingSeverity } from '../findings/contract.ts';

export type AlertClass = FindingClass | 'change';

/** What is told: a finding as it is, or a change of the graph in the same words. */
export interface Subject extends Omit<Finding, 'class' | 'link'> {
  readonly class: AlertClass;
  readonly link?: string;
  /** Of a change: how often it has happened since it was first told. */
  readonly times?: number;
  /** The rule of the settings that asked for it, where it is not a finding as it is. */
  readonly rule?: string;
}

/** How a subject is told. Durations are milliseconds. */
export interface Policy {
  /** It is told as a change: after so long it is over for those who are told. */
  readonly lasts?: number | undefined;
  /** It must be so for this long, by the subject's own time. */
  readonly for: number;
  /** It must have ended for this long. */
  readonly end: number;
  readonly severity: FindingSeverity;
}

/** Undefined: nobody is told of it. */
export type PolicyOf = (subject: Subject) => Policy | undefined;

/**
 * `pending` until `for` is over; `held` while its cause is told in its place; `explained` by maintenance; `baseline`: it was so before
 * the first look; `quiet`: over, and known for the sake of flapping alone.
 */
export type AlertState = 'pending' | 'firing' | 'held' | 'explained' | 'baseline' | 'quiet';

/** Plain data: it is written to disk as it is. Times are milliseconds since the epoch. */
export interface Alert {
  readonly key: string;
  subject: Subject;
  state: AlertState;
  /** Whether it is so now. */
  isTrue: boolean;
  /** Since when it is so, or was when it last was, by the subject's own time. */
  since: number;
  /** When it was no longer so. */
  until?: number | undefined;
  /** When it is over by itself. */
  expires?: number | undefined;
  firedAt?: number | undefined;
  /** It was told since it last began. */
  wasTold?: true | undefined;
  /** When it began, within the window of flapping, and when it last began or ended. */
  begins: number[];
  turned: number;
  /** What was to be told of it is over, though it is so still: it is not told again before it ended. */
  lingers?: true | undefined;
  /** It comes and goes, since then. */
  flapping?: number | undefined;
  /** It was so at the first look, and not told for itself. */
  baseline?: true | undefined;
  /** An effect of it is due: it is told at once. */
  urged?: true | undefined;
  /** The worst that it was since it fired: its effects count. */
  severity: FindingSeverity;
  /** Key of the alert that is told in its place. */
  heldBy?: string | undefined;
  /** The maintenance that explains it. */
  explanation?: string | undefined;
}

export type EndReason = 'over' | 'accepted' | 'settings';

/** What became of an alert. */
export type Transition =
  | { readonly kind: 'fired' | 'changed'; readonly alert: Alert; readonly at: number }
  | { readonly kind: 'ended'; readonly alert: Alert; readonly at: number; readonly reason: EndReason };
