// The contract of a receiver: it gets transitions as they happen, or grouped notices; it never throws and reports its
// state.

import type { Alert, Transition } from '../alert.ts';
import type { Notice } from '../states/alert-groups.ts';
import type { Story } from '../story.ts';

export interface ReceiverState {
  readonly name: string;
  readonly kind: 'alertmanager' | 'webhook' | 'log';
  /** `waiting`: the last delivery failed and is being retried. */
  readonly state: 'ok' | 'waiting' | 'failing';
  readonly sent: number;
  readonly failed: number;
  /** Deliveries rejected for good or dropped from a full queue. */
  readonly lost: number;
  /** Waiting deliveries. */
  readonly waiting: number;
  readonly lastSent?: string | undefined;
  readonly lastError?: { readonly at: string; readonly message: string } | undefined;
  /** Several targets with the same content. */
  readonly targets?: readonly { readonly url: string; readonly error?: string | undefined }[];
}

/** Additional content of an alert; see story.ts. */
export type StoryOf = (alert: Alert) => Story;

export interface Receiver {
  readonly name: string;
  /** Only alerts that it should get. Undefined: it gets notices. */
  take?(transitions: readonly Transition[]): void;
  /** Resolves when the notice survives the end of the process, if possible. */
  notify?(notice: Notice): Promise<void>;
  state(): ReceiverState;
  close(): Promise<void>;
}
