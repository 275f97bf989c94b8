import { expect, test } from 'vitest';
import { textOfBytes } from '../../../cli/read/text.ts';

const text = 'kind: Pod # grün €\n';
const little = Buffer.from(text, 'utf16le');
const big = Buffer.from(little).swap16();

test.each([
  ['UTF-8', Buffer.from(text)],
  ['UTF-8 with a mark', Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(text)])],
  ['UTF-16 LE with a mark', Buffer.concat([Buffer.from([0xff, 0xfe]), little])],
  ['UTF-16 BE with a mark', Buffer.concat([Buffer.from([0xfe, 0xff]), big])],
  ['UTF-16 LE without one', little],
  ['UTF-16 BE without one', big],
])('%s is read', (_, bytes) => {
  expect(textOfBytes(bytes)).toBe(text);
});

test('nothing is an empty text, and one byte a text', () => {
  expect(textOfBytes(Buffer.alloc(0))).toBe('');
  expect(textOfBytes(Buffer.from('a'))).toBe('a');
});

test('bytes of no text are shown to be none, and UTF-32 is refused', () => {
  expect(textOfBytes(Buffer.from([0x61, 0xe4, 0x62]))).toBe('a\uFFFDb');
  expect(() => textOfBytes(Buffer.from([0xff, 0xfe, 0, 0, 0x61, 0, 0, 0]))).toThrow(/UTF-32/);
});
