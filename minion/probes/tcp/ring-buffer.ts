// A page of the kernel's trace ring buffer as read from `trace_pipe_raw`: a header of 16 bytes, then records that start with
// 5 bits of type and 27 bits of time delta. No I/O, and nothing is made for a record: there may be 100,000 in a second.

const padding = 29;
/** The type between them extends the time delta. */
const timeStamp = 31;
/** Flags above the content length: records were lost before this page; their number may follow the content. */
const missed = 0x80000000;
const missedStored = 0x40000000;
const head = 16;

/** Reads records where they lie. Fields are valid until the next record. */
export class Page {
  /** To read a page into. */
  readonly bytes: Buffer;
  /** Nanoseconds of the current record. */
  time = 0;
  event = 0;
  /** Bytes of the current record. */
  length = 0;
  /** Views in the byte order of this machine, which is the kernel's. */
  readonly #words: Uint32Array;
  readonly #halves: Uint16Array;
  /** First byte of the current record, and the words of the next and of the end. */
  #start = 0;
  #next = 0;
  #end = 0;

  /** `size`: a multiple of 4. */
  constructor(size: number) {
    const memory = new ArrayBuffer(size);
    this.bytes = Buffer.from(memory);
    this.#words = new Uint32Array(memory);
    this.#halves = new Uint16Array(memory);
  }

  /** After `length` bytes were read. Returns the number lost before the page, at least 1 if the number is unknown. */
  begin(length: number): number {
    this.#next = this.#end = 0;
    if (length < head || length > this.bytes.length) return 0;
    const words = this.#words;
    this.time = (words[1] ?? 0) * 2 ** 32 + (words[0] ?? 0);
    const commit = words[2] ?? 0;
    const end = Math.min(head + (commit & 0xfffff), length);
    this.#next = head >> 2;
    this.#end = end >> 2;
    if ((commit & missed) === 0) return 0;
    return (commit & missedStored) !== 0 && end + 4 <= length ? (words[end >> 2] ?? 1) : 1;
  }

  /** Goes to the next record; false at the end. Never reads beyond the bytes. */
  next(): boolean {
    const words = this.#words;
    const end = this.#end;
    let at = this.#next;
    while (at < end) {
      const word = words[at++] ?? 0;
      const type = word & 31;
      if (type >= padding) {
        if (at === end || word === padding) break;
        const more = words[at] ?? 0;
        at += type === padding ? (more + 3) >>> 2 : 1;
        this.#pass(type, word >>> 5, more);
        continue;
      }
      this.time += word >>> 5;
      if (type === 0 && at === end) break;
      const length = type === 0 ? (words[at++] ?? 0) - 4 : type * 4;
      if (length < 2 || at * 4 + length > end * 4) break;
      this.#start = at * 4;
      this.#next = at + ((length + 3) >>> 2);
      this.length = length;
      this.event = this.half(0);
      return true;
    }
    this.#next = end;
    return false;
  }

  /** 32 bits of the current record; `offset` is a multiple of 4. */
  word(offset: number): number {
    return this.#words[(this.#start + offset) >> 2] ?? 0;
  }

  /** 16 bits; `offset` is a multiple of 2. */
  half(offset: number): number {
    return this.#halves[(this.#start + offset) >> 1] ?? 0;
  }

  /** Bytes of the current record. */
  part(offset: number, length: number): Buffer {
    const start = this.#start + offset;
    return this.bytes.subarray(start, Math.min(start + length, this.#start + this.length));
  }

  #pass(type: number, delta: number, more: number): void {
    if (type === padding) this.time += delta;
    else if (type === timeStamp) {
      // An absolute time has 59 bits: the highest five come from the previous one.
      this.time = Math.floor(this.time / 2 ** 59) * 2 ** 59 + more * 2 ** 27 + delta;
    } else this.time += more * 2 ** 27 + delta;
  }
}
