// The format of records in a file: a fixed-length head with a checksum, then the packed body. A truncated or damaged file yields
// the records before the damage.
import { crc32 } from 'node:zlib';

const magic = 0x43_49_53_31;
/** Magic, length and checksum, 4 bytes each; number, previous number, time, 8 bytes each. */
export const headLength = 36;

export interface Head {
  readonly n: number;
  readonly after: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface StoredRecord extends Head {
  /** Position and length of the body in the file. */
  readonly offset: number;
  readonly length: number;
}

export function headOf({ n, after, at }: Head, body: Buffer): Buffer {
  const head = Buffer.alloc(headLength);
  head.writeUInt32BE(magic, 0);
  head.writeUInt32BE(body.length, 4);
  head.writeDoubleBE(n, 12);
  head.writeDoubleBE(after, 20);
  head.writeDoubleBE(at, 28);
  head.writeUInt32BE(checksum(head, body), 8);
  return head;
}

/** The records of a file up to its end or the first damage. */
export function recordsIn(file: Buffer): { readonly records: readonly StoredRecord[]; readonly whole: boolean } {
  const records: StoredRecord[] = [];
  let at = 0;
  while (at + headLength <= file.length) {
    const record = recordAt(file, at);
    if (record === undefined) break;
    records.push(record);
    at = record.offset + record.length;
  }
  return { records, whole: at === file.length };
}

function recordAt(file: Buffer, at: number): StoredRecord | undefined {
  const head = file.subarray(at, at + headLength);
  const length = head.readUInt32BE(4);
  const offset = at + headLength;
  if (head.readUInt32BE(0) !== magic || offset + length > file.length) return undefined;
  if (head.readUInt32BE(8) !== checksum(head, file.subarray(offset, offset + length))) return undefined;
  return { n: head.readDoubleBE(12), after: head.readDoubleBE(20), at: head.readDoubleBE(28), offset, length };
}

function checksum(head: Buffer, body: Buffer): number {
  return crc32(body, crc32(head.subarray(12)));
}
