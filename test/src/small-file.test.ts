import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readSmallFile, readSmallFileSync } from '../../src/small-file.ts';

let folder: string;
const at = (name: string) => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'small-'));
  writeFileSync(at('file'), 'text\n');
  writeFileSync(at('empty'), '');
  writeFileSync(at('long'), 'x'.repeat(101));
  symlinkSync('file', at('link'));
  symlinkSync('/dev/zero', at('endless'));
  symlinkSync('nowhere', at('dangling'));
  mkdirSync(at('folder'));
  execFileSync('mkfifo', [at('pipe')]);
});
afterAll(() => rmSync(folder, { recursive: true }));

const ways = [
  ['in turn', (path: string, most?: number) => readSmallFile(path, most)],
  ['at once', async (path: string, most?: number) => readSmallFileSync(path, most).toString('utf8')],
] as const;

describe.each(ways)('a small file, %s', (_, read) => {
  test('is read, also through a link', async () => {
    expect(await read(at('file'))).toBe('text\n');
    expect(await read(at('link'))).toBe('text\n');
    expect(await read(at('empty'))).toBe('');
    expect(await read(at('long'), 101)).toHaveLength(101);
  });

  test.each(['endless', 'folder', 'pipe'])('is no %s', async (name) => {
    await expect(read(at(name))).rejects.toThrow('is not a regular file');
  });

  test('is not longer than was said', async () => {
    await expect(read(at('long'), 100)).rejects.toThrow('has 101 bytes, more than 100');
  });

  test.each(['dangling', 'missing'])('that is %s has the code of the system', async (name) => {
    await expect(read(at(name))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
