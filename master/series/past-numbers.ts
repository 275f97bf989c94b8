// Numbers beyond the last hour, or where no probe measures: asked from a Prometheus, never kept here. Types only.
import type { SeriesReader } from './series.ts';

export interface PastContainer {
  /** Id of the resource. */
  readonly id: string;
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

export interface PastQuestion {
  readonly containers: readonly PastContainer[];
  readonly nodes: readonly { readonly id: string; readonly node: string }[];
  /** Steps since the epoch, both included. */
  readonly from: number;
  readonly to: number;
  /** Milliseconds. */
  readonly step: number;
}

/** Numbers by step, as those of the last hour are by minute. */
export interface PastAnswer extends Pick<SeriesReader, 'of' | 'values' | 'facts'> {
  /** Why it may not be whole, in words; undefined if nothing is known to be missing. */
  readonly partly: string | undefined;
  /** How many of those asked for have any number. */
  readonly known: number;
}

export interface PastNumbers {
  /**
   * Equal questions at one time are asked once, and answered for a while.
   * @throws Fault `prometheus_failed`, `prometheus_too_much`, `credentials_unreadable`, `overloaded`, `client_gone`.
   */
  ask(question: PastQuestion, signal: AbortSignal): Promise<PastAnswer>;
}
