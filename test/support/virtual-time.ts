// Time that passes only when a test says so: a clock, sleeping and deadlines that agree.

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly fire: () => void;
}

export interface VirtualTime {
  readonly clock: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly deadline: (ms: number) => AbortSignal;
  /** Lets `ms` pass, timer by timer. Everything that a timer starts is complete before the next one fires. */
  readonly advance: (ms: number) => Promise<void>;
}

export function createVirtualTime(start = 1_700_000_000_000): VirtualTime {
  const timers = new Set<Timer>();
  let now = start;
  let order = 0;

  function add(ms: number, fire: () => void): Timer {
    const timer = { at: now + Math.max(0, ms), order: order++, fire };
    timers.add(timer);
    return timer;
  }

  function nextBefore(end: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of timers) {
      if (timer.at > end) continue;
      if (!first || timer.at < first.at || (timer.at === first.at && timer.order < first.order)) first = timer;
    }
    return first;
  }

  return {
    clock: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve();
        const timer = add(ms, resolve);
        signal.addEventListener('abort', () => {
          timers.delete(timer);
          resolve();
        });
      }),
    deadline(ms) {
      const controller = new AbortController();
      add(ms, () => controller.abort(new DOMException('too late', 'TimeoutError')));
      return controller.signal;
    },
    async advance(ms) {
      const end = now + ms;
      await settled();
      for (let timer = nextBefore(end); timer; timer = nextBefore(end)) {
        timers.delete(timer);
        now = timer.at;
        timer.fire();
        await settled();
      }
      now = end;
    },
  };
}

/** Resolves when all promises that wait for nothing external are settled. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
