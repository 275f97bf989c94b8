import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FileBytes } from '../../../../../minion/probes/logs/journal/file-bytes.ts';

const content = Buffer.from(Array.from({ length: 200_000 }, (_, at) => (at * 7) % 251));
let folder: string;
let file: number;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bytes-'));
  writeFileSync(join(folder, 'a'), content);
  file = openSync(join(folder, 'a'), 'r+');
});
afterAll(() => {
  closeSync(file);
  rmSync(folder, { recursive: true });
});

describe('parts of a file', () => {
  test('are the same through a window as in the file, in any order and of any length', () => {
    const bytes = new FileBytes(file);
    expect(bytes.size()).toBe(content.length);
    for (const [from, length] of [
      [0, 8],
      [65_530, 20],
      [65_535, 65_536],
      [3, 100_000],
      [199_990, 50],
      [2, 4],
    ] as const)
      expect(bytes.read(from, length).equals(content.subarray(from, from + length))).toBe(true);
  });

  test('that are neighbours are read once', () => {
    const bytes = new FileBytes(file);
    for (let at = 0; at < 60_000; at += 16) bytes.read(at, 16);
    expect(bytes.spent).toBe(65_536);
  });

  test('that cannot be read are empty', () => {
    const bytes = new FileBytes(file);
    for (const position of [200_000, 2 ** 53, 2 ** 63, 2 ** 64]) expect(bytes.read(position, 8)).toHaveLength(0);
    const unreadable = openSync(folder, 'r');
    expect(new FileBytes(unreadable).read(0, 8)).toHaveLength(0);
    closeSync(unreadable);
  });

  test('that were written meanwhile are seen once the window is forgotten', () => {
    const bytes = new FileBytes(file);
    const before = content[10] ?? 0;
    bytes.read(10, 1);
    writeSync(file, Buffer.from([before ^ 1]), 0, 1, 10);
    expect(bytes.read(10, 1)[0]).toBe(before);
    bytes.forget();
    expect(bytes.read(10, 1)[0]).toBe(before ^ 1);
    writeSync(file, Buffer.from([before]), 0, 1, 10);
  });
});
