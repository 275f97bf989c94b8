import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createProcessReader } from '../../../minion/proc/processes.ts';

const one = 'a'.repeat(64);
const two = 'b'.repeat(64);
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'proc-'));
  writeFileSync(join(root, 'uptime'), '1000.5 900.1\n');
  writeFileSync(join(root, 'stat'), 'cpu 1 2 3\nbtime 1795000000\n');
  writeFileSync(join(root, 'meminfo'), 'MemTotal:       1000 kB\n');
});
afterEach(() => rmSync(root, { recursive: true }));

function process(pid: number, cgroup: string, cmdline = 'run\0'): void {
  const folder = join(root, String(pid));
  mkdirSync(folder);
  writeFileSync(join(folder, 'cgroup'), cgroup);
  writeFileSync(join(folder, 'stat'), `${pid} (run) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 10 0 0`);
  writeFileSync(join(folder, 'status'), `Uid:\t0\t0\t0\t0\nNSpid:\t${pid}\t1\n`);
  writeFileSync(join(folder, 'cmdline'), cmdline);
}

describe('the processes of the node', () => {
  const read = (containers: readonly (readonly [string, number])[], keepValues = false) =>
    createProcessReader({ root, keepValues }).read(new Map(containers));

  test('are given to the containers that they are in, in order of their pids', async () => {
    process(10, `0::/docker/${one}\n`);
    process(9, `0::/docker/${one}\n`);
    process(11, `0::/docker/${two}\n`);
    process(12, '0::/system.slice/sshd.service\n');
    const tables = await read([
      [one, 9],
      [two, 11],
    ]);
    expect([...tables.keys()]).toEqual([one, two]);
    expect(tables.get(one)?.map(({ pid }) => pid)).toEqual([9, 10]);
    expect(tables.get(two)?.map(({ pid }) => pid)).toEqual([11]);
  });

  test('are not believed where the first pid of the container is not among them: these are not the node’s pids', async () => {
    process(1, `0::/docker/${one}\n`);
    expect((await read([[one, 4711]])).size).toBe(0);
  });

  test('go to the outer container where the runtime knows only that one, and to the inner where only that', async () => {
    process(5, `0::/docker/${one}/kubepods/${two}\n`);
    expect([...(await read([[one, 5]])).keys()]).toEqual([one]);
    expect([...(await read([[two, 5]])).keys()]).toEqual([two]);
  });

  test('may end while they are read', async () => {
    process(5, `0::/docker/${one}\n`);
    process(6, `0::/docker/${one}\n`);
    rmSync(join(root, '6', 'status'));
    expect((await read([[one, 5]])).get(one)).toHaveLength(1);
  });

  test('have their secrets redacted unless values are kept', async () => {
    process(5, `0::/docker/${one}\n`, 'app\0--password\0open sesame\0');
    const command = async (keep: boolean) => (await read([[one, 5]], keep)).get(one)?.[0]?.command;
    expect(await command(false)).toBe('app --password [redacted]');
    expect(await command(true)).toBe('app --password open sesame');
  });
});
