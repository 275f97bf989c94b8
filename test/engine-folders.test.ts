import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { procText } from './leftovers.ts';
import { removeAll } from './support/engines/daemon.ts';

test('the folder of an engine is removed with the shims that outlived it, and with their containers alone', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'engine-'));
  writeFileSync(join(dir, 'log'), '');
  const shell = (argv0: string, folder: string, script: string) =>
    spawn('/bin/sh', ['-c', script, 'x', `${folder}/socket`], { argv0 });
  const waits = 'echo up; read x';
  const others = [shell('containerd-shim-test', `${dir}-other`, waits), shell('sh', dir, waits)];
  const shim = shell('containerd-shim-test', dir, 'sleep 300 & echo $!; wait');
  const ended = once(shim, 'exit');
  const [child] = await Promise.all([shim, ...others].map(async ({ stdout }) => String(await once(stdout, 'data'))));
  await removeAll(dir);
  await ended;
  expect(existsSync(dir)).toBe(false);
  // A zombie until its new parent has seen its end.
  const state = () => /^State:\s+(\S)/m.exec(procText(`/proc/${Number(child)}/status`))?.[1] ?? 'gone';
  await expect.poll(state).toMatch(/^(?:Z|gone)$/);
  for (const other of others) {
    expect([other.exitCode, other.signalCode]).toEqual([null, null]);
    other.stdin.end();
    await once(other, 'exit');
  }
});
