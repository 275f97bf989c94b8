import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { identityOf } from '../../src/minion-api.ts';
import { columnsOf, processesOf, tableOf } from '../../src/process-table.ts';

const usual = ['USER', 'PID', '%CPU', '%MEM', 'VSZ', 'RSS', 'TTY', 'STAT', 'START', 'TIME', 'COMMAND'];
const titles = fc.constantFrom(...usual, 'PPID', 'NSPID', 'ELAPSED', 'C', 'toString', 'constructor');
const cell = fc.oneof(
  fc.constantFrom('', '0', '00', '-0', '1.5', '0.1', '100.0', '1e3', 'NaN', 'Infinity', '?', 'pts/1', '0:03', '01:23'),
  fc.nat(100_000).map(String),
  fc.string({ maxLength: 8 }),
);

describe('a process table', () => {
  test('loses nothing when it is read: every column is shown again as it came', () => {
    const table = fc
      .uniqueArray(titles, { minLength: 1, maxLength: 10 })
      .chain((names) => fc.record({ names: fc.constant(names), row: fc.tuple(...names.map(() => cell)) }));
    fc.assert(
      fc.property(table, fc.nat(100_000), ({ names, row }, pid) => {
        const Titles = ['PID', ...names.filter((name) => name !== 'PID')];
        const cells = [String(pid), ...row.slice(0, Titles.length - 1)];
        const [process] = processesOf({ Titles, Processes: [cells] });
        expect(process?.pid).toBe(pid);
        const shown = process && columnsOf(JSON.parse(JSON.stringify(process)), 0);
        expect(shown).toEqual(Object.fromEntries(Titles.map((title, at) => [title, cells[at]])));
      }),
    );
  });

  test('is written with the columns of ps in their order, and those of the runtime behind them', () => {
    const table = tableOf(
      [
        { pid: 7, user: 'root', cpuPercent: 1, command: 'sh', ppid: 1 },
        { pid: 8, command: 'ls', others: { ELAPSED: '5s' } },
      ],
      0,
    );
    expect(table).toEqual({
      Titles: ['USER', 'PID', '%CPU', 'COMMAND', 'PPID', 'ELAPSED'],
      Processes: [
        ['root', '7', '1.0', 'sh', '1', ''],
        ['', '8', '', 'ls', '', '5s'],
      ],
    });
    expect(tableOf([], 0)).toEqual({ Titles: usual, Processes: [] });
  });

  test('that came as one column is split, but for the command', () => {
    const joined = {
      Titles: ['PID   USER     COMMAND'],
      Processes: [['1 root     sleep 999'], ['    7 root     sh -c  a b']],
    };
    expect(processesOf(joined)).toEqual([
      { pid: 1, user: 'root', command: 'sleep 999' },
      { pid: 7, user: 'root', command: 'sh -c  a b' },
    ]);
  });

  test('calls the command by its name, whatever the runtime calls it', () => {
    for (const title of ['COMMAND', 'CMD', 'ARGS'])
      expect(processesOf({ Titles: ['PID', title], Processes: [['1', 'a b']] })).toEqual([{ pid: 1, command: 'a b' }]);
  });
});

describe('the time a process started', () => {
  const day = 86_400;
  const at = (text: string) => Date.parse(text) / 1000;
  test.each([
    ['today', at('2026-11-20T10:21:30Z'), at('2026-11-20T23:00:00Z'), '10:21'],
    ['this year', at('2026-03-02T10:21:30Z'), at('2026-11-20T23:00:00Z'), 'Mar02'],
    ['another year', at('2024-03-02T10:21:30Z'), at('2026-11-20T23:00:00Z'), '2024'],
    ['a moment that no calendar has', 1e300, day, '?'],
  ])('is shown as ps does: %s', (_when, started, now, expected) => {
    expect(columnsOf({ pid: 1, started }, now).START).toBe(expected);
  });
});

describe('what counts as a change of a process', () => {
  const before = { pid: 1, ppid: 0, innerPid: 1, user: 'root', tty: '?', command: 'sh', others: { LABEL: 'a' } };
  test('ignores values that change constantly', () => {
    const moving = { cpuPercent: 5, memoryPercent: 5, state: 'R', started: 7, cpuSeconds: 9, virtualKilobytes: 1 };
    const others = { LABEL: 'a', ELAPSED: '5s', TIME: '0:01', START: '10:00', RSS: '1g' };
    expect(identityOf({ ...before, ...moving, residentKilobytes: 4, others })).toBe(identityOf(before));
  });

  test.each([
    { pid: 2 },
    { ppid: 7 },
    { innerPid: 2 },
    { user: '1000' },
    { tty: 'pts/0' },
    { command: 'ls' },
    { others: { LABEL: 'b' } },
    { others: { NAME: 'a' } },
  ])('is %j', (change) => {
    expect(identityOf({ ...before, ...change })).not.toBe(identityOf(before));
  });
});
