// The contract of a receiver: it is told of transitions as they happen, or of notices, which are grouped; it never throws, and
// says how it fares.

import type { Alert, Transition } from '../alert.ts';
import type { Notice } from '../states/alert-groups.ts';
import type { Story } from '../story.ts';

export interface ReceiverState {
  readonly name: string;
  readonly kind: 'alertmanager' | 'webhook' | 'log';
  /** `waiting`: what was sent last failed, and is tried again. */
  readonly state: 'ok' | 'waiting' | 'failing';
  readonly sent: number;
  readonly failed: number;
  /** What was never delivered: refused for good, or pushed out of a full queue. */
  readonly lost: number;
  /** What waits to be delivered. */
  readonly waiting: number;
  readonly lastSent?: string | undefined;
  readonly lastError?: { readonly at: string; readonly message: string } | undefined;
  /** Of several that are told the same. */
  readonly targets?: readonly { readonly url: string; readonly error?: string | undefined }[];
}

/** What is said of an alert beside what it is itself; see story.ts. */
export type StoryOf = (alert: Alert) => Story;

export interface Receiver {
  readonly name: string;
  /** Of alerts that it is to be told of alone. Where it is left out, it is told by notices. */
  take?(transitions: readonly Transition[]): void;
  /** Resolves when the notice can no longer be lost by the end of the process, where it can be kept at all. */
  notify?(notice: Notice): Promise<void>;
  state(): ReceiverState;
  close(): Promise<void>;
}
