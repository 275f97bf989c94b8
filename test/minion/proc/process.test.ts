import { describe, expect, test } from 'vitest';
import { type ProcTexts, processOf } from '../../../minion/proc/process.ts';
import { columnsOf } from '../../../src/process-table.ts';

const node = { uptime: 100_000, bootTime: Date.parse('2026-11-20T00:00:00Z') / 1000, memoryKilobytes: 1_000_000 };
const status = (more = '') =>
  `Name:\tsh\nUid:\t0\t0\t0\t0\nNSpid:\t4711\t7\nVmSize:\t    2268 kB\nVmRSS:\t   10000 kB\n${more}`;
const stat = (name = 'sh', state = 'S', ticks = '250 50', nice = 0) =>
  `4711 (${name}) ${state} 4000 4711 4711 34817 4711 0 1 2 3 4 ${ticks} 0 0 20 ${nice} 1 0 9000000 123 456`;
const row = (texts: Partial<ProcTexts>, redact: (args: string[]) => void = () => undefined) => {
  const process = processOf({ stat: stat(), status: status(), cmdline: 'sh\0-c\0true\0', ...texts }, node, redact);
  return columnsOf(process, node.bootTime + node.uptime);
};

describe('a process as ps prints it', () => {
  test('has the columns of `ps aux`, and its pid inside the container', () => {
    expect(row({})).toEqual({
      ...{ USER: 'root', PID: '4711', '%CPU': '0.0', '%MEM': '1.0', VSZ: '2268', RSS: '10000', TTY: 'pts/1' },
      ...{ STAT: 'Ss+', START: '01:00', TIME: '0:03', COMMAND: 'sh -c true', PPID: '4000', NSPID: '7' },
    });
  });

  test('may have any name, parentheses and spaces included', () => {
    expect(row({ stat: stat('a) S 1 (b'), cmdline: '' })).toMatchObject({
      PID: '4711',
      COMMAND: '[a) S 1 (b]',
      TIME: '0:03',
    });
  });

  test('shows a zombie, which has no command line and no memory', () => {
    const zombie = row({ stat: stat('gone', 'Z'), cmdline: '', status: 'Uid:\t1000\t1000\t1000\t1000\n' });
    expect(zombie).toMatchObject({ USER: '1000', STAT: 'Zs+', COMMAND: '[gone]', RSS: '0', NSPID: '4711' });
  });

  test('marks priority and locked pages', () => {
    expect(row({ stat: stat('sh', 'R', '0 0', -5), status: status('VmLck:\t 8 kB\n') }).STAT).toBe('R<Ls+');
    expect(row({ stat: stat('sh', 'R', '0 0', 5) }).STAT).toBe('RNs+');
  });

  test('counts minutes beyond the hour, and shows the day of what began earlier', () => {
    expect(row({ stat: stat('sh', 'S', '600000 50') }).TIME).toBe('100:00');
    expect(row({ stat: stat().replace(' 9000000 ', ' 100 ') }).START).toBe('Nov20');
  });

  test('redacts its arguments while they are still apart', () => {
    const redact = (args: string[]) => void (args[2] = '[redacted]');
    expect(row({ cmdline: 'app\0--token\0two words\0' }, redact).COMMAND).toBe('app --token [redacted]');
  });
});
