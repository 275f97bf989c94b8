// The contract of a kind of action. Nothing in it awaits: reading and patching are for others.
import type { KubernetesObject } from '../../src/model.ts';
import type { Action, ActionKind, Values } from '../action.ts';
import type { AmountChange } from '../resources.ts';

/** The patch of one request, a strategic merge of the object or a merge of its subresource. */
export interface Patch {
  readonly [field: string]: unknown;
}

export interface ActionType {
  readonly action: ActionKind;
  /** Kinds it can be done to. */
  readonly targets: readonly string[];
  /** That is patched in place of the object itself. */
  readonly subresource?: 'scale' | 'resize';
  /** @throws Refusal `values` for what cannot be meant. */
  check(action: Action): void;
  /** What it is about, as the object has it now. @throws Refusal `unknown-container`. */
  current(object: KubernetesObject, action: Action): Values;
  /** What of the expectation is not so, as a sentence. */
  unexpected(current: Values, action: Action): string | undefined;
  /** What `current` would then be: the API server may write it in another way. `at` is when it was approved. */
  intended(current: Values, action: Action, at: string): Values;
  /** Whether two mean the same. */
  isSame(one: Values, other: Values): boolean;
  /** The patch that makes `to` of `from`, whichever way. */
  patch(from: Values, to: Values, object: KubernetesObject, action: Action): Patch;
  /** What a policy bounds. */
  changes(current: Values, action: Action): readonly AmountChange[];
}
