// A process that only writes history, as fast as it can, and prints what is on disk. To be killed.
import { ArchiveWriter } from '../../master/history/archive-writer.ts';
import { openFolder } from '../../master/history/shelf.ts';
import { LivingRecords } from './history-records.ts';

const [folder = '', epoch = '', seed = '0'] = process.argv.slice(2);
const limits = { age: 7 * 86_400_000, bytes: 1 << 30 };
const archive = new ArchiveWriter({
  shelf: openFolder(folder),
  cluster: 'test',
  keepsValues: false,
  limits,
  now: Date.now,
});
archive.open();
const records = new LivingRecords(epoch, Number(seed));

function begin(gap: 'restart' | undefined): void {
  archive.begin(records.start(Date.now(), gap));
  archive.key(records.key());
  archive.keyed();
}

begin('restart');
process.stdout.write('started\n');
for (let i = 1; ; i++) {
  const steps = Array.from({ length: 10 }, () => records.step(Date.now()));
  for (const { record, texts } of steps) archive.write([record], texts);
  const told = { epoch, revision: records.revision, hash: records.hash() };
  process.stdout.write(`${JSON.stringify(told)}\n`);
  if (i % 25 === 0) begin(undefined);
}
