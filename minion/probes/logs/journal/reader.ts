// Reads the entries of one journal file in order, also while it is written. Every offset must be greater than the one before, so
// that no file makes it loop; every length is checked. No I/O of its own.
import {
  expand,
  type Field,
  type FieldName,
  fieldOf,
  longestCompressed,
  longestName,
  longestValue,
  wantedName,
} from './field.ts';
import {
  dataLength,
  entryArrayLength,
  entryLength,
  headerLength,
  headerOf,
  type JournalHeader,
  mostFields,
  numberAt,
  objectHeaderLength,
  objectHeaderOf,
  objectTypes,
} from './layout.ts';

export interface JournalBytes {
  size(): number;
  /** Fewer bytes at the end; valid until the next call. */
  read(position: number, length: number): Buffer;
  /** What was read may have changed. */
  forget(): void;
  /** Bytes read so far. */
  readonly spent: number;
}

export interface JournalEntry {
  readonly sequence: number;
  /** Microseconds since the epoch. */
  readonly realtime: number;
  readonly fields: { readonly [name in FieldName]?: string };
}

export interface ReaderLimits {
  readonly entries: number;
  /** Bytes read and expanded; exceeded by at most one entry. */
  readonly bytes: number;
}

export interface JournalPart {
  readonly entries: readonly JournalEntry[];
  /** Why the file cannot be read on from here. */
  readonly obstacle?: string;
}

/** Each array is larger than the one before, so a real chain is short. */
const mostArrays = 1024;
/** Bytes read and expanded for one entry; its other fields are unreadable. */
const mostOfEntry = 4_194_304;
/** Small values that many entries share. */
const mostRemembered = 8192;
const longestRemembered = 256;

const none: JournalHeader = {
  length: headerLength,
  isCompact: false,
  entries: 0,
  entryArray: 0,
  lastSequence: 0,
  sequenceId: '',
};

export class JournalReader {
  readonly #bytes: JournalBytes;
  /** By offset; null for fields that are not wanted. */
  readonly #remembered = new Map<number, Field | null>();
  #header: JournalHeader = none;
  #size = 0;
  /** Offset of the present entry array. */
  #array = 0;
  #capacity = 0;
  /** Next item of it. */
  #item = 0;
  #read = 0;
  #lastEntry = 0;
  #unreadableEntries = 0;
  #unreadableFields = 0;
  #expanded = 0;
  /** Of `#spent`, for the present entry. */
  #most = 0;

  constructor(bytes: JournalBytes) {
    this.#bytes = bytes;
  }

  /** Entries that are in the file and were not read. */
  get left(): number {
    return Math.max(0, this.#header.entries - this.#read);
  }

  /** Of the last entry in the file, and whose numbers these are. */
  get last(): Pick<JournalHeader, 'lastSequence' | 'sequenceId'> {
    return this.#header;
  }

  get unreadableEntries(): number {
    return this.#unreadableEntries;
  }

  /** Of them, what is compressed by LZ4 or XZ, or too large. */
  get unreadableFields(): number {
    return this.#unreadableFields;
  }

  /** Whether something was added since the last call of `next`. */
  hasMore(): boolean {
    return this.#refresh() === undefined && this.left > 0;
  }

  /** Leaves out what is in the file, but for the last `but` entries. Returns why it cannot. */
  skip(but = 0): string | undefined {
    const obstacle = this.#refresh();
    if (obstacle !== undefined) return obstacle;
    for (let hops = 0; this.left > but; hops++) {
      if (hops > mostArrays) return 'its entry arrays do not end';
      if (this.#item >= this.#capacity && !this.#nextArray()) return 'an entry array is broken';
      const step = Math.min(this.left - but, this.#capacity - this.#item);
      this.#item += step;
      this.#read += step;
    }
    return undefined;
  }

  /** The next entries. An entry that cannot be read is counted, and does not end it. */
  next(limits: ReaderLimits): JournalPart {
    const entries: JournalEntry[] = [];
    const refused = this.#refresh();
    if (refused !== undefined) return { entries, obstacle: refused };
    const most = this.#spent + limits.bytes;
    for (let taken = 0; taken < limits.entries && this.left > 0 && this.#spent < most; taken++) {
      const offset = this.#nextOffset();
      if (typeof offset === 'string') return { entries, obstacle: offset };
      const entry = this.#entryAt(offset);
      if (entry) entries.push(entry);
      else this.#unreadableEntries++;
    }
    return { entries };
  }

  get #spent(): number {
    return this.#bytes.spent + this.#expanded;
  }

  #refresh(): string | undefined {
    this.#bytes.forget();
    this.#size = this.#bytes.size();
    const header = headerOf(this.#bytes.read(0, headerLength));
    if (typeof header === 'string') return header;
    if (header.length < headerLength) return 'its header is too short';
    if (header.entries < this.#read) return 'it has fewer entries than before';
    // The smallest entry takes more.
    if (header.entries * entryLength > this.#size) return 'it has more entries than it has room for';
    this.#header = header;
    return undefined;
  }

  /** Advances only if all is well, so that it can be tried again. */
  #nextOffset(): number | string {
    for (let hops = 0; this.#item >= this.#capacity; hops++) {
      if (hops > mostArrays) return 'its entry arrays do not end';
      if (!this.#nextArray()) return 'an entry array is broken';
    }
    const { isCompact, length } = this.#header;
    const size = isCompact ? 4 : 8;
    const item = this.#bytes.read(this.#array + entryArrayLength + this.#item * size, size);
    if (item.length < size) return 'an entry array is cut';
    const offset = isCompact ? item.readUInt32LE(0) : numberAt(item, 0);
    if (offset <= this.#lastEntry || offset < length || offset + entryLength > this.#size)
      return 'an entry is out of order';
    this.#item++;
    this.#read++;
    this.#lastEntry = offset;
    return offset;
  }

  #nextArray(): boolean {
    const next = this.#array === 0 ? this.#header.entryArray : this.#followerOf(this.#array);
    if (next === undefined || next <= this.#array || next < this.#header.length) return false;
    const header = this.#objectAt(next, objectTypes.entryArray);
    if (!header || header.length < entryArrayLength) return false;
    this.#array = next;
    this.#capacity = Math.floor((header.length - entryArrayLength) / (this.#header.isCompact ? 4 : 8));
    this.#item = 0;
    return true;
  }

  #followerOf(array: number): number | undefined {
    const bytes = this.#bytes.read(array + objectHeaderLength, 8);
    return bytes.length < 8 ? undefined : numberAt(bytes, 0);
  }

  /** Undefined if it is of another type or does not fit into the file. */
  #objectAt(offset: number, type: number) {
    if (offset + objectHeaderLength > this.#size) return undefined;
    const header = objectHeaderOf(this.#bytes.read(offset, objectHeaderLength));
    return header?.type === type && offset + header.length <= this.#size ? header : undefined;
  }

  #entryAt(offset: number): JournalEntry | undefined {
    const header = this.#objectAt(offset, objectTypes.entry);
    if (!header || header.length < entryLength) return undefined;
    const { isCompact } = this.#header;
    const size = isCompact ? 4 : 16;
    const count = Math.min(mostFields, Math.floor((header.length - entryLength) / size));
    // A copy, as reading fields moves on.
    const bytes = Buffer.from(this.#bytes.read(offset, entryLength + count * size));
    if (bytes.length < entryLength + count * size) return undefined;
    const fields: { [name in FieldName]?: string } = {};
    this.#most = this.#spent + mostOfEntry;
    for (let at = entryLength; at < bytes.length; at += size) {
      const field = this.#fieldAt(isCompact ? bytes.readUInt32LE(at) : numberAt(bytes, at), offset);
      if (field) fields[field.name] = field.value;
    }
    return { sequence: numberAt(bytes, 16), realtime: numberAt(bytes, 24), fields };
  }

  /** Fields of an entry are written before it. */
  #fieldAt(offset: number, entry: number): Field | undefined {
    const known = this.#remembered.get(offset);
    if (known !== undefined) return known ?? undefined;
    const isPossible = offset >= this.#header.length && offset < entry && this.#spent < this.#most;
    const field = isPossible ? this.#readField(offset) : undefined;
    if (field === undefined) {
      this.#unreadableFields++;
      return undefined;
    }
    if (field === null || field.value.length <= longestRemembered) this.#remember(offset, field);
    return field ?? undefined;
  }

  #remember(offset: number, field: Field | null): void {
    if (this.#remembered.size >= mostRemembered) this.#remembered.clear();
    this.#remembered.set(offset, field);
  }

  /** Null if it is not wanted; undefined if it cannot be read. */
  #readField(offset: number): Field | null | undefined {
    const header = this.#objectAt(offset, objectTypes.data);
    const start = dataLength(this.#header.isCompact);
    if (!header || header.length < start) return undefined;
    const length = header.length - start;
    const compression = header.flags & 7;
    if (compression !== 0) {
      if (length > longestCompressed) return undefined;
      const whole = expand(this.#bytes.read(offset + start, length), compression);
      this.#expanded += whole?.length ?? longestCompressed;
      return whole && (fieldOf(whole) ?? null);
    }
    if (wantedName(this.#bytes.read(offset + start, Math.min(length, longestName + 1))) === undefined) return null;
    return fieldOf(this.#bytes.read(offset + start, Math.min(length, longestName + 1 + longestValue))) ?? null;
  }
}
