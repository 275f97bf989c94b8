import { mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { JournalTail, type JournalTailOptions } from '../../../../../minion/probes/logs/journal/journal-tail.ts';
import { archivedName, journalFile, journalTruth } from '../../../../support/journal-files.ts';

const limits = { entries: 25, bytes: 1_048_576 };
const files = Object.fromEntries(
  ['begun', 'grown', 'archived', 'middle', 'successor'].map((name) => [name, journalFile(name)]),
);
const file = (name: string) => files[name] ?? Buffer.alloc(0);

let folder: string;
const opened: JournalTail[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'journal-'));
});
afterEach(() => {
  for (const tail of opened.splice(0)) tail.close();
  rmSync(folder, { recursive: true });
});
const path = (name = 'system.journal') => join(folder, name);
const follow = (more: Partial<JournalTailOptions> = {}) => {
  const tail = new JournalTail({ folder, name: 'system', ...more });
  opened.push(tail);
  return tail;
};
const readAll = (tail: JournalTail) => {
  const read = [];
  for (let part = tail.next(limits); part; part = tail.next(limits)) read.push(...part.map(({ fields }) => fields));
  return read;
};
const { length: begun } = journalTruth('begun');
/** As journald does: the same file has another name, and another has its name. */
const rotate = (before: string, after: string) => {
  writeFileSync(path(), file(before), { flag: 'r+' });
  renameSync(path(), path(archivedName(file(before))));
  writeFileSync(path(), file(after));
};

describe('a journal that is followed', () => {
  test('is read from its end on, as it grows', () => {
    writeFileSync(path(), file('begun'));
    const tail = follow();
    expect(readAll(tail)).toEqual([]);
    writeFileSync(path(), file('grown'), { flag: 'r+' });
    expect(readAll(tail)).toEqual(journalTruth('grown').slice(begun));
    expect(readAll(tail)).toEqual([]);
    expect([tail.skipped, tail.lostFiles, tail.unreadableFields]).toEqual([0, 0, 0]);
  });

  test('loses nothing through a rotation, and tells nothing twice', () => {
    writeFileSync(path(), file('begun'));
    const tail = follow();
    rotate('archived', 'middle');
    expect(readAll(tail)).toEqual([...journalTruth('grown').slice(begun), ...journalTruth('middle')]);
    rotate('middle', 'successor');
    expect(readAll(tail)).toEqual(journalTruth('successor'));
    expect(readAll(tail)).toEqual([]);
  });

  test('loses nothing through two rotations between two looks', () => {
    writeFileSync(path(), file('begun'));
    const tail = follow();
    rotate('archived', 'middle');
    rotate('middle', 'successor');
    const told = ['middle', 'successor'].flatMap(journalTruth);
    expect(readAll(tail)).toEqual([...journalTruth('grown').slice(begun), ...told]);
    expect(tail.lostFiles).toBe(0);
  });

  test('does not take older archives, or those of another journal, for its own', () => {
    writeFileSync(path(archivedName(file('archived'))), file('archived'));
    writeFileSync(path(`system@${'0'.repeat(32)}-00000000000000ff-0006615ba389131c.journal`), file('grown'));
    writeFileSync(path(), file('middle'));
    const tail = follow();
    rotate('middle', 'successor');
    expect(readAll(tail)).toEqual(journalTruth('successor'));
  });

  test('that appears later is read from its beginning, after the given time only', () => {
    const tail = follow({ after: 0 });
    expect(readAll(tail)).toEqual([]);
    writeFileSync(path(), file('grown'));
    expect(readAll(tail)).toEqual(journalTruth('grown'));
    // The last entry of what was there before.
    const later = follow({ after: Number(file('begun').readBigUInt64LE(192)) });
    expect(readAll(later)).toEqual(journalTruth('grown').slice(begun));
  });

  test('that was deleted is waited for', () => {
    writeFileSync(path(), file('grown'));
    const tail = follow();
    unlinkSync(path());
    expect(readAll(tail)).toEqual([]);
    writeFileSync(path(), file('successor'));
    expect(readAll(tail)).toEqual(journalTruth('successor'));
  });

  test('too far behind skips ahead, and counts what it left out', () => {
    writeFileSync(path(), file('begun'));
    const tail = follow({ behind: { most: 10, kept: 3 } });
    writeFileSync(path(), file('grown'), { flag: 'r+' });
    const added = journalTruth('grown').slice(begun);
    expect(readAll(tail)).toEqual([...added.slice(0, limits.entries), ...added.slice(-3)]);
    expect(tail.skipped).toBe(added.length - limits.entries - 3);
  });

  test('that is damaged is tried again, given up, and left for its successor', () => {
    writeFileSync(path(), file('begun'));
    const tail = follow();
    writeFileSync(path(), Buffer.from('XXXXXXXX'), { flag: 'r+' });
    for (let look = 0; look < 4; look++) expect(readAll(tail)).toEqual([]);
    expect(tail.lostFiles).toBe(0);
    for (let look = 0; look < 4; look++) expect(readAll(tail)).toEqual([]);
    expect([tail.lostFiles, tail.obstacle]).toEqual([1, 'it does not begin as a journal does']);
    renameSync(path(), path('system.journal~'));
    writeFileSync(path(), file('successor'));
    expect(readAll(tail)).toEqual(journalTruth('successor'));
  });

  test('is not read through a link', () => {
    writeFileSync(path('elsewhere'), file('grown'));
    symlinkSync(path('elsewhere'), path());
    expect(readAll(follow({ after: 0 }))).toEqual([]);
  });
});
