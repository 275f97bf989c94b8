// What takes the records of a class. Records of one agent's class come one after the other, in order; each may come twice.
import type { WallTime } from '../../src/clock.ts';

export interface ReceivedRecord {
  readonly n: number;
  /** When the agent said it, by its clock. */
  readonly at: WallTime;
  readonly body: unknown;
}

/** Of one agent, as long as it is enrolled: it outlives connections. */
export interface Receiver {
  /**
   * Resolves once the record needs no sending again. `hole`: records before it are lost.
   * @throws Fault `bad_request` for a body that is none; the connection is closed.
   */
  take(record: ReceivedRecord, hole: boolean): Promise<void> | void;
  /** Its agent is connected, or is not any more. `resync` asks it for all of its class again. */
  connected?(resync: (reason: string) => void): void;
  disconnected?(): void;
  /** The cluster is not enrolled any more, or the gateway ends. */
  close?(): Promise<void> | void;
}

/** Makes the receiver of one cluster. */
export type OpenReceiver = (cluster: string) => Receiver;
