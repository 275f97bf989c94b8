import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readStart } from '../../../minion/probes/read.ts';
import { endsInNamespaces, socketsOfProcesses } from '../../../minion/probes/tcp/sockets.ts';

let proc = '';
beforeEach(() => {
  proc = mkdtempSync(join(tmpdir(), 'proc-'));
});
afterEach(() => rmSync(proc, { recursive: true }));

/** Symbols of the kernel's own program: they stay, and are far more than a page. */
const symbols = '/proc/kallsyms';

test.skipIf(!existsSync(symbols))(
  'the start of a file is read to its length, although the kernel gives it by pages',
  () => {
    const most = 50_000;
    expect(readStart(symbols, most)).toBe(readFileSync(symbols).subarray(0, most).toString('utf8'));
    writeFileSync(join(proc, 'short'), 'short');
    expect(readStart(join(proc, 'short'), most)).toBe('short');
    expect(readStart(join(proc, 'none'), most)).toBeUndefined();
  },
);

const row = (local: string, remote: string, state: string, inode: number) =>
  `   0: ${local} ${remote} ${state} 0:0 0:0 0 0 0 ${inode} 1\n`;
const [client, server, any] = ['0200000A:9C40', '0300000A:1538', '00000000:0000'];

function process(pid: number, namespace: string, table: string, inodes: readonly number[] = []): void {
  for (const folder of ['ns', 'net', 'fd']) mkdirSync(join(proc, String(pid), folder), { recursive: true });
  symlinkSync(namespace, join(proc, `${pid}/ns/net`));
  writeFileSync(join(proc, `${pid}/net/tcp`), table);
  for (const [at, inode] of inodes.entries()) symlinkSync(`socket:[${inode}]`, join(proc, `${pid}/fd/${at}`));
}

describe('tables of sockets', () => {
  test('both ends of all namespaces are told, without what is over', () => {
    process(1, 'net:[1]', row(client, server, '01', 7) + row('0200000A:9C41', server, '06', 8));
    process(2, 'net:[1]', row(server, client, '01', 9));
    process(3, 'net:[2]', row(server, any, '0A', 10));
    expect([...(endsInNamespaces(proc, [1, 2, 3]) ?? [])].toSorted()).toEqual([
      '10.0.0.3:5432 0.0.0.0:0',
      '10.0.0.3:5432 10.0.0.2:40000',
    ]);
  });

  test('nothing is concluded from a table that is not there, or too large to be read whole', () => {
    process(1, 'net:[1]', row(client, server, '01', 7).repeat(80_000), [7]);
    expect(endsInNamespaces(proc, [1])).toBeUndefined();
    expect(endsInNamespaces(proc, [9])).toBeUndefined();
    expect(endsInNamespaces(proc, [])).toBeUndefined();
    const { isCut, outbound } = socketsOfProcesses(proc, [1]);
    expect([isCut, outbound.length > 10_000]).toEqual([true, true]);
  });

  test('a process is told by its own sockets', () => {
    process(1, 'net:[1]', row(client, server, '01', 7) + row(server, any, '0A', 8) + row(client, any, '0A', 9), [7, 8]);
    expect(socketsOfProcesses(proc, [1])).toEqual({
      isCut: false,
      listens: [{ host: '10.0.0.3', port: 5432 }],
      outbound: [
        [
          { host: '10.0.0.2', port: 40_000 },
          { host: '10.0.0.3', port: 5432 },
        ],
      ],
    });
  });
});
