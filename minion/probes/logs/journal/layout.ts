// The layout of journal files, as far as they are read here: https://systemd.io/JOURNAL_FILE_FORMAT/. Numbers are little-endian.
// Pure.

export const headerLength = 240;
export const objectHeaderLength = 16;
/** Also the offset of the items of an entry. */
export const entryLength = 64;
export const entryArrayLength = 24;
/** Maximum fields of an entry that journald itself allows. */
export const mostFields = 1024;

export const objectTypes = { data: 1, entry: 3, entryArray: 6 } as const;
export const compressions = { xz: 1, lz4: 2, zstd: 4 } as const;

const signature = 'LPKSHHRH';
const isCompactFlag = 16;
/** Compressed fields in three ways, hashes with a key, and short offsets. */
const knownFlags = 31;

export interface JournalHeader {
  /** Bytes before the first object. */
  readonly length: number;
  /** Offsets have four bytes. */
  readonly isCompact: boolean;
  readonly entries: number;
  /** Offset of the first entry array; 0 if there is none. */
  readonly entryArray: number;
  /** Sequence number of the last entry. */
  readonly lastSequence: number;
  /** Whose sequence numbers these are: 32 hexadecimal digits, the same in files that follow each other. */
  readonly sequenceId: string;
}

/** The header, or why the file cannot be read. */
export function headerOf(bytes: Buffer): JournalHeader | string {
  if (bytes.length < headerLength) return 'it is shorter than a header';
  if (bytes.toString('latin1', 0, 8) !== signature) return 'it does not begin as a journal does';
  const flags = bytes.readUInt32LE(12);
  if ((flags & ~knownFlags) !== 0) return `its format is newer (flags ${flags})`;
  return {
    length: numberAt(bytes, 88),
    isCompact: (flags & isCompactFlag) !== 0,
    entries: numberAt(bytes, 152),
    entryArray: numberAt(bytes, 176),
    lastSequence: numberAt(bytes, 160),
    sequenceId: bytes.toString('hex', 72, 88),
  };
}

export interface ObjectHeader {
  readonly type: number;
  readonly flags: number;
  readonly length: number;
}

/** Undefined past the end. */
export function objectHeaderOf(bytes: Buffer): ObjectHeader | undefined {
  if (bytes.length < objectHeaderLength) return undefined;
  return { type: bytes.readUInt8(0), flags: bytes.readUInt8(1), length: numberAt(bytes, 8) };
}

/** Offset of the payload of a data object. */
export function dataLength(isCompact: boolean): number {
  return isCompact ? 72 : 64;
}

/** Eight bytes. Numbers beyond 2^53 lose digits, and are beyond every file. */
export function numberAt(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 4_294_967_296;
}
