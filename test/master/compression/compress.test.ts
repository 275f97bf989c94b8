import { randomFillSync } from 'node:crypto';
import http from 'node:http';
import { Readable } from 'node:stream';
import zlib from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { createCompression, madeOf } from '../../../master/compression/compress.ts';
import { Slab } from '../../../master/graph/model/slab.ts';
import { createServer } from '../../../src/http/server.ts';
import { silentLogger } from '../../../src/logger.ts';

const block = Buffer.allocUnsafeSlow(1 << 20);
block.write(JSON.stringify(Array.from({ length: 60_000 }, (_, n) => `resource ${n}`)));
const cuts = [0, 100, 70_000, 70_010, 500_000, 1 << 20];
const slab = new Slab(1, block);
const chunks = cuts.slice(1).map((end, n) => slab.chunk(cuts[n] ?? 0, end));
const asTheyCome = async function* () {
  yield* chunks;
};
const decoders = { zstd: zlib.zstdDecompressSync, gzip: zlib.gunzipSync, br: zlib.brotliDecompressSync } as const;
const names = Object.keys(decoders) as (keyof typeof decoders)[];

let close = async () => {};
afterEach(() => close());

async function serve(etag = () => '"a-1"') {
  const compression = createCompression(16 << 20);
  const app = createServer({ logger: silentLogger });
  close = () => app.close();
  let open = 0;
  let read = 0;
  compression.addTo(app);
  app.get('/graph', (_request, reply) => {
    open++;
    const counted = async function* () {
      for await (const chunk of asTheyCome()) {
        read++;
        yield chunk;
      }
    };
    const body = madeOf(Readable.from(chunks, { objectMode: false }), counted()).once('close', () => open--);
    return reply.type('application/json').header('etag', etag()).header('vary', 'accept').send(body);
  });
  app.get('/short', async () => ({ text: 'short' }));
  app.get('/middle', async () => ({ text: 'middle '.repeat(1000) }));
  app.get('/drawn', (_request, reply) => reply.type('image/svg+xml').send(Readable.from(['<svg>', '</svg>'])));
  app.get('/watch', (_request, reply) => reply.type('text/event-stream').send(Readable.from(['data: 1\n\n'])));
  await app.ready();
  const get = (url: string, encoding?: string) =>
    app.inject({ url, headers: encoding === undefined ? {} : { 'accept-encoding': encoding } });
  return { get, stats: compression.stats, open: () => open, read: () => read };
}

describe.each(names)('the graph as %s', (name) => {
  it('is what it is without, whatever way its memory is cut', async () => {
    const { get, open } = await serve();
    const answer = await get('/graph', name);
    expect(answer.headers['content-encoding']).toBe(name);
    expect(decoders[name](answer.rawPayload).equals(block)).toBe(true);
    expect(answer.rawPayload.length).toBeLessThan(block.length / 2);
    await expect.poll(open).toBe(0);
  });

  it('is the same state as without, in other bytes', async () => {
    const { get } = await serve();
    const { headers } = await get('/graph', name);
    expect(headers).toMatchObject({ etag: 'W/"a-1"', vary: 'accept, accept-encoding' });
  });

  it('compresses a short answer, and one that is drawn', async () => {
    const { get } = await serve();
    expect(JSON.parse(decoders[name]((await get('/middle', name)).rawPayload).toString())).toEqual({
      text: 'middle '.repeat(1000),
    });
    expect(decoders[name]((await get('/drawn', name)).rawPayload).toString()).toBe('<svg></svg>');
  });
});

async function* endless(): AsyncGenerator<Buffer> {
  for (;;) yield randomFillSync(Buffer.allocUnsafeSlow(1 << 20));
}

it.each(['identity', ...names])(
  'an answer that is broken off breaks off for its reader as %s, too',
  async (encoding) => {
    const app = createServer({ logger: silentLogger });
    close = () => app.close();
    const bodies: Readable[] = [];
    createCompression(1 << 20).addTo(app);
    app.get('/endless', (_request, reply) => {
      const chunks = endless();
      const body = madeOf(Readable.from(chunks, { objectMode: false }), chunks);
      bodies.push(body);
      return reply.type('application/json').send(body);
    });
    const url = await app.listen({ host: '127.0.0.1', port: 0 });
    const headers = { 'accept-encoding': encoding };
    const answer = await new Promise<http.IncomingMessage>((resolve) =>
      http.get(`${url}/endless`, { headers }, resolve),
    );
    const failed = new Promise((resolve) => answer.once('error', resolve));
    answer.once('data', () => bodies[0]?.destroy());
    await failed;
    expect(answer.headers['content-encoding'] ?? 'identity').toBe(encoding);
    expect(answer.complete).toBe(false);
  },
);

describe.each(['zstd', 'gzip'] as const)('a large answer that did not change, as %s', (name) => {
  it('is sent again as it was, without a look at the graph', async () => {
    const { get, open, read } = await serve();
    const first = await get('/graph', name);
    expect(read()).toBe(chunks.length);
    const second = await get('/graph', name);
    expect(second.rawPayload.equals(first.rawPayload)).toBe(true);
    expect(second.headers['etag']).toBe('W/"a-1"');
    expect(read()).toBe(chunks.length);
    await expect.poll(open).toBe(0);
  });

  it('is made again for another question, another encoding and another revision', async () => {
    let revision = 1;
    const { get, read } = await serve(() => `"a-${revision}"`);
    const other = name === 'zstd' ? 'gzip' : 'zstd';
    for (const [url, encoding] of [
      ['/graph', name],
      ['/graph?q=1', name],
      ['/graph', other],
    ] as const)
      expect(decoders[encoding]((await get(url, encoding)).rawPayload).equals(block), url).toBe(true);
    expect(read()).toBe(3 * chunks.length);
    revision++;
    await get('/graph', name);
    expect(read()).toBe(4 * chunks.length);
  });

  it('is not kept where its validator does not stand for its bytes', async () => {
    const { get, read } = await serve(() => 'W/"a-1"');
    for (let n = 1; n <= 2; n++) {
      await get('/graph', name);
      expect(read()).toBe(n * chunks.length);
    }
  });
});

describe('compression', () => {
  it('compresses what did not change once, for however many readers', async () => {
    let revision = 1;
    const { get, stats } = await serve(() => `"a-${revision}"`);
    const first = await get('/graph', 'zstd');
    const { misses } = stats();
    expect(misses).toBeGreaterThan(5);
    revision++;
    const second = await get('/graph', 'zstd');
    expect(second.rawPayload.equals(first.rawPayload)).toBe(true);
    expect(stats().misses).toBe(misses);
    expect(stats().hits).toBe(misses);
  });

  it('is left out unless requested, and says that the answer varies', async () => {
    const { get } = await serve();
    const answer = await get('/graph');
    expect(answer.headers['content-encoding']).toBeUndefined();
    expect(answer.headers).toMatchObject({ etag: '"a-1"', vary: 'accept, accept-encoding' });
    expect(answer.rawPayload.equals(block)).toBe(true);
  });

  it('is left out of what fits into a packet, and of streams of events', async () => {
    const { get } = await serve();
    for (const url of ['/short', '/watch']) {
      expect((await get(url, 'gzip')).headers['content-encoding'], url).toBeUndefined();
    }
  });

  it.each([
    ['gzip, deflate, br, zstd', 'zstd'],
    ['gzip, deflate, br', 'gzip'],
    ['br;q=1, gzip;q=0.5', 'br'],
    ['zstd;q=0, gzip', 'gzip'],
    ['*', 'zstd'],
    ['identity', undefined],
    ['deflate', undefined],
  ])('for a reader of %s is %s', async (accept, expected) => {
    const { get } = await serve();
    expect((await get('/graph', accept)).headers['content-encoding']).toBe(expected);
  });
});
