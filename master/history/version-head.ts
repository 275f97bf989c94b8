// How a version row of a segment begins: what its text is told from.

/**
 * What a version row begins with: the whole text follows; or a delta from the object's text in the keyframe, otherwise from
 * its first one in the segment; or the number of a block that holds it; or a revision and a delta from the object's text there.
 */
const whole = 0;
export const delta = 1;
export const shared = 2;
export const later = 3;

const revisionBytes = 6;

/** The block number in a version row that begins with `shared`. */
export function blockNumber(data: Uint8Array): number {
  return bufferOf(data).readUInt32LE(1);
}

/** Of a version row that begins with `later`. */
export function baseRevision(data: Uint8Array): number {
  return bufferOf(data).readUIntLE(1, revisionBytes);
}

/** Bytes of a version row before its text. */
export function headOf(data: Uint8Array): number {
  return data[0] === later ? 1 + revisionBytes : 1;
}

/** Of a text that is stored as a delta from a base: from the object's first text, where its revision is undefined. */
export function headFor(base: { readonly revision: number | undefined } | undefined): Buffer {
  if (base?.revision === undefined) return Buffer.of(base ? delta : whole);
  const head = Buffer.alloc(1 + revisionBytes);
  head[0] = later;
  head.writeUIntLE(base.revision, 1, revisionBytes);
  return head;
}

/** Of a text that is in a block. */
export function headOfShared(block: number): Buffer {
  const head = Buffer.alloc(5);
  head[0] = shared;
  head.writeUInt32LE(block, 1);
  return head;
}

/** Without a copy. */
function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
