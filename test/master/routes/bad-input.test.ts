// Whatever is requested, the answer follows the contract: the right status, the documented body, and never a 500.
import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { errors } from '../../../src/errors.ts';
import type { KubernetesObject } from '../../../src/model.ts';
import { createTestApp, listen } from '../../support/app.ts';
import { recordedObjects } from '../../support/hostile-objects.ts';

const served = createTestApp();
const { app } = served;
let url: string;
beforeAll(async () => {
  for (const { kind, object } of recordedObjects()) {
    served.store.sinkOf(kind).event('ADDED', structuredClone(object) as KubernetesObject);
    served.store.sinkOf(kind).state('synced');
  }
  url = await listen(app);
});
afterAll(() => app.close());

function expectFailure(status: number, text: string): void {
  const body = JSON.parse(text) as { code: keyof typeof errors; [field: string]: unknown };
  expect(Object.keys(body).toSorted()).toEqual(['code', 'error_message', 'success', 'timestamp']);
  expect(body['success']).toBe(false);
  expect(body['timestamp']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  expect(errors[body.code].status).toBe(status);
}

describe('a request that is wrong', () => {
  test.each([
    ['GET', '/nothing', 404, 'not_found'],
    ['GET', '/cluster/nothing', 404, 'not_found'],
    ['GET', '/cluster/resources/nonsense', 404, 'unknown_type'],
    ['GET', '/cluster/resources/__proto__', 404, 'unknown_type'],
    ['GET', '/cluster/resources/constructor', 404, 'unknown_type'],
    ['GET', '/cluster/resources/pods/nobody', 404, 'unknown_id'],
    ['GET', '/cluster/resources/pods/..%2f..%2fetc%2fpasswd', 404, 'unknown_id'],
    ['GET', '/cluster/resources/nonsense/a', 404, 'unknown_type'],
    ['GET', '/cluster?nonsense=1', 400, 'bad_parameter'],
    ['GET', '/cluster?type=nonsense', 400, 'bad_parameter'],
    ['GET', '/cluster?depth=-1', 400, 'bad_parameter'],
    ['GET', '/cluster?namespace=', 400, 'bad_parameter'],
    ['GET', '/cluster/watch?relation=,', 400, 'bad_parameter'],
    ['GET', '/cluster/watch?revision=yesterday', 400, 'bad_parameter'],
    ['GET', '/rules?x=1', 400, 'bad_parameter'],
    ['GET', '/%', 400, 'bad_request'],
    ['GET', '/cluster/resources/%ff', 400, 'bad_request'],
    ['POST', '/cluster', 405, 'method_not_allowed'],
    ['DELETE', '/cluster/resources/pods/a', 405, 'method_not_allowed'],
    ['PUT', '/', 405, 'method_not_allowed'],
    ['PATCH', '/metrics', 405, 'method_not_allowed'],
    ['GET', `/cluster?q=${'x'.repeat(9000)}`, 414, 'uri_too_long'],
    ['GET', `/${'x'.repeat(9000)}`, 414, 'uri_too_long'],
  ] as const)('%s %s gets %d', async (method, path, status, code) => {
    const answer = await app.inject({ method, url: path });
    expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
    expectFailure(status, answer.payload);
    if (status === 405) expect(answer.headers['allow']).toContain('GET');
  });

  /** Sends bytes as they are; returns everything until the server closes. */
  const raw = (bytes: string) =>
    new Promise<string>((resolve, reject) => {
      const { hostname, port } = new URL(url);
      let text = '';
      connect(Number(port), hostname, function (this: Socket) {
        this.setEncoding('utf8');
        this.write(bytes);
      })
        .on('data', (chunk) => (text += String(chunk)))
        .on('close', () => resolve(text))
        .on('error', reject);
    });

  test.each([
    ['a header that is too large', `GET / HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(40_000)}\r\n\r\n`, 431],
    ['a URL beyond all headers', `GET /${'y'.repeat(40_000)} HTTP/1.1\r\nhost: a\r\n\r\n`, 414],
    ['what is no HTTP', 'hello\r\n\r\n', 400],
    ['two lengths', 'GET / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n', 400],
    ['a header of control characters', 'GET / HTTP/1.1\r\nhost: a\r\nx: \u0000\r\n\r\n', 400],
  ])('on the wire, %s', async (_, bytes, status) => {
    const text = await raw(bytes);
    expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expectFailure(status, text.slice(text.indexOf('\r\n\r\n') + 4));
  });
});

const junk = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.string({ unit: 'binary', maxLength: 10 }),
  fc.constantFrom(
    '..',
    '%2e%2e',
    '%00',
    '%',
    '%zz',
    '*',
    '!',
    ',',
    '!,',
    '-1',
    '1e9',
    'NaN',
    'null',
    'true',
    '__proto__',
    'constructor',
  ),
  fc.constantFrom(
    'Pod',
    'pods',
    'svc',
    'kube-system',
    'app=x',
    'app in (',
    'app notin (a,b)',
    '!app',
    'a=b,c!=d',
    'status.phase=Running',
  ),
  fc.constantFrom(
    'Pod:a/b',
    'Node:node-a',
    'Deployment:shop/frontend',
    'json',
    'dot',
    'svg',
    'ndjson',
    'mermaid',
    'up',
    'down',
    '2',
  ),
);
const segment = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      'cluster',
      'resources',
      'watch',
      'debug',
      'rules',
      'version',
      'metrics',
      'healthz',
      'impact',
      'path',
      'groups',
      'openapi.json',
    ),
  },
  { weight: 1, arbitrary: junk },
);
const parameter = fc.constantFrom(
  ...[
    'type',
    'namespace',
    'relation',
    'root',
    'depth',
    'direction',
    'labelSelector',
    'fieldSelector',
    'q',
    'missing',
    'stale',
  ],
  ...[
    'properties',
    'fields',
    'format',
    'limit',
    'cursor',
    'neighbours',
    'revision',
    'verbose',
    'exclude',
    'from',
    'to',
    'id',
    '__proto__',
  ],
);
const header = fc.oneof(
  fc.record({
    name: fc.constantFrom(
      'accept',
      'if-none-match',
      'last-event-id',
      'accept-encoding',
      'range',
      'authorization',
      'origin',
      'content-type',
      'expect',
    ),
    value: junk,
  }),
  fc.record({
    name: fc.constantFrom('accept'),
    value: fc.constantFrom('text/vnd.graphviz', 'image/svg+xml', '*/*;q=0', 'application/x-ndjson', ';;,', 'text/*'),
  }),
);
const request = fc.record({
  method: fc.constantFrom('GET', 'GET', 'GET', 'GET', 'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'),
  segments: fc.array(segment, { maxLength: 4 }),
  query: fc.array(fc.tuple(parameter, junk, fc.boolean()), { maxLength: 4 }),
  headers: fc.array(header, { maxLength: 2 }),
});

/** Header values are visible ASCII on the wire. */
const printable = (text: string) => text.replace(/[^\x20-\x7e]/g, '?');

it('answers 10,000 random requests by the contract, never with a 500', async () => {
  const statuses = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(request, async ({ method, segments, query, headers }) => {
      const path = segments
        // No client could send a backslash in a URL.
        .map((each) => (/^[^\\]*%[^\\]*$/.test(each) ? each : encodeURIComponent(each.toWellFormed())))
        .join('/');
      const asked = query.map(
        ([name, value, plain]) =>
          `${name}=${plain ? printable(value).replace(/[#\s]/g, '') : encodeURIComponent(value.toWellFormed())}`,
      );
      const answer = await app.inject({
        method: method as 'GET',
        url: `/${path}${asked.length > 0 ? `?${asked.join('&')}` : ''}`,
        headers: Object.fromEntries(headers.map(({ name, value }) => [name, printable(value)])),
        payloadAsStream: true,
      });
      const { statusCode } = answer;
      statuses.set(statusCode, (statuses.get(statusCode) ?? 0) + 1);
      const stream = answer.stream();
      if (String(answer.headers['content-type']).startsWith('text/event-stream')) return void stream.destroy();
      const chunks: Buffer[] = [];
      for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
      expect(statusCode).toBeLessThan(500);
      if (statusCode >= 400 && method !== 'HEAD') expectFailure(statusCode, Buffer.concat(chunks).toString());
    }),
    { numRuns: 10_000 },
  );
  // The requests were refused for different reasons.
  for (const status of [200, 400, 404, 405]) expect(statuses.get(status)).toBeGreaterThan(50);
  // Nobody reads any more: no snapshot may be left open.
  await app.close();
  await expect.poll(() => served.engine.openSnapshots.readers).toBe(0);
}, 240_000);
