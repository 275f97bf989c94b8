// Journal files that a real journald wrote, see test/fixtures/journal/README.md.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import type { JournalBytes, JournalEntry } from '../../minion/probes/logs/journal/reader.ts';

const folder = join(import.meta.dirname, '../fixtures/journal');

export function journalFile(name: string): Buffer {
  return zstdDecompressSync(readFileSync(join(folder, `${name}.journal.zst`)));
}

/** The fields that journalctl tells of each entry. */
export function journalTruth(name: string): JournalEntry['fields'][] {
  const lines = readFileSync(join(folder, `${name}.jsonl`), 'utf8')
    .trimEnd()
    .split('\n');
  return lines.map((line) => JSON.parse(line) as JournalEntry['fields']);
}

/** The name that journald gives a file when it archives it. */
export function archivedName(file: Buffer): string {
  const hex = (at: number) => file.readBigUInt64LE(at).toString(16).padStart(16, '0');
  return `system@${file.toString('hex', 72, 88)}-${hex(168)}-${hex(184)}.journal`;
}

export class MemoryBytes implements JournalBytes {
  content: Buffer;
  spent = 0;
  reads = 0;

  constructor(content: Buffer) {
    this.content = content;
  }

  size(): number {
    return this.content.length;
  }

  read(position: number, length: number): Buffer {
    const bytes = this.content.subarray(position, position + length);
    this.spent += bytes.length;
    this.reads++;
    return bytes;
  }

  forget(): void {}
}
