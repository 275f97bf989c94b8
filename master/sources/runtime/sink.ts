// The contract between the runtime collector and the store. Types only.
import type { NodeSnapshot } from '../../../src/minion-api.ts';
import type { SourceState } from '../../../src/model.ts';

/**
 * The state of a node's minion. `partly`: it answers, but the node has more than one answer may contain. `absent`: it is
 * known, but silent for so long that its data was dropped.
 */
export type MinionState = Extract<SourceState['state'], 'syncing' | 'synced' | 'partly' | 'stale' | 'absent'>;

/** `T`: what is read of a node. */
export interface RuntimeSink<T = NodeSnapshot> {
  /** The whole node, validated, redacted and owned by the sink. Called only after changes. */
  snapshot(node: string, snapshot: T): void;
  /** Called only when the state or reason changes; the sink adds the time. */
  state(node: string, state: MinionState, reason?: string): void;
  /** Forgets the node and its state. A subsequent `state` means that the minion is still expected. */
  drop(node: string): void;
}
