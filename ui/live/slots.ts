// Browsers open six connections per host over HTTP/1.1, so with a stream in each of seven tabs the last waits for ever. At
// most three tabs hold a stream; others poll and take a free slot.

const places = ['cluster-insight-stream-1', 'cluster-insight-stream-2', 'cluster-insight-stream-3'];

export interface Locks {
  request(
    name: string,
    options: { ifAvailable: true },
    hold: (lock: object | null) => Promise<void> | undefined,
  ): Promise<unknown>;
}

/** Returns a function to release the slot; undefined if none is free. Without the locks API (plain HTTP) there is always one. */
export async function takeSlot(locks: Locks | undefined): Promise<(() => void) | undefined> {
  if (!locks) return () => undefined;
  for (const place of places) {
    const release = await tryPlace(locks, place);
    if (release) return release;
  }
  return undefined;
}

function tryPlace(locks: Locks, name: string): Promise<(() => void) | undefined> {
  return new Promise((resolve) => {
    const hold = (lock: object | null) => {
      if (lock === null) {
        resolve(undefined);
        return undefined;
      }
      return new Promise<void>((release) => resolve(release));
    };
    locks.request(name, { ifAvailable: true }, hold).catch(() => resolve(undefined));
  });
}
