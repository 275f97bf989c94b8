// Pages as files of a store: a run's files below its name, and last the file that names the current run. An unfinished run
// is never referenced.

import { SendFailure } from '../failure.ts';
import type { Manifest } from '../manifest.ts';
import { type Compression, compressed, suffixes } from './compress.ts';
import type { Destination, Page, Session } from './destination.ts';

/** Storage of files. Paths are relative, with slashes. */
export interface Store {
  readonly name: string;
  /** Atomic. */
  write(path: string, body: Buffer): Promise<void>;
  /** Undefined if it does not exist. */
  read(path: string): Promise<Buffer | undefined>;
  /** @throws SendFailure `busy` */
  lock(path: string, run: string): Promise<void>;
  /** Signals that the run continues. */
  touch(path: string): Promise<void>;
  unlock(path: string): Promise<void>;
  close(): void;
}

/** Content of `latest.json`. */
interface Latest {
  readonly run: string;
  readonly cluster: Session['cluster'];
}

export function storeDestination(store: Store, compression: Compression, lines: boolean): Destination {
  let session: Session | undefined;
  let locked = false;
  const root = () => encodeURIComponent(session?.cluster.id ?? '').replace(/^\./, '%2E');
  const lock = () => `${root()}/lock`;
  const suffix = `${lines ? '.ndjson' : '.json'}${suffixes[compression]}`;
  const fileOf = (number: number) => String(number).padStart(6, '0');

  async function unlock(): Promise<void> {
    if (locked) await store.unlock(lock()).catch(() => undefined);
    locked = false;
  }

  return {
    name: store.name,
    async open(opened) {
      session = opened;
      checkSame(await store.read(`${root()}/latest.json`), opened);
      await store.lock(lock(), opened.run);
      locked = true;
    },
    async page({ part, number, body }: Page) {
      await store.touch(lock());
      await store.write(
        `${root()}/${session?.run}/${part}-${fileOf(number)}${suffix}`,
        await compressed(body, compression),
      );
    },
    async commit(manifest: Manifest) {
      await store.write(
        `${root()}/${session?.run}/manifest.json`,
        Buffer.from(`${JSON.stringify(manifest, undefined, 2)}\n`),
      );
      const latest: Latest = { run: manifest.run, cluster: manifest.cluster };
      await store.write(`${root()}/latest.json`, Buffer.from(`${JSON.stringify(latest)}\n`));
      await unlock();
    },
    abort: unlock,
    async change(revision, line) {
      const path = `${root()}/${session?.run}/changes/${String(revision).padStart(15, '0')}${suffix}`;
      await store.write(path, await compressed(line, compression));
    },
    async close() {
      await unlock();
      store.close();
    },
  };
}

/** @throws SendFailure `identity` */
function checkSame(text: Buffer | undefined, { cluster, override }: Session): void {
  if (text === undefined || override) return;
  let uid: unknown;
  try {
    uid = (JSON.parse(text.toString()) as Partial<Latest>).cluster?.uid;
  } catch {
    uid = undefined;
  }
  if (uid === cluster.uid) return;
  throw new SendFailure(
    'identity',
    `another cluster (${String(uid)}) was sent under the name ${cluster.id}: choose another exportClusterId, or say exportOverrideIdentity`,
  );
}
