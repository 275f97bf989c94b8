// Pages of the kernel's trace ring buffer, in the form that `trace_pipe_raw` hands them out: a head of 16 bytes, then records that
// each begin with 5 bits of type and 27 bits of time passed. Pure.

/** What a page is told to: the record lies in `page` from `offset` on, for as long as the call lasts. */
export type RecordSink = (nanoseconds: number, event: number, page: Buffer, offset: number, length: number) => void;

const padding = 29;
/** The one between them extends the time that passed. */
const timeStamp = 31;
/** Above the length of the content: records were lost before this page; their number may stand behind the content. */
const missed = 0x80000000;
const missedStored = 0x40000000;
const head = 16;

/**
 * Hands each record to `sink` and returns how many were lost before the page; at least 1 where only that is known. Whatever
 * the bytes are, nothing beyond them is read.
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
      // An absolute one has 59 bits: the highest five are those of the one before.
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
