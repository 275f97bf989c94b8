import { get } from 'node:http';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { streamOf } from '../../../master/routes/answer.ts';
import { inTurns } from '../../../master/routes/in-turns.ts';
import { turns } from '../../../master/turns.ts';
import { createServer } from '../../../src/http/server.ts';
import { silentLogger } from '../../../src/logger.ts';
import type { Steps } from '../../../src/steps.ts';
import { createTestApp, epoch, listen } from '../../support/app.ts';
import { kindNamed } from '../../support/random-cluster.ts';
import { finish } from '../../support/steps.ts';

let close = async () => {};
afterEach(() => {
  vi.restoreAllMocks();
  return close();
});

describe('a question', () => {
  it('is abandoned when its client is gone', async () => {
    const app = createServer({ logger: silentLogger });
    close = () => app.close();
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    function* endless(): Steps<never> {
      begin();
      try {
        for (;;) yield;
      } finally {
        end();
      }
    }
    app.get('/endless', (_request, reply) => inTurns(reply, endless()));
    const request = get(`${await listen(app)}/endless`).on('error', () => undefined);
    await begun;
    request.destroy();
    await expect(ended).resolves.toBeUndefined();
  });

  it.each([
    '/cluster?q=a',
    '/cluster?relation=owns',
    '/cluster/resources',
    '/cluster/resources/ConfigMap/shop/a',
    '/cluster/groups?by=type',
    '/cluster/impact?of=ConfigMap:shop/a',
    '/cluster/path?from=ConfigMap:shop/a&to=Namespace:shop',
  ])(
    'has the validator of the revision that it is answered at, though the graph went on meanwhile: %s',
    async (url) => {
      const { app, engine, store } = createTestApp();
      close = () => app.close();
      const sink = store.sinkOf(kindNamed('ConfigMap'));
      const put = (name: string) =>
        sink.event('ADDED', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'shop' } });
      put('a');
      vi.spyOn(turns, 'run').mockImplementationOnce(async (steps) => {
        // Its validator was compared, but its turn comes later.
        put('b');
        return finish(steps);
      });
      const answer = await app.inject(url);
      const { revision } = answer.json<{ revision: number }>();
      expect(revision).toBe(engine.revision);
      // The validator of that revision, or a digest of the answer.
      expect(answer.headers.etag).toMatch(new RegExp(`^("${epoch}-(.+-)?${revision}"|W/".+")$`));
      const again = await app.inject({ url, headers: { 'if-none-match': String(answer.headers.etag) } });
      expect(again.statusCode).toBe(304);
    },
  );
});

describe('a body', () => {
  it('leaves the loop to others, however fast it is read', async () => {
    const endless = function* () {
      for (;;) yield Buffer.alloc(1 << 16);
    };
    const body = streamOf({ release: () => undefined }, endless(), { add: () => undefined, end: () => undefined });
    let others = 0;
    const timer = setInterval(() => others++, 1);
    let bytes = 0;
    for await (const chunk of body) {
      bytes += (chunk as Buffer).length;
      if (others >= 3 || bytes > 2 ** 36) break;
    }
    clearInterval(timer);
    expect(others).toBeGreaterThanOrEqual(3);
  });
});
