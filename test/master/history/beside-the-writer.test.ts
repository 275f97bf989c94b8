// One thread reads while another begins, closes, seals and removes segments: nothing that is whole is told to be damaged.
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';
import { ArchiveReader, type AskedMoment } from '../../../master/history/archive-reader.ts';
import { openFolder } from '../../../master/history/shelf.ts';
import { Fault } from '../../../src/errors.ts';
import type { Rolled } from '../../support/rolling-thread.ts';

function textAt(reader: ArchiveReader, asked: AskedMoment): string {
  const moment = reader.moment(asked);
  const sum = createHash('sha256');
  for (const what of ['resources', 'relations'] as const)
    for (const { bytes } of reader.texts(moment, { what, chosen: {}, short: false })) sum.update(bytes);
  reader.facts(moment);
  return sum.digest('hex');
}

/** What `ask` returns, or the code of its fault. */
function answerOf(ask: () => string): string {
  try {
    return ask();
  } catch (error) {
    if (error instanceof Fault) return error.code === 'history_damaged' ? error.message : error.code;
    throw error;
  }
}

test('a reader is never told of damage, whatever the writer does to its segments meanwhile', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'history-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const written: Rolled[] = [];
  const worker = new Worker(new URL('../../support/rolling-thread.ts', import.meta.url), {
    workerData: { folder, segments: 25 },
  });
  worker.on('message', (rolled: Rolled) => void written.push(rolled));
  let failure: Error | undefined;
  worker.on('error', (error: Error) => (failure = error));
  let isOver = false;
  worker.once('exit', () => (isOver = true));
  const reader = new ArchiveReader(openFolder(folder), true);
  onTestFinished(() => reader.close());
  const answers = new Set<string>();
  let right = 0;
  for (let i = 0; !isOver; i++) {
    await turn();
    const { revision, hash } = written[written.length - 1 - (i % 9)] ?? {};
    if (revision === undefined) continue;
    const told = answerOf(() => textAt(reader, { epoch: 'aaaaaaaa', revision }));
    if (told === hash) right++;
    else answers.add(told);
    const now = answerOf(() => (textAt(reader, { time: Date.now() }), 'told'));
    if (now !== 'told') answers.add(now);
    for (const { damaged } of reader.overview().segments) if (damaged) answers.add(damaged);
    reader.letGo();
  }
  expect(failure).toBeUndefined();
  expect([...answers].filter((each) => each !== 'history_expired')).toEqual([]);
  expect(right).toBeGreaterThan(0);
  const last = written.at(-1);
  expect(answerOf(() => textAt(reader, { epoch: 'aaaaaaaa', revision: last?.revision ?? 0 }))).toBe(last?.hash);
});
