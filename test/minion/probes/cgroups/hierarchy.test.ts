import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { hierarchiesIn, walkCgroups } from '../../../../minion/probes/cgroups/hierarchy.ts';
import { ownerOfPath } from '../../../../minion/probes/cgroups/owner-of-path.ts';
import { devicesOf, oomKillsOf, usageOf } from '../../../../minion/probes/cgroups/usage.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function tree(files: { readonly [path: string]: string }): string {
  const folder = mkdtempSync(join(tmpdir(), 'cgroups-'));
  folders.push(folder);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

const id = 'c1'.repeat(32);
const pod = 'kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod7a.slice';
const scope = `${pod}/cri-containerd-${id}.scope`;

describe('where control groups are', () => {
  test('of v2 one directory has all, and what lies in a container is its own', () => {
    const folder = tree({
      'cgroup.controllers': 'cpu memory io',
      [`${scope}/cgroup.controllers`]: '',
      [`${scope}/cpu.stat`]: 'usage_usec 2500000\nthrottled_usec 500000\n',
      [`${scope}/cpu.max`]: '50000 100000\n',
      [`${scope}/memory.stat`]: 'anon 4096\nfile 8192\nfile_mapped 1024\n',
      [`${scope}/memory.max`]: 'max\n',
      [`${scope}/memory.events`]: 'oom 3\noom_kill 2\n',
      [`${scope}/io.stat`]: '8:0 rbytes=1 wbytes=2 rios=3 wios=4\n',
      [`${scope}/cpu.pressure`]: 'some avg10=0 total=1000000\n',
      [`${scope}/init.scope/cpu.stat`]: 'usage_usec 1\n',
      'system.slice/cron\\x2dx.service/cpu.stat': 'usage_usec 7\n',
      'user.slice/user-0.slice/cpu.stat': '',
    });
    const { found, isCut } = walkCgroups(hierarchiesIn(folder));
    expect(found.map(({ owner }) => owner)).toEqual([
      { kind: 'service', id: '/system.slice/cron-x.service' },
      { kind: 'container', id },
    ]);
    expect(isCut).toBe(false);
    const { directories } = found[1] ?? { directories: {} };
    expect(usageOf(directories)).toEqual({
      ...{ cpu: 2.5, throttled: 0.5, cores: 0.5, resident: 5120, cache: 8192, memoryLimit: undefined },
      cpuPressure: { some: 1, full: undefined },
      memoryPressure: undefined,
      ioPressure: undefined,
    });
    expect(oomKillsOf(directories)).toBe(2);
    expect(devicesOf(directories).get('8:0')).toEqual({ reads: 3, writes: 4, readBytes: 1, writtenBytes: 2 });
  });

  test('of v1 each controller has its own, also beside a v2 that has none of them', () => {
    const place = `docker/${id}`;
    const folder = tree({
      'cpu,cpuacct/cpu.shares': '1024',
      'cpu,cpuacct/cpuacct.usage': '1',
      [`cpu,cpuacct/${place}/cpuacct.usage`]: '3000000000\n',
      [`cpu,cpuacct/${place}/cpu.stat`]: 'nr_throttled 1\nthrottled_time 250000000\n',
      [`cpu,cpuacct/${place}/cpu.cfs_quota_us`]: '-1\n',
      [`cpu,cpuacct/${place}/cpu.cfs_period_us`]: '100000\n',
      'memory/memory.usage_in_bytes': '1',
      [`memory/${place}/memory.stat`]: 'rss 1\ntotal_rss 2048\ntotal_mapped_file 512\ntotal_cache 100\n',
      [`memory/${place}/memory.limit_in_bytes`]: '9223372036854771712\n',
      [`memory/${place}/memory.oom_control`]: 'oom_kill_disable 0\nunder_oom 0\noom_kill 4\n',
      'blkio/cgroup.procs': '',
      'unified/cgroup.controllers': '',
      [`unified/${place}/memory.pressure`]: 'some avg10=0 total=2000000\nfull avg10=0 total=1\n',
    });
    const { found } = walkCgroups(hierarchiesIn(folder));
    expect(found).toHaveLength(1);
    const { directories } = found[0] ?? { directories: {} };
    expect(usageOf(directories)).toMatchObject({
      ...{ cpu: 3, throttled: 0.25, cores: undefined, resident: 2560, cache: 100, memoryLimit: undefined },
      memoryPressure: { some: 2 },
    });
    expect(oomKillsOf(directories)).toBe(4);
  });

  test('nothing is there, and nothing is found', () => {
    expect(hierarchiesIn(tree({ 'cpu/unknown': '' }))).toEqual({});
    expect(walkCgroups({})).toEqual({ found: [], isCut: false });
  });
});

test.each([
  [`/kubepods/besteffort/pod12/${id}`, id],
  [`/system.slice/docker-${id}.scope`, id],
  [`/kubepods.slice/x.slice/crio-${id}.scope/container`, id],
  [`/machine.slice/crio-conmon-${id}.scope`, undefined],
  ['/system.slice/sshd.service', '/system.slice/sshd.service'],
  ['/system.slice/system-getty.slice/getty@tty1.service', '/system.slice/system-getty.slice/getty@tty1.service'],
  ['/system.slice/run-1.scope', undefined],
  ['/user.slice/user-1.slice/app.service', undefined],
  ['/', undefined],
])('%s is of %s', (path, owner) => {
  expect(ownerOfPath(path)?.id).toBe(owner);
});
