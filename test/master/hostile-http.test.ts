// Requests that two parsers may read differently, over a real connection: what an outer request hides is never carried out, and
// without a token nothing is answered.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listen } from '../support/app.ts';
import { createProtectedApp } from '../support/protected-app.ts';

let folder: string;
let url: URL;
let close: () => Promise<void>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hostile-http-'));
  writeFileSync(join(folder, 'tokens'), 'sesame,alice\n');
  const made = await createProtectedApp({ flags: ['--auth', 'token', '--auth-tokens-file', join(folder, 'tokens')] });
  url = new URL(await listen(made.app));
  close = () => made.close();
});
afterAll(async () => {
  await close();
  rmSync(folder, { recursive: true, force: true });
});

/** All that is answered until the connection ends. The server is told that nothing more comes. */
function send(bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host: url.hostname, port: Number(url.port) });
    let text = '';
    socket.setEncoding('latin1').on('data', (part: string) => (text += part));
    // It may be cut off before it has said everything.
    socket.on('error', () => undefined).on('close', () => resolve(text));
    socket.end(Buffer.from(bytes, 'latin1'));
  });
}

const statuses = (answer: string) => [...answer.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => Number(status));
const token = 'Authorization: Bearer sesame\r\n';
const outer = 'GET /cluster HTTP/1.1\r\nHost: m\r\n';
const hidden = `GET /version HTTP/1.1\r\nHost: m\r\n${token}Connection: close\r\n\r\n`;
const chunked = 'Transfer-Encoding: chunked\r\n';

test('a request with a token is answered, and one that follows it is a request of its own', async () => {
  expect(statuses(await send(hidden))).toEqual([200]);
  expect(statuses(await send(`${outer}\r\n${hidden}`))).toEqual([401, 200]);
});

const tricks: { readonly [name: string]: string } = {
  'in a body': `${outer}Content-Length: ${hidden.length}\r\n\r\n${hidden}`,
  'in a chunk': `${outer}${chunked}\r\n${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`,
  'in the extension of a chunk': `${outer}${chunked}\r\n2;a="\r\n${hidden}\r\n0\r\n\r\n`,
  'in the trailer of a body': `${outer}${chunked}\r\n0\r\n${hidden}\r\n`,
  'behind chunks and a length': `${outer}Content-Length: 5\r\n${chunked}\r\n0\r\n\r\n${hidden}`,
  'behind a length and chunks': `${outer}${chunked}Content-Length: 5\r\n\r\n0\r\n\r\n${hidden}`,
  'behind two lengths': `${outer}Content-Length: 0\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
  'behind a list of lengths': `${outer}Content-Length: 0, ${hidden.length}\r\n\r\n${hidden}`,
  'behind a signed length': `${outer}Content-Length: +0\r\n\r\n${hidden}`,
  'behind a length in hexadecimal': `${outer}Content-Length: 0x0\r\n\r\n${hidden}`,
  'behind an encoding that is not known': `${outer}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${hidden}`,
  'behind chunks that are no last encoding': `${outer}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${hidden}`,
  'behind two encodings': `${outer}${chunked}Transfer-Encoding: x\r\n\r\n0\r\n\r\n${hidden}`,
  'behind a folded header': `${outer}Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n${hidden}`,
  'behind a space before the colon': `${outer}Content-Length : ${hidden.length}\r\n\r\n${hidden}`,
  'behind a tab before the colon': `${outer}Content-Length\t: ${hidden.length}\r\n\r\n${hidden}`,
  'behind a bare carriage return': `${outer}X: a\rContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
  'behind a bare line feed': `GET /cluster HTTP/1.1\nHost: m\nX: y\n\n${hidden}`,
  'behind a NUL in a header': `${outer}X: a\0b\r\n\r\n${hidden}`,
  'behind a NUL in the target': `GET /clu\0ster HTTP/1.1\r\nHost: m\r\n\r\n${hidden}`,
  'behind a line break in the target': `GET /cluster\r\nX: y HTTP/1.1\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
  'behind an old version with a body': `GET /cluster HTTP/0.9\r\n\r\n${hidden}`,
  'behind a tunnel': `CONNECT m:80 HTTP/1.1\r\nHost: m\r\n\r\n${hidden}`,
  'behind an upgrade to a raw stream': `${outer}Connection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 0x\r\n\r\n${hidden}`,
  'behind HTTP/2 known beforehand': `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${hidden}`,
  'behind a TLS greeting': `\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03${hidden}`,
  'behind a method that is none': `G ET /cluster HTTP/1.1\r\nHost: m\r\n\r\n${hidden}`,
  'behind a header without end': `${outer}X: ${'x'.repeat(100_000)}\r\n\r\n${hidden}`,
  'behind too many headers': `${outer}${'X-Header: some value\r\n'.repeat(3000)}\r\n${hidden}`,
  'behind a URL of a megabyte': `GET /${'a'.repeat(1 << 20)} HTTP/1.1\r\nHost: m\r\n\r\n${hidden}`,
};

describe('a request with a token is not carried out that is hidden', () => {
  test.each(Object.entries(tricks))('%s', async (_name, bytes) => {
    const answer = await send(bytes);
    expect(answer).not.toMatch(/101 Switching|200 Connection/);
    expect(
      statuses(answer).filter((status) => status < 400 || status >= 500),
      answer.slice(0, 300),
    ).toEqual([]);
  });

  test('and the server goes on', async () => {
    expect(statuses(await send(hidden))).toEqual([200]);
  });
});
