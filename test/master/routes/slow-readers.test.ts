// Readers on real sockets that stop in the middle of a large answer while everything changes.
import { randomBytes } from 'node:crypto';
import http from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCompression } from '../../../master/compression/compress.ts';
import { createRetention, type Retention } from '../../../master/graph/revisions/retention.ts';
import type { KubernetesObject } from '../../../src/model.ts';
import { createTestApp, listen, type TestApp } from '../../support/app.ts';
import { kindNamed } from '../../support/random-cluster.ts';

/** Less than the texts of the whole graph. */
const most = 20 << 20;
/** More than fit into a page, with texts that exceed socket buffers. */
const objects = 10_100;
const bytesEach = 3_000;
/** Incompressible text, of which no two neighbours have the same part. */
const noise = randomBytes(1 << 20).toString('base64');

let served: TestApp;
let retention: Retention;
let url: string;
let answers: http.IncomingMessage[];

beforeEach(async () => {
  retention = createRetention({ most });
  answers = [];
  served = createTestApp({ retention, compression: createCompression(1 << 20) });
  url = await listen(served.app);
  writeAll(objects, 0);
});

afterEach(async () => {
  for (const answer of answers) answer.destroy();
  await served.app.close();
});

/** Writes the first `count` objects again. */
function writeAll(count: number, round: number): void {
  const sink = served.store.sinkOf(kindNamed('ConfigMap'));
  served.engine.transact(() => {
    for (let n = 0; n < count; n++) {
      const from = (n * 30_011 + round * 131_071) % (noise.length - bytesEach);
      const metadata = {
        name: `config-${n}`,
        namespace: `space-${n % 20}`,
        uid: `${n}`,
        annotations: { noise: noise.slice(from, from + bytesEach) },
      };
      sink.event('MODIFIED', { apiVersion: 'v1', kind: 'ConfigMap', metadata } as KubernetesObject);
    }
  });
}

/** Reads the head of an answer and nothing more. */
function begin(path: string, encoding = 'identity'): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    const asked = http.get(url + path, { agent: false, headers: { 'accept-encoding': encoding } }, (answer) => {
      answers.push(answer.on('error', () => undefined));
      resolve(answer);
    });
    asked.on('error', reject);
  });
}

/** Reads to the end, complete or not. */
async function rest(answer: http.IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  answer.on('data', (chunk: Buffer) => chunks.push(chunk));
  await new Promise((resolve) => answer.once('close', resolve));
  return Buffer.concat(chunks);
}

describe('a reader that stands still', () => {
  it.each(['identity', 'gzip', 'zstd', 'br'])(
    'is cut off in the middle once too much of the past is held for it, as %s',
    async (encoding) => {
      const slow = await begin('/cluster', encoding);
      expect(slow.headers['content-encoding'] ?? 'identity').toBe(encoding);
      writeAll(objects, 1);
      expect(retention.held()).toBeGreaterThan(most);
      retention.look();
      expect(retention.held()).toBe(0);
      expect(served.engine.openSnapshots.readers).toBe(0);
      const bytes = await rest(slow);
      expect(slow.complete).toBe(false);
      expect(bytes.length).toBeLessThan((objects * bytesEach) / 2);
      const whole = await begin('/cluster', encoding);
      await rest(whole);
      expect([whole.statusCode, whole.complete]).toEqual([200, true]);
    },
  );

  it('reads on as it was while little has changed', async () => {
    const expected = await served.cluster();
    const slow = await begin('/cluster');
    writeAll(objects / 4, 1);
    retention.look();
    expect((await rest(slow)).toString()).toBe(expected);
    expect(retention.held()).toBe(0);
  });

  it('costs others nothing but the beginning of large answers, until it is gone', async () => {
    const slow = await begin('/cluster');
    writeAll(objects / 2, 1);
    retention.look();
    const held = retention.held();
    expect(held).toBeGreaterThan(most / 2);
    for (const path of ['/cluster', '/cluster?format=ndjson', '/cluster/resources', '/cluster?limit=10']) {
      const refused = await begin(path);
      expect([refused.statusCode, refused.headers['retry-after']], path).toEqual([503, '10']);
      const { code, error_message } = JSON.parse((await rest(refused)).toString());
      expect(code).toBe('past_held');
      expect(error_message).toMatch(/more than 10 MiB of past revisions.* in 10 s, .*namespace=/);
    }
    const small = await begin('/cluster?namespace=space-1');
    expect([small.statusCode, (await rest(small)).length > 1_000_000]).toEqual([200, true]);
    expect(retention.held()).toBe(held);
    slow.destroy();
    await expect.poll(async () => (await begin('/cluster')).statusCode).toBe(200);
  });

  it('between two pages makes room for others, and begins again', async () => {
    const { cursor } = JSON.parse((await rest(await begin('/cluster?limit=1'))).toString());
    const next = `/cluster?limit=1&cursor=${cursor}`;
    writeAll(objects / 4, 1);
    await rest(await begin('/cluster'));
    expect((await begin(next)).statusCode).toBe(200);
    writeAll(objects / 2, 2);
    expect(retention.held()).toBeGreaterThan(most / 2);
    expect((await begin('/cluster')).statusCode).toBe(200);
    expect((await begin(next)).statusCode).toBe(410);
  });
});
