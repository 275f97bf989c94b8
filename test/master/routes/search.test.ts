import { afterEach, describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../../../src/model.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { kindNamed } from '../../support/random-cluster.ts';

const opened: TestApp[] = [];
afterEach(async () => {
  for (const { app } of opened.splice(0)) await app.close();
});

function open(): TestApp {
  const served = createTestApp();
  opened.push(served);
  for (const namespace of ['shop', 'other'])
    for (const [kind, name] of [
      ['Service', 'frontend'],
      ['Deployment', 'frontend'],
      ['ConfigMap', 'frontend-settings'],
    ] as const)
      served.store.sinkOf(kindNamed(kind)).event('ADDED', {
        apiVersion: kind === 'Deployment' ? 'apps/v1' : 'v1',
        kind,
        metadata: { name, namespace, uid: `${kind}-${namespace}`, labels: { team: namespace } },
      } as unknown as KubernetesObject);
  return served;
}

async function ask({ app }: TestApp, url: string) {
  const response = await app.inject(url);
  return { status: response.statusCode, body: response.json<Record<string, never>>(), etag: response.headers['etag'] };
}

describe('/cluster/search', () => {
  it('answers the best match first, with what matched, and says whether there are others', async () => {
    const { body } = await ask(open(), '/cluster/search?q=frontend&limit=3');
    expect(body).toMatchObject({
      success: true,
      more: true,
      resources: [
        { id: 'Deployment:other/frontend', match: { rank: 'exact', in: 'name', text: 'frontend' } },
        { id: 'Deployment:shop/frontend', namespace: 'shop', type: 'Deployment' },
        { id: 'Service:other/frontend' },
      ],
    });
  });

  it('is narrowed by type and namespace', async () => {
    const { body } = await ask(open(), '/cluster/search?q=frontend&type=svc&namespace=shop');
    expect(body).toMatchObject({ more: false, resources: [{ id: 'Service:shop/frontend' }] });
  });

  it('is not answered again where nothing changed', async () => {
    const { app } = open();
    const { headers } = await app.inject('/cluster/search?q=frontend');
    const again = await app.inject({
      url: '/cluster/search?q=frontend',
      headers: { 'if-none-match': String(headers['etag']) },
    });
    expect(again.statusCode).toBe(304);
  });

  it.each(['/cluster/search', '/cluster/search?q=', '/cluster/search?q=a&limit=0', '/cluster/search?q=a&type=nope'])(
    'refuses %s',
    async (url) => {
      expect((await ask(open(), url)).status).toBe(400);
    },
  );
});

describe('what is not there', () => {
  it.each([
    ['/cluster/impact?of=Service:shop/fronted', 404, 'Service:other/frontend, Service:shop/frontend'],
    ['/cluster?root=svc:default/frontend', 404, 'Service:other/frontend'],
    ['/cluster/resources/svc/shop/frontnd', 404, 'did you mean Service:'],
    ['/cluster/resources/deploymnt', 404, 'did you mean Deployment?'],
    ['/cluster?type=servcies', 400, 'did you mean Service?'],
    ['/cluster?root=Servce:shop/frontend', 404, 'did you mean Service:shop/frontend?'],
  ])('%s: %d, and what may have been meant', async (url, status, words) => {
    const answer = await ask(open(), url);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ error_message: expect.stringContaining(words) });
  });

  it('is not made more of where nothing is like it', async () => {
    const { body } = await ask(open(), '/cluster/impact?of=Service:shop/zzzzzzzz');
    expect(body).toMatchObject({ error_message: 'There is no Service shop/zzzzzzzz' });
  });
});
