// Repeats work. Errors are logged and stop nothing: a timer that throws would end the process, and the next try may
// succeed.
import type { Logger } from './logger.ts';

/** Runs every `ms` milliseconds, without keeping the process alive. Returns a function that stops it. */
export function repeat(ms: number, work: () => void | Promise<void>, logger: Pick<Logger, 'error'>): () => void {
  const guarded = async () => {
    try {
      await work();
    } catch (err) {
      logger.error({ err }, 'what is done again and again failed this time');
    }
  };
  const timer = setInterval(() => void guarded(), ms).unref();
  return () => clearInterval(timer);
}
