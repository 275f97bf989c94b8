// The contract of a kind of action. Nothing here awaits: callers read and patch.
import type { KubernetesObject } from '../../src/model.ts';
import type { Action, ActionKind, Values } from '../action.ts';
import type { AmountChange } from '../resources.ts';

/** The patch of one request: a strategic merge of the object, or a merge of its subresource. */
export interface Patch {
  readonly [field: string]: unknown;
}

export interface ActionType {
  readonly action: ActionKind;
  /** Kinds of its targets. */
  readonly targets: readonly string[];
  /** Patched instead of the object. */
  readonly subresource?: 'scale' | 'resize';
  /** @throws Refusal `values` for invalid values. */
  check(action: Action): void;
  /** The object's current values. @throws Refusal `unknown-container`. */
  current(object: KubernetesObject, action: Action): Values;
  /** What differs from the expectation, as a sentence. */
  unexpected(current: Values, action: Action): string | undefined;
  /** What `current` should become: the API server may format it differently. `at`: time of approval. */
  intended(current: Values, action: Action, at: string): Values;
  /** Whether both mean the same. */
  isSame(one: Values, other: Values): boolean;
  /** The patch from `from` to `to`, in either direction. */
  patch(from: Values, to: Values, object: KubernetesObject, action: Action): Patch;
  /** The changes that a policy limits. */
  changes(current: Values, action: Action): readonly AmountChange[];
}
