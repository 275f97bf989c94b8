// What caches between us and a reader rely on: https://www.rfc-editor.org/rfc/rfc9111
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createProtectedApp, type ProtectedApp } from '../../support/protected-app.ts';
import { livesIn, shared } from '../../support/two-namespaces.ts';

let target: ProtectedApp;
beforeAll(async () => {
  target = await createProtectedApp({ flags: ['--auth', 'none', '--cors', 'https://ui.example'], recorded: true });
  target.apply([...shared, ...livesIn('a', 'b'), ...livesIn('b', 'a')]);
  await target.record();
});
afterAll(() => target.close());

const urls = [
  '/cluster',
  '/cluster?namespace=a',
  '/cluster?at=now',
  '/cluster/resources',
  '/cluster/findings',
  '/cluster/groups?by=namespace',
  '/cluster/impact?of=ConfigMap:a/settings',
  '/cluster/search?q=a',
  '/cluster/analysis?of=cycles',
];
const encodings = ['identity', 'gzip', 'br', 'zstd'];

async function ask(url: string, headers: Record<string, string>, method: 'GET' | 'HEAD' = 'GET') {
  const answer = await target.app.inject({ url, method, headers: { origin: 'https://ui.example', ...headers } });
  return { status: answer.statusCode, headers: answer.headers, bytes: answer.rawPayload.length };
}

const namesIn = (vary: unknown) =>
  String(vary)
    .split(', ')
    .map((name) => name.toLowerCase())
    .toSorted();

describe.each(urls)('%s', (url) => {
  test.each(encodings)('as %s: 304 has the headers that its answer would have', async (encoding) => {
    const first = await ask(url, { 'accept-encoding': encoding });
    expect(first.status).toBe(200);
    const again = await ask(url, { 'accept-encoding': encoding, 'if-none-match': String(first.headers.etag) });
    expect(again).toMatchObject({ status: 304, bytes: 0 });
    expect(again.headers.etag).toBe(first.headers.etag);
    expect(again.headers['cache-control']).toBe(first.headers['cache-control']);
    expect(namesIn(again.headers.vary)).toEqual(namesIn(first.headers.vary));
    expect(namesIn(first.headers.vary)).toContain('accept-encoding');
  });

  test.each(encodings)('as %s: HEAD has the headers of GET', async (encoding) => {
    const get = await ask(url, { 'accept-encoding': encoding });
    const head = await ask(url, { 'accept-encoding': encoding }, 'HEAD');
    expect([head.status, head.bytes]).toEqual([200, 0]);
    for (const name of ['etag', 'vary', 'content-encoding', 'content-type', 'cache-control'])
      expect(head.headers[name], name).toBe(get.headers[name]);
    // It may be left out, but is never another.
    expect([undefined, String(get.bytes)]).toContain(head.headers['content-length']);
  });

  test('tells each page of another origin for whom it is', async () => {
    const { headers } = await ask(url, {});
    expect(headers['access-control-allow-origin']).toBe('https://ui.example');
    expect(namesIn(headers.vary)).toContain('origin');
  });
});

test.each(['/cluster', '/cluster?namespace=a', '/cluster/findings', '/cluster/groups?by=namespace'])(
  'who has one form of %s does not have another',
  async (url) => {
    const types = ['application/json', 'application/x-ndjson', ...(url.includes('findings') ? [] : ['image/svg+xml'])];
    const tags = new Map<string, string>();
    for (const accept of types) {
      const { status, headers } = await ask(url, { accept });
      expect([status, String(headers['content-type']).split(';')[0]]).toEqual([200, accept]);
      expect(namesIn(headers.vary)).toContain('accept');
      tags.set(accept, String(headers.etag));
    }
    for (const accept of types)
      for (const [type, tag] of tags)
        expect((await ask(url, { accept, 'if-none-match': tag })).status).toBe(accept === type ? 304 : 200);
  },
);

test('findings come in the form that is preferred, and in none that is not there', async () => {
  const typeOf = async (accept: string) => String((await ask('/cluster/findings', { accept })).headers['content-type']);
  expect(await typeOf('application/json, application/x-ndjson;q=0.5')).toContain('application/json');
  expect(await typeOf('application/x-ndjson;q=0, */*')).toContain('application/json');
  expect(await typeOf('application/json;q=0.5, application/ndjson')).toContain('application/x-ndjson');
  expect((await ask('/cluster/findings', { accept: 'image/png' })).status).toBe(406);
});
