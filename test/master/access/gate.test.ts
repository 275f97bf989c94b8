import fastify from 'fastify';
import { expect, test } from 'vitest';
import { createGate } from '../../../master/access/gate.ts';
import type { OpenRequest } from '../../../master/access/open-requests.ts';
import type { Server } from '../../../src/http/server.ts';
import { Strangers } from '../../../src/strangers.ts';
import { filesBelow } from '../../support/source-tree.ts';
import { stillClock } from '../../support/still-clock.ts';

test('a stream that its route calls endless is held as one, whatever it is called; every other answer ends some time', async () => {
  const held: OpenRequest[] = [];
  const open = { add: (one: OpenRequest) => void held.push(one), cutForShare() {}, look: async () => {}, size: 0 };
  const app = fastify() as unknown as Server;
  app.decorateRequest('caller', '');
  app.addHook('onRequest', createGate({ open, count: () => {}, strangers: new Strangers(stillClock()) }));
  app.get('/any/stream', { config: { endless: true } }, async () => '');
  app.get('/cluster/watch', async () => '');
  app.get('/cluster', { config: { endless: false } }, async () => '');
  for (const url of ['/any/stream', '/cluster/watch', '/cluster']) expect((await app.inject(url)).statusCode).toBe(200);
  expect(held.map(({ endless }) => endless)).toEqual([true, false, false]);
  await app.close();
});

test('every route that sends events says that it is endless', () => {
  const sending = filesBelow('master/routes').filter(({ text }) => /\.type\('text\/event-stream/.test(text));
  expect(sending.length).toBeGreaterThan(1);
  expect(sending.filter(({ text }) => !text.includes('config: { endless: true }')).map(({ path }) => path)).toEqual([]);
});
