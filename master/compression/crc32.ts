// The CRC-32 of two concatenated texts from their CRCs and the second length, like zlib's crc32_combine, which Node lacks.
// CRCs are linear: n zero bits multiply by a matrix, and powers of two are made by squaring.
// https://www.rfc-editor.org/rfc/rfc1952#section-8

type Matrix = Uint32Array;

const polynomial = 0xedb88320;

function times(matrix: Matrix, vector: number): number {
  let sum = 0;
  for (let bit = 0, rest = vector; rest !== 0; bit++, rest >>>= 1) if (rest & 1) sum ^= matrix[bit] as number;
  return sum >>> 0;
}

function square(matrix: Matrix): Matrix {
  return Uint32Array.from(matrix, (row) => times(matrix, row));
}

/** For 2^i zero bytes each. */
const zeros: readonly Matrix[] = (() => {
  const oneBit = new Uint32Array(32);
  oneBit[0] = polynomial;
  for (let bit = 1; bit < 32; bit++) oneBit[bit] = 1 << (bit - 1);
  const all = [square(square(square(oneBit)))];
  while (all.length < 53) all.push(square(all[all.length - 1] as Matrix));
  return all;
})();

/** `length`: bytes of the second text. */
export function combineCrc32(first: number, second: number, length: number): number {
  let crc = first;
  let rest = length;
  for (let power = 0; rest > 0; power++) {
    if (rest % 2 === 1) crc = times(zeros[power] as Matrix, crc);
    rest = Math.floor(rest / 2);
  }
  return (crc ^ second) >>> 0;
}
