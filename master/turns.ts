// Runs long work in short turns. The process has one event loop: blocking it delays all readers, writes and probes. Work is
// therefore written as steps (src/steps.ts); all of it together gets a few milliseconds, then the loop goes round once,
// then the next work has its turn. Only `setImmediate` (and `scheduler.yield`, which is the same) lets sockets and timers
// run in between; promises and `process.nextTick` come before both.
//
// The graph may change between two steps: across a `yield` hold only immutable data, such as a snapshot and what its undo
// log returns.

import { fault } from '../src/errors.ts';
import { FairSemaphore } from '../src/fair-semaphore.ts';
import type { Steps } from '../src/steps.ts';

export interface Turns {
  /**
   * The result of the steps. Long work of one tenant queues before it delays others.
   * @throws Fault `client_gone` when the signal aborts, `overloaded` if too much long work waits already.
   */
  run<T>(steps: Steps<T>, signal: AbortSignal, tenant?: string): Promise<T>;
  /** The items, as fast as they are taken but in turns; undefined ones are just pauses. */
  pace<T>(items: Iterable<T | undefined>): AsyncGenerator<T>;
}

export interface TurnsOptions {
  /** Milliseconds per turn. */
  readonly length?: number;
  /** Calls back after the loop has gone round. */
  readonly later?: (callback: () => void) => void;
  readonly now?: () => number;
  /** Concurrent long work: each keeps its results so far. */
  readonly places?: number;
}

/** Work counts as long after this many turns. */
const shortWork = 25;
/** Maximum long work waiting for a place. */
const mostWaiting = 64;

export function createTurns({
  length = 2,
  later = setImmediate,
  now = () => performance.now(),
  places = 4,
}: TurnsOptions = {}): Turns {
  const newcomers: (() => void)[] = [];
  const others: (() => void)[] = [];
  const full = () => fault('overloaded', { reason: 'too many long questions are being answered' });
  const long = new FairSemaphore(places, { waiting: mostWaiting, full });
  let going = false;
  let end = 0;
  let newcomerNext = true;

  function begin(): void {
    going = true;
    end = now() + length;
    later(comeRound);
  }

  /** A new arrival may be short: it goes after one of the others, not after all. */
  function comeRound(): void {
    const first = newcomerNext ? newcomers : others;
    const next = first.shift() ?? (first === others ? newcomers : others).shift();
    newcomerNext = !newcomerNext;
    if (next) {
      begin();
      return next();
    }
    going = false;
    end = 0;
  }

  const isOver = () => now() >= end;

  /** Waits for time: none if no other steps had a turn since the loop went round. */
  async function turn(isNew: boolean): Promise<void> {
    if (!going) return begin();
    if (isOver()) await new Promise<void>((resolve) => (isNew ? newcomers : others).push(resolve));
  }

  return {
    async run(steps, signal, tenant = '') {
      let leave: (() => void) | undefined;
      try {
        for (let taken = 0; ; ) {
          if (taken === shortWork) leave ??= await long.acquire(tenant, signal);
          await turn(taken === 0);
          if (signal.aborted) throw fault('client_gone');
          // Others in this turn may have used it up.
          if (isOver()) continue;
          taken++;
          do {
            const step = steps.next();
            if (step.done) return step.value;
          } while (!isOver());
        }
      } catch (error) {
        throw signal.aborted ? fault('client_gone') : error;
      } finally {
        steps.return(undefined as never);
        leave?.();
      }
    },
    async *pace(items) {
      await turn(true);
      for (const item of items) {
        if (item !== undefined) yield item;
        if (isOver()) await turn(false);
      }
    },
  };
}

/** For this process, which has one event loop. */
export const turns: Turns = createTurns();
