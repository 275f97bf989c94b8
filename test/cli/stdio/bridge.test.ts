// Between lines and messages: every request gets one answer, whatever the other side does.
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { sourceOfGraph } from '../../../cli/sources/in-process.ts';
import type { Answer, Source } from '../../../cli/sources/source.ts';
import { Bridge } from '../../../cli/stdio/bridge.ts';
import { headersOf } from '../../../cli/stdio/headers.ts';
import { createTestApp } from '../../support/app.ts';

type Post = Source['post'];

async function answersOf(post: Post, ...lines: readonly string[]): Promise<unknown[]> {
  const written: unknown[] = [];
  const bridge = new Bridge({ source: { name: 'it', post }, write: (line) => void written.push(JSON.parse(line)) });
  await bridge.serve(Readable.from(lines.map((line) => `${line}\n`)));
  return written;
}

const answering =
  (status: number, text: string): Post =>
  async () => ({ status, body: Readable.from([Buffer.from(text)]) });
const request = (id: unknown, method: string, params?: object) =>
  JSON.stringify({ jsonrpc: '2.0', id, method, params });

test('a graph in this process answers by the same route as a master, in both eras', async () => {
  const graph = createTestApp();
  const source = sourceOfGraph({ name: 'test', namespace: undefined, version: '0', graph });
  const envelope = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const all = await answersOf(
    source.post,
    request(1, 'initialize', {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 't', version: '1' },
    }),
    JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' }),
    request('two', 'tools/call', { name: 'search', arguments: { text: 'x' } }),
    request(3, 'tools/list', { _meta: envelope }),
    request(4, 'tools/call', { name: 'search', arguments: { text: 'é' }, _meta: envelope }),
    request(5, 'resources/read', { uri: 'insight://resource/Pod:n/漢字', _meta: envelope }),
  );
  const byId = new Map(all.map((each) => [(each as { id: unknown }).id, each]));
  expect([...byId.keys()].sort()).toEqual([1, 3, 4, 5, 'two']);
  expect(byId.get(1)).toMatchObject({ result: { protocolVersion: '2025-11-25' } });
  expect(byId.get('two')).toMatchObject({ result: { structuredContent: { total: 0 } } });
  expect(byId.get(3)).toMatchObject({ result: { cacheScope: 'private', ttlMs: 300_000 } });
  expect(byId.get(4)).toMatchObject({ result: { structuredContent: { total: 0 } } });
  expect(byId.get(5)).toMatchObject({ error: { message: expect.stringContaining('There is no Pod') } });
  await source.close();
});

test.each([
  ['what is not JSON', 'x', -32_700, null],
  ['a list of messages', '[]', -32_600, null],
  ['a line that is too long', request(1, 'x'.repeat(70_000)), -32_600, null],
])('%s is answered without being handed on', async (_, line, code, id) => {
  const post: Post = () => Promise.reject(new Error('must not be asked'));
  expect(await answersOf(post, line, '')).toMatchObject([{ id, error: { code } }]);
});

test.each<[string, Post, string]>([
  ['cannot be reached', () => Promise.reject(new Error('no route')), 'it cannot be reached: no route'],
  ['refuses', answering(401, '{"error_message":"A token is required"}'), 'it answers 401: A token is required'],
  ['answers nonsense', answering(200, 'event: x\ndata: nonsense\n\n'), 'it answers 200'],
  ['answers nothing', answering(502, ''), 'it answers 502'],
])('a source that %s is an error of the request, and nothing for a notification', async (_, post, words) => {
  const note = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' });
  expect(await answersOf(post, request(7, 'ping'), note)).toEqual([
    { jsonrpc: '2.0', id: 7, error: { code: -32_603, message: words } },
  ]);
});

test('a cancelled request is not answered', async () => {
  const post: Post = (_path, body, _headers, signal) =>
    body.includes('cancelled')
      ? Promise.resolve({ status: 202, body: Readable.from([]) })
      : new Promise<Answer>((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
  const cancel = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } });
  expect(await answersOf(post, request(1, 'tools/call'), cancel)).toEqual([]);
});

test('headers say what the message says, in characters that headers can hold', () => {
  const meta = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' };
  expect(headersOf({ method: 'ping' }, '2025-06-18')).toMatchObject({ 'mcp-protocol-version': '2025-06-18' });
  expect(headersOf({ method: 'ping' }, undefined)).not.toHaveProperty('mcp-protocol-version');
  expect(headersOf({ method: 'tools/call', params: { name: 'get', _meta: meta } }, 'x')).toMatchObject({
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': 'tools/call',
    'mcp-name': 'get',
  });
  expect(headersOf({ method: 'm', params: { uri: 'a\r\nb', _meta: meta } }, 'x')['mcp-name']).toBe(
    '=?base64?YQ0KYg==?=',
  );
});
