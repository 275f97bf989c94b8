import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DelayCounter, delays } from '../../../minion/probes/delays.ts';
import type { ProbedContainer, Round } from '../../../minion/probes/probe.ts';

let proc = '';
beforeEach(() => {
  proc = mkdtempSync(join(tmpdir(), 'delays-'));
});
afterEach(() => rmSync(proc, { recursive: true }));

function thread(pid: number, id: number, nanoseconds: number): void {
  const folder = join(proc, `${pid}/task/${id}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'schedstat'), `1 ${nanoseconds} 1\n`);
  writeFileSync(join(folder, 'stat'), `${id} (x) S ${'0 '.repeat(50)}`);
}

const container: ProbedContainer = { id: 'c', name: '/docker/c', isService: false };
const roundOf = (...pids: number[]): Round => ({ at: 0, containers: [container], pidsOf: () => pids });

test('waiting times of threads are added up, and the sum does not fall when a thread ends', async () => {
  const counter = new DelayCounter({ proc });
  thread(1, 1, 2e9);
  thread(1, 2, 1e9);
  await counter.look(roundOf(1));
  expect(counter.of(container)?.processor).toBe(3);
  rmSync(join(proc, '1/task/2'), { recursive: true });
  thread(1, 1, 2.5e9);
  await counter.look(roundOf(1));
  expect(counter.of(container)?.processor).toBe(3.5);
});

test('a thread whose number is used again counts from its beginning', async () => {
  const counter = new DelayCounter({ proc });
  thread(1, 1, 4e9);
  await counter.look(roundOf(1));
  thread(1, 1, 1e9);
  await counter.look(roundOf(1));
  expect(counter.of(container)?.processor).toBe(5);
});

test('reports nothing of a removed container, and disks only if the kernel counts them', async () => {
  const counter = new DelayCounter({ proc });
  thread(1, 1, 1e9);
  await counter.look(roundOf(1));
  await counter.look({ ...roundOf(), containers: [] });
  expect(counter.of(container)).toBeUndefined();
  expect(counter.countedDisks).toBe(false);
  mkdirSync(join(proc, 'sys/kernel'), { recursive: true });
  writeFileSync(join(proc, 'sys/kernel/task_delayacct'), '1\n');
  writeFileSync(join(proc, '1/task/1/stat'), `1 (x) S ${'0 '.repeat(38)}250 0`);
  await counter.look(roundOf(1));
  expect([counter.countedDisks, counter.of(container)?.disk]).toEqual([true, 2.5]);
  rmSync(join(proc, 'sys'), { recursive: true });
  await counter.look(roundOf(1));
  expect([counter.countedDisks, counter.of(container)?.disk]).toEqual([false, 2.5]);
  expect(delays.needs).toHaveLength(2);
});
