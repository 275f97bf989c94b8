// Conditional requests for a part of the graph: 304 only while the part is byte for byte the same.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createTestApp, type TestApp } from '../../../support/app.ts';
import { kindNamed } from '../../../support/random-cluster.ts';
import { createWorld, step } from '../../../support/random-steps.ts';

const questions = [
  '/cluster?type=pod',
  '/cluster?type=pod,configmap&namespace=n1',
  '/cluster?namespace=n1',
  '/cluster?type=!pod&namespace=n*',
  '/cluster?type=pod&health=ok',
  '/cluster?type=pod,service&missing=true',
  '/cluster/resources/configmaps?labelSelector=app=x',
  '/cluster/resources?namespace=n2&fields=/properties/spec',
  '/debug?namespace=n2',
  '/cluster?root=Pod:n1/a&depth=2',
  '/cluster?root=ConfigMap:n2/b&neighbours=1&ids=true',
  '/cluster?health=failed,degraded,ok',
  '/cluster?q=a&reasons=false',
  '/cluster?missing=true',
  '/cluster/resources/pod/n1/a',
  '/cluster/resources/configmap/n2/b',
  '/cluster/search?q=a',
  '/cluster/search?q=b&type=pod&missing=false',
  '/cluster/impact?of=ConfigMap:n1/a',
  '/cluster/path?from=Pod:n1/a&to=ConfigMap:n1/a',
];

/** The answer, and the fields of it that belong to the part. */
async function asked({ app }: TestApp, url: string, etag?: string) {
  const headers = etag === undefined ? {} : { 'if-none-match': etag };
  const answer = await app.inject({ url, headers });
  const body = url.startsWith('/debug')
    ? answer.payload.replace(/^.*(?:revision|timestamp).*$/gm, '')
    : answer.payload.replace(/"timestamp":"[^"]*","revision":\d+|(?<="success":false,)"timestamp":"[^"]*"/, '');
  return { status: answer.statusCode, etag: String(answer.headers['etag']), body };
}

test('304 is answered only if the part is unchanged, whatever happened', async () => {
  let kept = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { maxLength: 6 }), async (rounds) => {
      const made = createTestApp();
      made.engine.changes.record();
      const world = createWorld(made);
      const known = new Map<string, { etag: string; body: string }>();
      for (const steps of rounds) {
        steps.forEach((each) => world.run(each));
        for (const url of questions) {
          const before = known.get(url);
          const again = await asked(made, url, before?.etag);
          const now = await asked(made, url);
          if (again.status === 304) {
            kept++;
            expect(now.body, url).toBe(before?.body);
          }
          known.set(url, now);
        }
      }
      await made.app.close();
    }),
    { numRuns: 15 },
  );
  expect(kept).toBeGreaterThan(50);
});

describe('a part that did not change', () => {
  const put = ({ store }: TestApp, kind: string, namespace: string, name: string, more: object = {}) =>
    store
      .sinkOf(kindNamed(kind))
      .event('MODIFIED', { apiVersion: 'v1', kind, metadata: { name, namespace, ...more }, spec: {} });

  test('has the same validator while only the rest of the graph changes, and another when it changes', async () => {
    const made = createTestApp();
    made.engine.changes.record();
    put(made, 'ConfigMap', 'shop', 'a');
    put(made, 'Secret', 'web', 'b');
    const first = await asked(made, '/cluster/resources/configmaps');
    expect(first.etag).toMatch(/^W\/"abcd0123-part-\d+"$/);
    put(made, 'Secret', 'web', 'c');
    put(made, 'Secret', 'shop', 'd');
    expect((await asked(made, '/cluster/resources/configmaps', first.etag)).status).toBe(304);
    expect((await asked(made, '/cluster?type=cm&namespace=shop', first.etag)).status).toBe(304);
    put(made, 'ConfigMap', 'web', 'e');
    expect((await asked(made, '/cluster/resources/configmaps', first.etag)).status).toBe(200);
    await made.app.close();
  });

  test.each([
    '/cluster?root=Secret:shop/a',
    '/cluster?root=Secret:shop/a&format=dot',
    '/cluster?namespace=shop&neighbours=1&type=secret',
    '/cluster?labelSelector=app=a',
    '/cluster/resources/secret/shop/a',
    '/cluster/search?q=a',
    '/cluster/impact?of=Secret:shop/a',
    '/cluster/path?from=Namespace:shop&to=Secret:shop/a',
  ])('of whatever shape is known again: %s', async (url) => {
    const made = createTestApp();
    made.engine.changes.record();
    put(made, 'Secret', 'shop', 'a', { labels: { app: 'a' } });
    put(made, 'ConfigMap', 'web', 'b');
    const first = await asked(made, url);
    expect(first.status).toBe(200);
    expect(first.etag).toMatch(/^W\/"abcd0123-is-[\w=+-]+"$/);
    put(made, 'ConfigMap', 'web', 'c');
    expect((await asked(made, url, first.etag)).status).toBe(304);
    put(made, 'Secret', 'shop', 'a', { labels: { app: 'a', tier: 'new' }, annotations: { note: 'x' } });
    const changed = (await asked(made, url)).body !== first.body;
    expect((await asked(made, url, first.etag)).status).toBe(changed ? 200 : 304);
    put(made, 'Secret', 'shop', 'ab');
    put(made, 'Namespace', '', 'shop', { labels: { app: 'a' } });
    made.store.sinkOf(kindNamed('Secret')).event('DELETED', {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'a', namespace: 'shop' },
    });
    expect((await asked(made, url, first.etag)).status).not.toBe(304);
    await made.app.close();
  });

  test('is not taken for one that is not known: before changes are recorded, everything counts', async () => {
    const made = createTestApp();
    put(made, 'ConfigMap', 'shop', 'a');
    const { etag } = await asked(made, '/cluster?namespace=shop');
    put(made, 'Secret', 'web', 'c');
    expect((await asked(made, '/cluster?namespace=shop', etag)).status).toBe(200);
    await made.app.close();
  });
});
