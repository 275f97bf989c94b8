// Timers as alerts see them: passed in, so that a test lets hours pass. None keeps the process alive.

/** Does `work` after so many milliseconds, unless the function returned is called before. */
export type Later = (ms: number, work: () => void) => () => void;

/** Longer ones fire at once in Node. */
const longest = 2 ** 31 - 1;

export const timers: Later = (ms, work) => {
  const timer = setTimeout(work, Math.min(Math.max(0, ms), longest)).unref();
  return () => clearTimeout(timer);
};
