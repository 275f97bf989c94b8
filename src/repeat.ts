// Does something again and again. An error of it is logged and ends nothing: a timer that throws would end the process, and
// the next time may be better.
import type { Logger } from './logger.ts';

/** Every `ms` milliseconds, without keeping the process alive, until the function returned is called. */
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
