import { subscribe } from 'node:diagnostics_channel';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';
import { openThreads } from '../../../master/history/threads.ts';

function open(folder: string | undefined) {
  const limits = { age: 86_400_000, bytes: 1 << 30 };
  const threads = openThreads({ folder, cluster: 'test', keepsValues: false, limits });
  onTestFinished(() => threads.close());
  return threads;
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'history-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Threads that were begun here. */
const begun: Worker[] = [];
subscribe('worker_threads', (message) => void begun.push((message as { worker: Worker }).worker));
/** Those of them that run. */
const count = () => begun.filter(({ threadId }) => threadId !== -1).length;

test('the thread that reads ends when nobody asks, and begins again with the next question', async () => {
  const threads = open(newFolder());
  await threads.writer.ask('open', undefined);
  expect(count()).toBe(1);
  expect((await threads.reader.ask('overview', undefined)).segments).toEqual([]);
  await threads.rest();
  expect(count()).toBe(2);
  await threads.rest();
  expect(count()).toBe(1);
  await threads.rest();
  expect((await threads.reader.ask('overview', undefined)).segments).toEqual([]);
  expect(await threads.writer.ask('look', undefined)).toMatchObject({ wantsRoll: false });
});

test('it does not end while an answer waits to be taken', async () => {
  const threads = open(newFolder());
  await threads.writer.ask('open', undefined);
  const moment = { epoch: 'none', revision: 1 };
  const asked = threads.reader.ask('moment', moment).catch((error: { code?: string }) => error.code);
  await threads.rest();
  await threads.rest();
  expect(await asked).toMatch(/^history_/);
});

test('where history lies in memory, the one thread stays', async () => {
  const threads = open(undefined);
  await threads.writer.ask('open', undefined);
  await threads.reader.ask('overview', undefined);
  for (let n = 0; n < 3; n++) await threads.rest();
  expect(count()).toBe(1);
  expect((await threads.reader.ask('overview', undefined)).segments).toEqual([]);
});
