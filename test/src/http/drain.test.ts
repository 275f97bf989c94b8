import { get } from 'node:http';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { drained } from '../../../src/http/drain.ts';
import { createServer } from '../../../src/http/server.ts';
import { silentLogger } from '../../../src/logger.ts';

async function serving(leaving = false) {
  const app = createServer({ logger: silentLogger, leaving: () => leaving });
  app.get('/endless', (_request, reply) => reply.send(Readable.from(forever())));
  app.get('/small', () => 'yes');
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const warnings: string[] = [];
  const logger = { warn: (words: unknown) => void warnings.push(String(words)) };
  return { app, url, warnings, logger };
}

function* forever() {
  for (;;) yield Buffer.alloc(65_536);
}

test('a reader that takes nothing is cut off, and the server ends', async () => {
  const { app, url, warnings, logger } = await serving();
  const reading = new Promise<void>((resolve) => {
    get(`${url}/endless`, (answer) => {
      answer.pause();
      resolve();
    }).on('error', () => undefined);
  });
  await reading;
  await drained(app, { within: 200, logger });
  expect(warnings).toEqual([expect.stringMatching(/cut off/)]);
});

test('a server without open requests ends at once, without a warning', async () => {
  const { app, url, warnings, logger } = await serving();
  expect(await (await fetch(`${url}/small`)).text()).toBe('yes');
  await drained(app, { within: 3_600_000, logger });
  expect(warnings).toEqual([]);
});

test('a server that is about to end keeps no connection for a next request', async () => {
  const staying = await serving();
  const leaving = await serving(true);
  expect((await fetch(`${staying.url}/small`)).headers.get('connection')).toBe('keep-alive');
  const answer = await fetch(`${leaving.url}/small`);
  expect([answer.status, answer.headers.get('connection')]).toEqual([200, 'close']);
  await Promise.all([staying, leaving].map(({ app, logger }) => drained(app, { within: 1000, logger })));
});
