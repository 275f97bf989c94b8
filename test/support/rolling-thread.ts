// A thread that writes history as fast as it can and begins a new segment all the time, with room for a few of them. It tells the
// hash of what it wrote.
import { parentPort, workerData } from 'node:worker_threads';
import { ArchiveWriter } from '../../master/history/archive-writer.ts';
import { openFolder } from '../../master/history/shelf.ts';
import { LivingRecords } from './history-records.ts';

export interface Rolled {
  readonly revision: number;
  readonly hash: string;
}

const { folder, segments } = workerData as { readonly folder: string; readonly segments: number };
const shelf = openFolder(folder);
const limits = { age: 7 * 86_400_000, bytes: 400 << 10 };
const archive = new ArchiveWriter({ shelf, cluster: 'test', keepsValues: false, limits, now: Date.now });
archive.open();
const records = new LivingRecords('aaaaaaaa', 5);

for (let i = 0; i < segments; i++) {
  archive.begin(records.start(Date.now(), i === 0 ? 'restart' : undefined));
  archive.key(records.key());
  archive.keyed();
  for (let n = 0; n < 3; n++) {
    const { record, texts } = records.step(Date.now());
    archive.write([record], texts);
    parentPort?.postMessage({ revision: records.revision, hash: records.hash() } satisfies Rolled);
  }
  archive.look();
}
archive.close();
