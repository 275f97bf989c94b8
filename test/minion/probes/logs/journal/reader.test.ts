import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compressions, headerLength, headerOf, objectTypes } from '../../../../../minion/probes/logs/journal/layout.ts';
import { type JournalPart, JournalReader } from '../../../../../minion/probes/logs/journal/reader.ts';
import { journalFile, journalTruth, MemoryBytes } from '../../../../support/journal-files.ts';

const all = { entries: 1000, bytes: 16_777_216 };
const fieldsOf = ({ entries }: JournalPart) => entries.map(({ fields }) => fields);
const readerOf = (content: Buffer) => {
  const bytes = new MemoryBytes(content);
  return { bytes, reader: new JournalReader(bytes) };
};

describe('a journal file', () => {
  test.each(['begun', 'grown', 'middle', 'successor', 'regular'])('%s tells what journalctl tells', (name) => {
    const { reader } = readerOf(journalFile(name));
    const part = reader.next(all);
    expect(part.obstacle).toBeUndefined();
    expect(fieldsOf(part)).toEqual(journalTruth(name));
    expect([reader.left, reader.unreadableEntries, reader.unreadableFields]).toEqual([0, 0, 0]);
  });

  test('that was archived tells the same as before', () => {
    expect(fieldsOf(readerOf(journalFile('archived')).reader.next(all))).toEqual(journalTruth('grown'));
  });

  test('has both kinds of offsets among these', () => {
    const headers = ['grown', 'regular'].map((name) => headerOf(journalFile(name)));
    expect(headers).toMatchObject([{ isCompact: true }, { isCompact: false }]);
  });

  test('is read in parts of any size, in order, each entry once', () => {
    const [grown, truth] = [journalFile('grown'), journalTruth('grown')];
    for (const entries of [1, 7, 60]) {
      const { reader } = readerOf(grown);
      const read = [];
      for (
        let part = reader.next({ ...all, entries });
        part.entries.length > 0;
        part = reader.next({ ...all, entries })
      )
        read.push(...fieldsOf(part));
      expect(read).toEqual(truth);
    }
  });

  test('is read at most as far as its bytes go, and later on from there', () => {
    const { reader } = readerOf(journalFile('grown'));
    const first = reader.next({ entries: 1000, bytes: 20_000 });
    expect(first.entries.length).toBeGreaterThan(0);
    expect(reader.left).toBeGreaterThan(0);
    expect([...fieldsOf(first), ...fieldsOf(reader.next(all))]).toEqual(journalTruth('grown'));
  });

  test('that grows is read on from where it was', () => {
    const { bytes, reader } = readerOf(journalFile('begun'));
    expect(reader.skip()).toBeUndefined();
    expect(reader.next(all).entries).toEqual([]);
    bytes.content = journalFile('grown');
    expect(fieldsOf(reader.next(all))).toEqual(journalTruth('grown').slice(journalTruth('begun').length));
  });

  test('is skipped but for its last entries', () => {
    for (const name of ['grown', 'regular']) {
      const { reader } = readerOf(journalFile(name));
      expect(reader.skip(3)).toBeUndefined();
      expect(fieldsOf(reader.next(all))).toEqual(journalTruth(name).slice(-3));
    }
  });
});

describe('what cannot be read', () => {
  const compressed = (content: Buffer) => {
    // Data objects that say zstd, found by their header: type, flags, and six zeros.
    const head = Buffer.from([objectTypes.data, compressions.zstd, 0, 0, 0, 0, 0, 0]);
    const found: number[] = [];
    for (let at = content.indexOf(head); at >= 0; at = content.indexOf(head, at + 8)) found.push(at);
    return found;
  };

  test('fields compressed in another way are counted; the entry has its other fields', () => {
    const content = journalFile('grown');
    const objects = compressed(content);
    expect(objects.length).toBeGreaterThan(0);
    for (const at of objects) content[at + 1] = compressions.lz4;
    const { reader } = readerOf(content);
    const long = journalTruth('grown').filter(({ MESSAGE: message = '' }) => message.length > 512).length;
    expect(long).toBeGreaterThan(0);
    const truth = journalTruth('grown').map(({ MESSAGE: message = '', ...others }) =>
      message.length > 512 ? others : { ...others, MESSAGE: message },
    );
    expect(fieldsOf(reader.next(all))).toEqual(truth);
    expect(reader.unreadableFields).toBe(long);
  });

  test.each([
    ['of another format', (content: Buffer) => content.writeUInt8(0, 0), 'does not begin as a journal'],
    ['of a later format', (content: Buffer) => content.writeUInt32LE(32, 12), 'its format is newer (flags 32)'],
    ['with more entries than room', (content: Buffer) => content.writeUInt32LE(0xffff, 156), 'more entries than'],
    ['whose first array is elsewhere', (content: Buffer) => content.writeUInt32LE(7, 176), 'array is broken'],
  ])('a file %s says why', (_, change, reason) => {
    const content = journalFile('grown');
    change(content);
    const { reader } = readerOf(content);
    expect(reader.next(all)).toEqual({ entries: [], obstacle: expect.stringContaining(reason) });
    expect(reader.skip()).toContain(reason);
  });

  test('a file that has fewer entries than were read says so', () => {
    const { bytes, reader } = readerOf(journalFile('grown'));
    reader.next(all);
    bytes.content = journalFile('begun');
    expect(reader.next(all).obstacle).toBe('it has fewer entries than before');
  });

  test('an array that follows itself ends', () => {
    const content = journalFile('grown');
    const first = content.readUInt32LE(176);
    content.writeUInt32LE(first, first + 16);
    expect(readerOf(content).reader.next(all).obstacle).toBe('an entry array is broken');
  });
});

describe('whatever the bytes are', () => {
  /** Reads all that can be read, and checks the bounds. */
  const readAll = (content: Buffer) => {
    const { bytes, reader } = readerOf(content);
    const header = headerOf(content.subarray(0, headerLength));
    const entries = typeof header === 'string' ? 0 : header.entries;
    const limits = { entries: 16, bytes: 65_536 };
    let [read, rounds] = [0, 0];
    for (let isDone = false; !isDone; rounds++) {
      const before = bytes.spent;
      const part = reader.next(limits);
      read += part.entries.length;
      isDone = part.obstacle !== undefined || reader.left === 0;
      // One entry over the limit, and what one field and its entry may have.
      expect(bytes.spent - before).toBeLessThan(limits.bytes + 4_194_304 + 400_000);
      expect(rounds * limits.entries).toBeLessThanOrEqual(Math.max(1, content.length));
    }
    expect(read).toBeLessThanOrEqual(entries);
    new JournalReader(new MemoryBytes(content)).skip(entries % 3);
  };

  // What lies between the header and the first entries is an empty hash table.
  const content = journalFile('grown');
  const start = content.indexOf('SYSLOG_FACILITY') - 100;
  const end = content.lastIndexOf('a job was late') + 2000;
  const place = fc.oneof(fc.integer({ min: 8, max: headerLength - 1 }), fc.integer({ min: start, max: end }));

  test('a damaged file is read within bounds', () => {
    expect(start).toBeGreaterThan(headerLength);
    const damage = fc.array(fc.tuple(place, fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(damage, (changes) => {
        const before = changes.map(([at]) => [at, content[at] ?? 0] as const);
        for (const [at, value] of changes) content[at] = value;
        try {
          readAll(content);
        } finally {
          for (const [at, value] of before) content[at] = value;
        }
      }),
      { numRuns: 300 },
    );
    expect(fieldsOf(readerOf(content).reader.next(all))).toEqual(journalTruth('grown'));
  });

  test('a file that is cut anywhere is read within bounds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: end }), (length) => readAll(content.subarray(0, length))),
      { numRuns: 100 },
    );
  });

  test('random objects behind a proper header are read within bounds', () => {
    const small = fc.integer({ min: 0, max: 2048 });
    const words = fc.array(fc.oneof(small, fc.constantFrom(1, 3, 6, 64, 72, 240)), { minLength: 64, maxLength: 256 });
    fc.assert(
      fc.property(fc.boolean(), small, small, words, (isCompact, entries, array, objects) => {
        const header = Buffer.from(content.subarray(0, headerLength));
        header.writeUInt32LE(isCompact ? 28 : 12, 12);
        header.writeBigUInt64LE(240n, 88);
        header.writeBigUInt64LE(BigInt(entries), 152);
        header.writeBigUInt64LE(BigInt(array - (array % 8)), 176);
        const body = Buffer.alloc(objects.length * 8);
        for (const [at, word] of objects.entries()) body.writeUInt32LE(word, at * 8);
        readAll(Buffer.concat([header, body]));
      }),
      { numRuns: 500 },
    );
  });
});
