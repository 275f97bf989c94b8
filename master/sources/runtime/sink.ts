// What the runtime collector hands over, and to whom. Types only; the store implements it.
import type { NodeSnapshot } from '../../../src/minion-api.ts';
import type { SourceState } from '../../../src/model.ts';

/**
 * How the minion of a node stands. `partly`: it answers, and the node has more than one answer may hold. `absent`: it is
 * known, but gone for so long that its node's data was dropped.
 */
export type MinionState = Extract<SourceState['state'], 'syncing' | 'synced' | 'partly' | 'stale' | 'absent'>;

/** `T` is what is read of a node. */
export interface RuntimeSink<T = NodeSnapshot> {
  /** The whole node, checked and redacted, fresh: nobody else holds it. Called only when it changed. */
  snapshot(node: string, snapshot: T): void;
  /** Called only when the state or the reason changed; the sink stamps the moment. */
  state(node: string, state: MinionState, reason?: string): void;
  /** Forget all of the node, its state included. A state that follows at once says that its minion is still expected. */
  drop(node: string): void;
}
