import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ownerOfEntry } from '../../../../minion/probes/logs/journal/owner-of-entry.ts';
import { JournalLogs } from '../../../../minion/probes/logs/journal-logs.ts';
import type { ProbedContainer } from '../../../../minion/probes/probe.ts';
import { archivedName, journalFile, journalTruth } from '../../../support/journal-files.ts';
import { probedNode, reportOf, roundOf, serviceNamed } from '../../../support/probe-round.ts';

const machine = '0123456789abcdef0123456789abcdef';
const [begun, grown, middle] = [journalFile('begun'), journalFile('grown'), journalFile('middle')];

let root: string;
const opened: JournalLogs[] = [];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'journals-'));
});
afterEach(() => {
  for (const logs of opened.splice(0)) logs.close();
  rmSync(root, { recursive: true });
});

const folderOf = (place: string, name = machine) => {
  const folder = join(root, place, 'log/journal', name);
  mkdirSync(folder, { recursive: true });
  return folder;
};
function begin(containers: readonly ProbedContainer[] = [], clock = () => 0, units = 500) {
  const { node, warned } = probedNode(root, clock);
  const logs = new JournalLogs(node, { units });
  opened.push(logs);
  const tell = async () => {
    await logs.look();
    // What services printed is complete after a pause.
    await logs.look();
    const { series, dropped } = await reportOf((out) => logs.samples(roundOf(containers), out));
    const lines = series.map(({ container = 'node', value, labels: { source, level, sample } }) => {
      expect(source).toBe('journald');
      return `${container} ${level} ${value}${sample ? ` ${sample.slice(0, 30)}` : ''}`;
    });
    return { lines, dropped };
  };
  return { tell, warned };
}

const shop = '/system.slice/shop.service';
const warm = '/system.slice/cache-warm.service';
const docker = { id: 'ab'.repeat(32), name: '/docker/shop', isService: false };

describe('the journal', () => {
  test('is counted by unit, level and pattern', async () => {
    writeFileSync(join(folderOf('run'), 'system.journal'), begun);
    const { tell } = begin([serviceNamed(shop), docker]);
    expect(await tell()).toEqual({ lines: [], dropped: {} });
    writeFileSync(join(folderOf('run'), 'system.journal'), grown, { flag: 'r+' });
    const told = {
      lines: [
        `${shop} info 1`,
        `${shop} debug 1`,
        `${shop} error 40 cannot sell item 0: out of sto`,
        `${shop} error 1 level=error msg="printed error`,
        `${shop} critical 1 begin a long message is compre`,
        `${shop} warning 1 a prefixed warning`,
        `${warm} info 2`,
        `${warm} error 1 10:00:01 ERROR broken\n\tat a.b(`,
        '/docker/shop error 1 printed by a container',
        'node warning 1 a job was late',
      ],
      dropped: {},
    };
    const got = await tell();
    expect({ ...got, lines: got.lines.toSorted() }).toEqual({ ...told, lines: told.lines.toSorted() });
    expect(await tell()).toEqual(got);
  });

  test('that is flushed from memory to disk is not counted twice, and is followed there', async () => {
    const clock = () => 0;
    const memory = join(folderOf('run'), 'system.journal');
    writeFileSync(memory, begun);
    const { tell } = begin([], clock);
    writeFileSync(memory, grown, { flag: 'r+' });
    const before = await tell();
    rmSync(memory);
    writeFileSync(join(folderOf('var'), 'system.journal'), grown);
    expect(await tell()).toEqual(before);
    const disk = folderOf('var');
    renameSync(join(disk, 'system.journal'), join(disk, archivedName(grown)));
    writeFileSync(join(disk, 'system.journal'), middle);
    const { lines } = await tell();
    expect(lines.filter((line) => !before.lines.includes(line))).toEqual([
      `${shop} warning 1 after the rotation`,
      'node info 1',
    ]);
  });

  test('of a namespace counts, and that of other machines’ uploads does not', async () => {
    const { tell } = begin();
    for (const name of [`${machine}.cache`, 'remote', 'x'.repeat(32)])
      writeFileSync(join(folderOf('var', name), 'system.journal'), middle);
    expect((await tell()).lines).toEqual([`${shop} warning 1 after the rotation`, 'node info 1']);
  });

  test('of a unit that is gone is told for an hour, and then forgotten', async () => {
    let now = 0;
    const { tell } = begin([], () => now);
    writeFileSync(join(folderOf('run'), 'system.journal'), middle);
    expect((await tell()).lines).toEqual([`${shop} warning 1 after the rotation`, 'node info 1']);
    now = 3_600_001;
    expect((await tell()).lines).toEqual(['node info 1']);
  });

  test('that cannot be read is said once, by name, and counted', async () => {
    writeFileSync(join(folderOf('run'), 'system.journal'), 'not a journal');
    writeFileSync(join(folderOf('var'), 'system.journal'), begun);
    const { tell, warned } = begin();
    writeFileSync(join(folderOf('var'), 'system.journal'), grown, { flag: 'r+' });
    const drops = [];
    for (let look = 0; look < 5; look++) drops.push((await tell()).dropped);
    expect(drops.filter((each) => Object.keys(each).length > 0)).toEqual([{ 'journal files': 1 }]);
    expect(warned).toEqual([
      { probe: 'logs', journal: `/run/log/journal/${machine}`, reason: 'it is shorter than a header' },
    ]);
    expect((await tell()).lines.length).toBeGreaterThan(5);
  });

  test('that cannot be opened is said once, by name', async () => {
    const folder = folderOf('run');
    writeFileSync(join(folder, 'elsewhere'), grown);
    symlinkSync(join(folder, 'elsewhere'), join(folder, 'system.journal'));
    const { tell, warned } = begin();
    for (let round = 0; round < 3; round++) await tell();
    const reason = 'it cannot be opened as a regular file';
    expect(warned).toEqual([{ probe: 'logs', journal: `/run/log/journal/${machine}`, reason }]);
  });

  test('with fields that cannot be read counts by its levels, and says so once', async () => {
    writeFileSync(join(folderOf('run'), 'system.journal'), begun);
    const { tell, warned } = begin();
    const lz4 = Buffer.from(grown);
    for (
      let at = lz4.indexOf('\u0001\u0004\0\0\0\0\0\0');
      at >= 0;
      at = lz4.indexOf('\u0001\u0004\0\0\0\0\0\0', at + 8)
    )
      lz4[at + 1] = 2;
    writeFileSync(join(folderOf('run'), 'system.journal'), lz4, { flag: 'r+' });
    const { lines, dropped } = await tell();
    expect(dropped).toEqual({ 'journal fields': 1 });
    expect(lines).toContain(`${shop} critical 1`);
    await tell();
    expect(warned).toEqual([{ probe: 'logs' }]);
  });

  test('of more units than are told apart counts the others as the node’s', async () => {
    writeFileSync(join(folderOf('run'), 'system.journal'), begun);
    const { tell } = begin([], () => 0, 1);
    writeFileSync(join(folderOf('run'), 'system.journal'), grown, { flag: 'r+' });
    const { lines, dropped } = await tell();
    expect(new Set(lines.map((line) => line.split(' ')[0]))).toEqual(new Set([shop, 'node']));
    const others = journalTruth('grown').filter(({ _SYSTEMD_UNIT: unit = 'shop.service' }) => unit !== 'shop.service');
    expect(dropped).toEqual({ 'messages of more units than are told apart': others.length });
  });
});

describe('an entry belongs to', () => {
  const pod = `/kubepods.slice/kubepods-pod1.slice/cri-containerd-${'cd'.repeat(32)}.scope`;
  test.each([
    ['its service', { _SYSTEMD_CGROUP: '/system.slice/a.service' }, '/system.slice/a.service'],
    ['its service, from a group below', { _SYSTEMD_CGROUP: '/system.slice/a.service/x/y' }, '/system.slice/a.service'],
    [
      'an instance',
      { _SYSTEMD_CGROUP: '/system.slice/system-a.slice/a@b.service' },
      '/system.slice/system-a.slice/a@b.service',
    ],
    ['its container', { _SYSTEMD_CGROUP: pod }, 'cd'.repeat(32)],
    ['the unit alone', { _SYSTEMD_UNIT: 'a\\x2db.service' }, '/system.slice/a-b.service'],
    [
      'no container and no service, in a session',
      { _SYSTEMD_UNIT: 'session-1.scope', _SYSTEMD_CGROUP: '/user.slice/session-1.scope' },
      undefined,
    ],
    ['no container and no service, of a user', { _SYSTEMD_UNIT: 'user@7.service' }, undefined],
    ['no container and no service, of the kernel', { _TRANSPORT: 'kernel' }, undefined],
    [
      'a container only if Docker says so',
      { _SYSTEMD_UNIT: 'a.service', CONTAINER_ID_FULL: 'ab'.repeat(32) },
      '/system.slice/a.service',
    ],
  ])('%s', (_, fields, owner) => {
    expect(ownerOfEntry(fields)).toBe(owner);
  });
});
