import { describe, expect, it } from 'vitest';
import type { SourceState } from '../../../src/model.ts';
import { createTestApp } from '../../support/app.ts';

function open(notReady?: () => string | undefined) {
  const served = createTestApp(notReady ? { notReady } : {});
  const tell = (name: string, state: SourceState['state'], reason?: string) =>
    served.store.tell('kinds', name, state, reason);
  tell('Pod', 'synced');
  tell('Node', 'polled', 'listed every 10 s');
  tell('Lease', 'excluded', 'heartbeats');
  tell('Secret', 'forbidden', 'no');
  served.store.tell('groups', '*', 'synced');
  served.store.tell('leftOut', 'endpoints', 'excluded', 'said elsewhere');
  const get = async (url: string) => (await served.app.inject(url)).json();
  return { ...served, get, tell };
}

describe('completeness in an answer', () => {
  it.each(['/cluster', '/cluster/resources', '/cluster/resources/pod', '/cluster?limit=5'])(
    'of %s has counts and exceptions',
    async (url) => {
      const { completeness } = await open().get(url);
      expect(completeness).toEqual({
        complete: false,
        reason: 'kinds forbidden: Secret',
        counts: {
          kinds: { excluded: 1, forbidden: 1, polled: 1, synced: 1 },
          minions: {},
          groups: { synced: 1 },
          leftOut: { excluded: 1 },
        },
        kinds: { Secret: { state: 'forbidden', since: expect.any(String), reason: 'no' } },
        minions: {},
      });
    },
  );

  it.each(['/cluster?completeness=full', '/cluster/resources?completeness=full', '/cluster/completeness'])(
    'of %s names every source',
    async (url) => {
      const { completeness } = await open().get(url);
      expect(Object.keys(completeness.kinds)).toEqual(['Lease', 'Node', 'Pod', 'Secret']);
      expect(completeness.leftOut).toMatchObject({ endpoints: { state: 'excluded', reason: 'said elsewhere' } });
      expect(completeness.groups).toMatchObject({ '*': { state: 'synced' } });
    },
  );

  it('keeps the moment at which a state began while its reason changes', async () => {
    let now = 0;
    const served = createTestApp({ clock: () => now++ * 1000 });
    served.store.tell('kinds', 'Pod', 'stale', 'cut');
    const before = (await served.app.inject('/cluster/completeness')).json().completeness.kinds.Pod.since;
    served.store.tell('kinds', 'Pod', 'stale', 'refused');
    const { since, reason } = (await served.app.inject('/cluster/completeness')).json().completeness.kinds.Pod;
    expect([since, reason]).toEqual([before, 'refused']);
  });

  it.each(['half', '', 'FULL'])('refuses completeness=%s', async (value) => {
    expect((await open().get(`/cluster?completeness=${value}`)).code).toBe('bad_parameter');
  });
});

describe('before each kind was listed', () => {
  it.each([
    '/cluster',
    '/cluster/resources',
    '/cluster/resources/pods',
    '/cluster/resources/pod/a/b',
    '/cluster/path?from=Pod:a/b&to=Pod:a/c',
    '/cluster/impact?of=Pod:a/b',
    '/cluster/groups?by=type',
    '/cluster/watch',
    '/debug',
  ])('%s says that it is not ready, and why', async (url) => {
    const { app } = open(() => 'waiting for discovery');
    const answer = await app.inject(url);
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject({
      code: 'not_ready',
      error_message: 'The cluster is not read yet: waiting for discovery',
    });
    expect(answer.headers['retry-after']).toBe('2');
  });

  it.each(['/cluster/completeness', '/', '/version', '/rules', '/livez', '/metrics', '/openapi.json'])(
    '%s answers all the same',
    async (url) => {
      expect((await open(() => 'waiting for discovery').app.inject(url)).statusCode).toBe(200);
    },
  );

  it('ends when there is nothing to wait for any more', async () => {
    let waiting: string | undefined = 'Pod';
    const { app } = open(() => waiting);
    expect((await app.inject('/cluster')).statusCode).toBe(503);
    waiting = undefined;
    expect((await app.inject('/cluster')).statusCode).toBe(200);
  });
});
