// Long work in short turns. The process has one event loop: whatever holds it keeps every reader, every write to the
// graph and every probe waiting. Work is therefore written as steps (src/steps.ts) and run here: all of it together gets
// one turn of a few milliseconds, then the loop goes round once, then the next one's turn comes. Only `setImmediate` (and
// `scheduler.yield`, which is the same) lets sockets and timers in between; promises and `process.nextTick` come before
// both, however often they are awaited.
//
// Between two steps the graph may change: what is held on to across a `yield` must be what nobody changes, such as a
// capture and what graph/bygone.ts says of it.

import { fault } from '../src/errors.ts';
import { FairSemaphore } from '../src/fair-semaphore.ts';
import type { Steps } from '../src/steps.ts';

export interface Turns {
  /**
   * What the steps come to. Long ones of a tenant wait for each other before they let others wait.
   * @throws Fault `client_gone` once the signal aborts, `overloaded` when too many long ones wait already.
   */
  run<T>(steps: Steps<T>, signal: AbortSignal, tenant?: string): Promise<T>;
  /** The items one by one, as fast as somebody takes them but in turns; undefined ones are only places to be interrupted at. */
  pace<T>(items: Iterable<T | undefined>): AsyncGenerator<T>;
}

export interface TurnsOptions {
  /** Milliseconds of one turn. */
  readonly length?: number;
  /** Calls back when the loop has gone round. */
  readonly later?: (callback: () => void) => void;
  readonly now?: () => number;
  /** How many long ones are under way at once: each holds what it has found so far. */
  readonly places?: number;
}

/** After so many turns work counts as long. */
const shortWork = 25;
/** How many long ones may wait for a place. */
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

  /** Who comes for the first time may need no more than this turn: it waits behind one of the others, not behind all. */
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

  /** Until there is time: at once where nobody has had it since the loop went round. */
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
          // Others of this turn may have used it up.
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

/** Those of this process: there is one event loop to share. */
export const turns: Turns = createTurns();
