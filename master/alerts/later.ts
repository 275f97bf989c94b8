// Timers of alerts, passed in so that tests can skip time. None keeps the process alive.

/** Runs `work` after some milliseconds, unless the returned function is called before. */
export type Later = (ms: number, work: () => void) => () => void;

/** Node fires longer timers at once. */
const longest = 2 ** 31 - 1;

export const timers: Later = (ms, work) => {
  const timer = setTimeout(work, Math.min(Math.max(0, ms), longest)).unref();
  return () => clearTimeout(timer);
};
