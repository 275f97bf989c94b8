// Lets a few do something at once and the others wait in order: big kinds must not hold their pages at the same moment.

export interface Semaphore {
  /**
   * Waits for a place and answers the function that gives it back (calling it again does nothing).
   * @throws the signal's reason when it aborts first.
   */
  acquire(signal: AbortSignal): Promise<() => void>;
}

export function createSemaphore(places: number): Semaphore {
  const waiting = new Set<() => void>();
  let free = places;

  function release(): void {
    const [next] = waiting;
    if (next === undefined) free += 1;
    else next();
  }

  function place(): () => void {
    let held = true;
    return () => {
      if (held) release();
      held = false;
    };
  }

  function inTurn(signal: AbortSignal): Promise<() => void> {
    return new Promise((resolve, reject) => {
      const enter = (): void => {
        leave();
        resolve(place());
      };
      const giveUp = (): void => {
        leave();
        reject(signal.reason as Error);
      };
      const leave = (): void => {
        waiting.delete(enter);
        signal.removeEventListener('abort', giveUp);
      };
      waiting.add(enter);
      signal.addEventListener('abort', giveUp);
    });
  }

  return {
    async acquire(signal) {
      signal.throwIfAborted();
      if (free === 0) return inTurn(signal);
      free -= 1;
      return place();
    },
  };
}
