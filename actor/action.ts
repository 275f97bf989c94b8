// An action as a document: a change to an object, its expected state, and an expiry. Pure.
import { fault } from '../src/errors.ts';
import { isName, isRecord } from '../src/fields.ts';
import type { Timestamp } from '../src/model.ts';
import { redactText } from '../src/redact.ts';

export const actionKinds = ['set-resources', 'restart', 'scale', 'resize-pod'] as const;
export type ActionKind = (typeof actionKinds)[number];

export interface Target {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** UID of the incarnation: a new object of that name is another object. */
  readonly uid: string;
  /** For actions on one of its containers. */
  readonly container?: string;
}

/** Fields of the action, by its kind: `requests` and `limits`, or `replicas`; `null` means absent. */
export interface Values {
  readonly [field: string]: unknown;
}

export interface Action {
  readonly id: string;
  readonly action: ActionKind;
  readonly target: Target;
  /** Required current values; fields that are not named may have any. */
  readonly expected: Values;
  readonly wanted: Values;
  /** Explanation for people: a finding, a ticket. */
  readonly reason?: string;
  /** Deadline for its start. */
  readonly until: Timestamp;
}

const fields = ['id', 'action', 'target', 'expected', 'wanted', 'reason', 'until'];
const targetFields = ['kind', 'namespace', 'name', 'uid', 'container'];
const dnsName = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;
/** Milliseconds. An approval a month later would not be for what was examined. */
const longest = 7 * 86_400_000;
/** Each is kept: a failed one too. */
const longestDocument = 8_192;

/** @throws Fault `bad_request` with the field. */
export function actionOf(document: unknown, now: number): Action {
  if (!isRecord(document)) throw invalid('an action is an object');
  onlyFields(document, fields, '');
  if (JSON.stringify(document).length > longestDocument)
    throw invalid(`an action has ${longestDocument} characters at most`);
  const { id, action, target, expected = {}, wanted = {}, reason, until } = document;
  if (typeof id !== 'string' || !/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(id))
    throw invalid('id must be of letters, digits, `.`, `_` and `-`, 128 at most');
  const kind = actionKinds.find((each) => each === action);
  if (kind === undefined) throw invalid(`action must be one of ${actionKinds.join(', ')}`);
  if (!isRecord(expected)) throw invalid('expected must be an object');
  if (!isRecord(wanted)) throw invalid('wanted must be an object');
  if (reason !== undefined && (typeof reason !== 'string' || reason.length > 1000))
    throw invalid('reason must be text of 1000 characters at most');
  return {
    id,
    action: kind,
    target: targetOf(target),
    expected,
    wanted,
    ...(reason === undefined ? {} : { reason: redactText(reason) }),
    until: deadlineOf(until, now),
  };
}

function targetOf(target: unknown): Target {
  if (!isRecord(target)) throw invalid('target must be an object');
  onlyFields(target, targetFields, 'target.');
  const { kind, namespace, name, uid, container } = target;
  if (!isName(kind) || !/^[A-Za-z]{1,63}$/.test(kind)) throw invalid('target.kind must be a kind such as Deployment');
  for (const [field, value] of Object.entries({ namespace, name }))
    if (typeof value !== 'string' || !dnsName.test(value)) throw invalid(`target.${field} must be a name`);
  if (!isName(uid) || uid.length > 64) throw invalid('target.uid must be the UID of the object');
  if (container !== undefined && (typeof container !== 'string' || !dnsName.test(container)))
    throw invalid('target.container must be the name of a container');
  const named = { kind, namespace: String(namespace), name: String(name), uid };
  return { ...named, ...(container === undefined ? {} : { container }) };
}

function deadlineOf(until: unknown, now: number): Timestamp {
  const moment = typeof until === 'string' && /^\d{4}-\d\d-\d\dT/.test(until) ? Date.parse(until) : Number.NaN;
  if (Number.isNaN(moment)) throw invalid('until must be a time such as 2026-01-31T12:00:00Z');
  if (moment > now + longest) throw invalid('until must be within seven days');
  return new Date(moment).toISOString();
}

function onlyFields(record: object, known: readonly string[], prefix: string): void {
  const strange = Object.keys(record).find((name) => !known.includes(name));
  if (strange !== undefined) throw invalid(`${prefix}${strange} is not a field of an action`);
}

export function invalid(reason: string) {
  return fault('bad_request', { reason });
}

/** Whether both request the same, ignoring the order of fields. */
export function isSame(one: Action, other: Action): boolean {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
}

export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}
