// The thread that copies segments from and to a shared folder: a file system across a network may hold it up for as long as it
// likes. sharing.ts starts it.
import { parentPort, workerData } from 'node:worker_threads';
import { repeat } from '../../src/repeat.ts';
import { type Shared, SharedShelf } from './shared-shelf.ts';
import type { SharingAsked, SharingOptions, SharingTold } from './sharing.ts';

const port = parentPort;
const { wanted, period, ...options } = workerData as SharingOptions;
const isWanted = () => Atomics.load(new Int32Array(wanted), 0) === 0;

/** Made when it is needed: a folder that is not there yet may be there later. */
let opened: SharedShelf | undefined;
const shelf = () => (opened ??= new SharedShelf({ ...options, now: Date.now }));

const none: Shared = { copied: [], refused: [] };

function tell(what: SharingTold['what'], work: () => Shared): void {
  try {
    port?.postMessage({ what, ...work() } satisfies SharingTold);
  } catch (error) {
    port?.postMessage({ what, ...none, failed: String((error as Error).message) } satisfies SharingTold);
  }
}

const stop = repeat(period, () => tell('give', () => shelf().give()), { error: () => {} });

port?.on('message', (asked: SharingAsked) => {
  if (asked === 'take') return tell('take', () => shelf().take(isWanted));
  stop();
  tell('close', () => shelf().give());
  opened?.close();
  port.close();
});
