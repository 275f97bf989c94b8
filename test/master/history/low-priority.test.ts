import { readlinkSync } from 'node:fs';
import { getPriority } from 'node:os';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';

const asked = `
  import { parentPort, workerData } from 'node:worker_threads';
  import { readlinkSync } from 'node:fs';
  import { getPriority } from 'node:os';
  const { lowerPriority } = await import(workerData);
  const thread = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
  const before = getPriority(thread);
  lowerPriority();
  parentPort.postMessage([before, getPriority(thread)]);
`;

test('only the thread that asks for it runs behind the others', async () => {
  const place = new URL('../../../master/history/low-priority.ts', import.meta.url).href;
  const own = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
  const mine = getPriority(own);
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(asked)}`), { workerData: place });
  const [before, after] = await new Promise<[number, number]>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  expect(after).toBe(Math.min(19, before + 5));
  expect(getPriority(own)).toBe(mine);
  await worker.terminate();
});
