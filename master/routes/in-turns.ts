// Work for a caller: in turns with everything else, and ended when the caller goes.
import type { FastifyReply } from 'fastify';
import type { Steps } from '../../src/steps.ts';
import { askerOf } from '../access/asker.ts';
import { turns } from '../turns.ts';

/** How the work for one question runs: in turns with all others, and only as long as its caller waits. */
export interface Running {
  inTurns<T>(steps: Steps<T>): Promise<T>;
  whileThere<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T>;
}

export function runningFor(reply: FastifyReply): Running {
  return { inTurns: (steps) => inTurns(reply, steps), whileThere: (work) => whileThere(reply, work) };
}

/** The result of the steps, run in turns. @throws Fault `client_gone` if the connection closes first. */
export function inTurns<T>(reply: FastifyReply, steps: Steps<T>): Promise<T> {
  return whileThere(reply, (signal) => turns.run(steps, signal, askerOf(reply.raw)));
}

/** The signal aborts when the caller goes. */
export async function whileThere<T>({ raw }: FastifyReply, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const gone = new AbortController();
  const abort = () => gone.abort();
  raw.once('close', abort);
  if (raw.destroyed) abort();
  try {
    return await work(gone.signal);
  } finally {
    raw.off('close', abort);
  }
}
