// Parses pages of the kernel's trace ring buffer as read from `trace_pipe_raw`: a header of 16 bytes, then records that
// start with 5 bits of type and 27 bits of time delta. Pure.

/** Receives records: each is in `page` from `offset`, only during the call. */
export type RecordSink = (nanoseconds: number, event: number, page: Buffer, offset: number, length: number) => void;

const padding = 29;
/** The type between them extends the time delta. */
const timeStamp = 31;
/** Flags above the content length: records were lost before this page; their number may follow the content. */
const missed = 0x80000000;
const missedStored = 0x40000000;
const head = 16;

/**
 * Passes each record to `sink`; returns the number lost before the page, at least 1 if the number is unknown. Never reads
 * beyond the bytes.
 */
export function readPage(page: Buffer, sink: RecordSink): number {
  if (page.length < head) return 0;
  let time = page.readUInt32LE(4) * 2 ** 32 + page.readUInt32LE(0);
  const commit = page.readUInt32LE(8);
  const end = Math.min(head + (commit & 0xfffff), page.length);
  let offset = head;
  while (offset + 4 <= end) {
    const word = page.readUInt32LE(offset);
    const [type, delta] = [word & 31, word >>> 5];
    offset += 4;
    if (type >= padding) {
      if (type === padding && delta === 0) break;
      if (offset + 4 > end) break;
      const more = page.readUInt32LE(offset);
      if (type === padding) {
        time += delta;
        offset += more;
        continue;
      }
      const far = more * 2 ** 27 + delta;
      // An absolute time has 59 bits: the highest five come from the previous one.
      time = type === timeStamp ? Math.floor(time / 2 ** 59) * 2 ** 59 + far : time + far;
      offset += 4;
      continue;
    }
    time += delta;
    const at = type === 0 ? offset + 4 : offset;
    if (type === 0 && offset + 4 > end) break;
    const length = type === 0 ? page.readUInt32LE(offset) - 4 : type * 4;
    offset = at + ((length + 3) & ~3);
    if (length < 2 || at + length > end) break;
    sink(time, page.readUInt16LE(at), page, at, length);
  }
  return lostBefore(page, commit, end);
}

function lostBefore(page: Buffer, commit: number, end: number): number {
  if ((commit & missed) === 0) return 0;
  return (commit & missedStored) !== 0 && end + 4 <= page.length ? page.readUInt32LE(end) : 1;
}
