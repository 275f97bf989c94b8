import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { identityIn } from '../../../master/history/identity.ts';
import { segmentName } from '../../../master/history/segment-name.ts';
import { openFolder } from '../../../master/history/shelf.ts';

const name = (n: number) => segmentName(n, 'aaaaaaaa', 1);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shelf-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('what is no regular file is no segment: links, pipes and folders', () => {
  const shelf = openFolder(folder);
  shelf.create(name(1)).close();
  expect(shelf.list()).toEqual([name(1)]);
  const named = (n: string) => join(folder, `${n}.sqlite`);
  symlinkSync('/etc/passwd', named(name(2)));
  mkdirSync(named(name(3)));
  execFileSync('mkfifo', [named(name(4))]);
  expect(shelf.list()).toEqual([name(1)]);
  shelf.close();
});

/** Another thread that keeps a segment's log locked for a moment, as a reader does that opens it first. */
const holder = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { DatabaseSync } = require('node:sqlite');
  const database = new DatabaseSync(workerData);
  database.exec('BEGIN IMMEDIATE');
  parentPort.postMessage('held');
  setTimeout(() => { database.exec('COMMIT'); database.close(); }, 50);
`;

test('a writer waits for a thread that has just opened its segment, and is not refused', async () => {
  const shelf = openFolder(folder);
  const database = shelf.create(name(1));
  const worker = new Worker(holder, { eval: true, workerData: join(folder, `${name(1)}.sqlite`) });
  const over = new Promise((resolve) => worker.once('exit', resolve));
  await new Promise((resolve) => worker.once('message', resolve));
  expect(() => database.exec('BEGIN; CREATE TABLE a (b); COMMIT')).not.toThrow();
  await over;
  database.close();
  shelf.close();
});

test.each(['/dev/zero', '.'])('a name of the cluster that leads to %s is refused and not waited for', (place) => {
  symlinkSync(place, join(folder, 'cluster'));
  expect(() => identityIn(folder, undefined, 'test')).toThrow('is not a regular file');
});
