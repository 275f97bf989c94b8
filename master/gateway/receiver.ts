// The receiver of a message class. Records of one agent's class arrive in order; each may arrive twice.
import type { WallTime } from '../../src/clock.ts';

export interface ReceivedRecord {
  readonly n: number;
  /** Time at the agent, by its clock. */
  readonly at: WallTime;
  readonly body: unknown;
}

/** For one enrolled agent: it outlives connections. */
export interface Receiver {
  /**
   * Resolves when the record need not be sent again. `hole`: earlier records are lost.
   * @throws Fault `bad_request` for an invalid body; the connection is closed.
   */
  take(record: ReceivedRecord, hole: boolean): Promise<void> | void;
  /** The agent connected or disconnected. `resync` requests everything of its class again. */
  connected?(resync: (reason: string) => void): void;
  disconnected?(): void;
  /** The cluster is no longer enrolled, or the gateway ends. */
  close?(): Promise<void> | void;
}

/** Creates the receiver of one cluster. */
export type OpenReceiver = (cluster: string) => Receiver;
