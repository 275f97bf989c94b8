// Decodes a remote-write body following the two specifications, independently of the encoder: the snappy block format
// (https://github.com/google/snappy/blob/main/format_description.txt) and the protocol buffers wire format.

export interface DecodedSeries {
  readonly labels: readonly (readonly [name: string, value: string])[];
  readonly samples: readonly { readonly value: number; readonly at: number }[];
}

export function decodeRemoteWrite(body: Buffer): DecodedSeries[] {
  return messages(uncompressed(body), 1).map((series) => ({
    labels: messages(series, 1).map((label) => [text(label, 1), text(label, 2)] as const),
    samples: messages(series, 2).map((sample) => ({ value: double(sample, 1), at: integer(sample, 2) })),
  }));
}

function uncompressed(block: Buffer): Buffer {
  let [length, at] = varint(block, 0);
  const out = Buffer.alloc(length);
  let written = 0;
  while (at < block.length) {
    const tag = block[at++] ?? 0;
    if ((tag & 3) === 0) {
      let size = tag >> 2;
      if (size >= 60) {
        const bytes = size - 59;
        size = block.readUIntLE(at, bytes);
        at += bytes;
      }
      size += 1;
      written += block.copy(out, written, at, at + size);
      at += size;
      continue;
    }
    const isShort = (tag & 3) === 1;
    const size = isShort ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1;
    const width = isShort ? 1 : (tag & 3) === 2 ? 2 : 4;
    const offset = block.readUIntLE(at, width) + (isShort ? (tag >> 5) << 8 : 0);
    at += width;
    for (let n = 0; n < size; n++) out[written] = out[written++ - offset] ?? 0;
  }
  length -= written;
  if (length !== 0) throw new Error('the block is shorter or longer than it says');
  return out;
}

function varint(bytes: Buffer, from: number): [value: number, end: number] {
  let [value, at, scale] = [0, from, 1];
  for (;;) {
    const byte = bytes[at++] ?? 0;
    value += (byte & 0x7f) * scale;
    scale *= 128;
    if (byte < 128) return [value, at];
  }
}

type Field = { readonly number: number; readonly bytes: Buffer };

function fields(message: Buffer): Field[] {
  const found: Field[] = [];
  for (let at = 0; at < message.length; ) {
    const [key, start] = varint(message, at);
    const [wire, number] = [key & 7, key >> 3];
    const [length, begin] =
      wire === 2 ? varint(message, start) : [wire === 1 ? 8 : varint(message, start)[1] - start, start];
    found.push({ number, bytes: message.subarray(begin, begin + length) });
    at = begin + length;
  }
  return found;
}

function messages(message: Buffer, number: number): Buffer[] {
  return fields(message).flatMap((field) => (field.number === number ? [field.bytes] : []));
}

const text = (message: Buffer, number: number) => messages(message, number)[0]?.toString() ?? '';
const double = (message: Buffer, number: number) => messages(message, number)[0]?.readDoubleLE(0) ?? 0;
const integer = (message: Buffer, number: number) => varint(messages(message, number)[0] ?? Buffer.of(0), 0)[0];
