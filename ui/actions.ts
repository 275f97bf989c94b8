// Actions as a gateway tells them, what may still be decided, and their words. Pure.
import type { ActionDocument } from './sizing.ts';

export interface FieldChange {
  readonly field: string;
  /** Undefined if the field is absent. */
  readonly before?: unknown;
  readonly after?: unknown;
}

export interface ActionEntry {
  readonly id: string;
  readonly state: string;
  /** Time of this state. */
  readonly at: string;
  readonly action: ActionDocument;
  readonly proposed: { readonly by: string; readonly at: string };
  readonly approved?: { readonly by: string; readonly at: string };
  /** For a refusal, a rollback or a failure. */
  readonly why?: { readonly code: string; readonly message: string };
  /** By the API server's dry run. */
  readonly difference?: readonly FieldChange[];
  readonly note?: string;
  /** Since when the actor is away: its state may be another. */
  readonly staleSince?: string;
}

export interface StateWords {
  readonly mark: string;
  readonly words: string;
  readonly severity: string;
}

const states: { readonly [state: string]: StateWords } = {
  'dry-run': { mark: '◆', words: 'waits for approval', severity: 'medium' },
  executing: { mark: '◔', words: 'under way', severity: 'medium' },
  'rolling-back': { mark: '◔', words: 'being restored', severity: 'high' },
  executed: { mark: '✓', words: 'executed', severity: 'info' },
  'rolled-back': { mark: '▲', words: 'rolled back', severity: 'high' },
  refused: { mark: '✕', words: 'refused', severity: 'info' },
  expired: { mark: '○', words: 'expired', severity: 'info' },
  failed: { mark: '✕', words: 'failed', severity: 'critical' },
};

export function wordsOf(state: string): StateWords {
  return (Object.hasOwn(states, state) ? states[state] : undefined) ?? { mark: '?', words: state, severity: 'info' };
}

export const actionGroups = ['Wait for approval', 'Under way', 'Over'] as const;

export function groupOf({ state }: Pick<ActionEntry, 'state'>): (typeof actionGroups)[number] {
  if (state === 'dry-run') return 'Wait for approval';
  return state === 'executing' || state === 'rolling-back' ? 'Under way' : 'Over';
}

/** Whether it can be approved or withdrawn: its actor is there, and it has not begun. */
export function isDecidable({ state, staleSince }: ActionEntry): boolean {
  return state === 'dry-run' && staleSince === undefined;
}

/** Whether one who decided on the first would decide on something else with the second. */
export function isAnother(one: ActionEntry, other: ActionEntry): boolean {
  return essenceOf(one) !== essenceOf(other);
}

function essenceOf({ state, staleSince, action, difference }: ActionEntry): string {
  return JSON.stringify([state, staleSince !== undefined, action, difference]);
}

/** `-` where the field is absent. */
export function valueText(value: unknown): string {
  if (value === undefined) return '-';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

export function targetId({ target: { kind, namespace, name } }: Pick<ActionDocument, 'target'>): string {
  return `${kind}:${namespace}/${name}`;
}
