// S3 against a fake that computes each signature itself, following the specification, and refuses different ones.
import { createHash, createHmac } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startApiServer } from '../../../../src/demo/api-server.ts';
import { exported, keys } from '../../../support/exporting.ts';
import { keyPair } from '../../../support/fake-endpoint.ts';

const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
const sha = (data: string | Buffer) => createHash('sha256').update(data).digest('hex');

/** https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html */
function isSigned(request: http.IncomingMessage, body: Buffer, secret: string, region: string): boolean {
  const form =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/;
  const [, access, day = '', zone = '', names = '', signature] = form.exec(String(request.headers.authorization)) ?? [];
  const date = String(request.headers['x-amz-date']);
  if (access !== keyPair.accessKey || zone !== region || !date.startsWith(day)) return false;
  if (request.headers['x-amz-content-sha256'] !== sha(body)) return false;
  if (!names.split(';').includes('host') || !names.split(';').includes('x-amz-content-sha256')) return false;
  const [path = '', query = ''] = (request.url ?? '').split('?');
  const headers = names.split(';').map((name) => `${name}:${String(request.headers[name]).trim()}\n`);
  const canonical = [request.method, path, query, headers.join(''), names, sha(body)].join('\n');
  const scope = `${day}/${zone}/s3/aws4_request`;
  const key = ['aws4_request'].reduce(
    (made, part) => hmac(made, part),
    hmac(hmac(hmac(`AWS4${secret}`, day), zone), 's3'),
  );
  return hmac(key, ['AWS4-HMAC-SHA256', date, scope, sha(canonical)].join('\n')).toString('hex') === signature;
}

let server: http.Server;
let url = '';
let failing = 0;
const stored = new Map<string, Buffer>();
beforeEach(async () => {
  stored.clear();
  failing = 0;
  server = http.createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
    const body = Buffer.concat(parts);
    if (!isSigned(request, body, keyPair.secretKey, 'eu-test-1'))
      return void response.writeHead(403).end('<Error><Code>SignatureDoesNotMatch</Code></Error>');
    if (failing-- > 0) return void response.writeHead(503).end();
    const path = request.url ?? '';
    if (request.method === 'PUT') stored.set(path, body);
    const found = stored.get(path);
    response.writeHead(found ? 200 : 404).end(request.method === 'GET' ? found : undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});

async function cluster() {
  const api = await startApiServer();
  api.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-system' } });
  return api;
}

describe('S3', () => {
  test.each(['s3://inventory', 's3://inventory/all/of it/', 's3://inventory/a+b(c)'])(
    '%s gets the pages, the manifest, and last what names the run',
    async (to) => {
      const api = await cluster();
      const args = [
        '--to',
        to,
        '--store-url',
        url,
        '--store-region',
        'eu-test-1',
        '--cluster-id',
        'arn:aws:eks/one @two',
        ...keys(),
        '--relations=false',
      ];
      failing = 1;
      const { status, log } = await exported(api, args);
      expect([status, log]).toEqual([0, expect.stringContaining('nothing left out')]);
      const names = [...stored.keys()].map((path) => path.split('/').at(-1));
      expect(names.slice(-2)).toEqual(['manifest.json', 'latest.json']);
      expect(names[0]).toMatch(/^graph-000001\.ndjson\.gz$/);
      expect((await exported(api, args)).status).toBe(0);
      await api.stop();
    },
  );

  test('a wrong secret key ends it with 1 and says what the store said', async () => {
    const api = await cluster();
    const wrong = keys();
    const { status, log } = await exported(api, [
      '--to',
      's3://inventory',
      '--store-url',
      url,
      '--store-region',
      'elsewhere',
      ...wrong,
    ]);
    expect([status, stored.size]).toEqual([1, 0]);
    expect(log).toContain('SignatureDoesNotMatch');
    await api.stop();
  });
});
