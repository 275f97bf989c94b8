// Follows the runtime's events for the life of the minion. Never throws: it backs off and informs the snapshot.
import { type Backoff, sleep as usualSleep } from '../src/backoff.ts';
import type { Logger } from '../src/logger.ts';
import type { Engine } from './engine.ts';
import type { Snapshot } from './inventory/snapshot.ts';

export interface WatchOptions {
  readonly engine: Engine;
  readonly snapshot: Pick<Snapshot, 'watching' | 'unwatched' | 'containerChanged' | 'imageChanged'>;
  readonly backoff: Backoff;
  readonly logger: Logger;
  /** Milliseconds until a runtime without events is tried again. */
  readonly unservedFor?: number;
  readonly sleep?: typeof usualSleep;
}

export async function watchEvents(options: WatchOptions, signal: AbortSignal): Promise<void> {
  const { engine, snapshot, backoff, logger, unservedFor = 300_000, sleep = usualSleep } = options;
  while (!signal.aborted) {
    const outcome = await followOnce(options, signal).catch((error: unknown) => {
      logger.debug({ err: error }, 'the events of the container runtime broke off');
      return 'ended' as const;
    });
    snapshot.unwatched();
    // A call shows whether it still answers, and readiness follows.
    if (!signal.aborted) await engine.call('ping', (runtime) => runtime.ping()).catch(() => undefined);
    await sleep(outcome === 'unserved' ? unservedFor : backoff.next(), signal);
  }
}

function followOnce({ engine, snapshot, backoff }: WatchOptions, signal: AbortSignal): Promise<'ended' | 'unserved'> {
  const watcher = {
    watching() {
      backoff.reset();
      snapshot.watching();
    },
    containerChanged: (id: string) => snapshot.containerChanged(id),
    imageChanged: (id: string) => snapshot.imageChanged(id),
  };
  return engine.call('events', (runtime) => runtime.watch(watcher, signal));
}
