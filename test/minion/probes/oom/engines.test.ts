// On the real kernel: a process is killed for lack of memory in a control group like a container's, and the probe reports it.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { hierarchiesIn, walkCgroups } from '../../../../minion/probes/cgroups/hierarchy.ts';
import { oom } from '../../../../minion/probes/oom.ts';
import type { ProbedContainer, ProbedNode, Round } from '../../../../minion/probes/probe.ts';
import { silentLogger } from '../../../../src/logger.ts';

const root = process.getuid?.() === 0 ? ['/sys/fs/cgroup/memory', '/sys/fs/cgroup'].find(limits) : undefined;
let group = '';
afterEach(() => {
  if (group !== '') rmdirSync(group);
});

/** Whether the memory controller is available there. */
function limits(place: string): boolean {
  return existsSync(`${place}/memory.limit_in_bytes`) || existsSync(`${place}/memory.stat`);
}

test.skipIf(root === undefined)('a process that is killed for memory is counted for its container', async () => {
  const id = `e${process.pid.toString(16)}`.padEnd(64, '0');
  group = `${root}/cri-containerd-${id}.scope`;
  mkdirSync(group);
  const [file] = ['memory.limit_in_bytes', 'memory.max'].filter((name) => existsSync(`${group}/${name}`));
  if (file === undefined) return;
  writeFileSync(`${group}/${file}`, String(40 << 20));
  const node: ProbedNode = { root: '', proc: '/proc', clock: Date.now, logger: silentLogger, fetch };
  const probe = oom.start(node);
  const eat = `echo $$ > ${group}/cgroup.procs; exec "${process.execPath}" -e 'const a = []; for (;;) a.push(Buffer.alloc(1 << 22, 1))'`;
  const child = spawn('bash', ['-c', eat], { stdio: 'ignore' });
  const signal = await new Promise((resolve) => child.once('exit', (_code, by) => resolve(by)));
  expect(signal).toBe('SIGKILL');
  const { found } = walkCgroups(hierarchiesIn('/sys/fs/cgroup'));
  const cgroup = found.find(({ owner }) => owner.id === id)?.directories;
  expect(cgroup).toBeDefined();
  const container: ProbedContainer = { id, name: '/docker/x', isService: false, cgroup };
  const round: Round = { at: 0, containers: [container], pidsOf: () => [] };
  const told: unknown[] = [];
  const out = {
    node: () => undefined,
    drop: () => undefined,
    container: (...said: unknown[]) => void told.push(said),
  };
  probe.samples(round, out);
  expect(told).toEqual([[container, 'container_oom_kills_total', 1]]);
  probe.close();
});
