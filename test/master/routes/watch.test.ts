import fc from 'fast-check';
import { Registry } from 'prom-client';
import { afterEach, describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../../../src/model.ts';
import { createTestApp, epoch, listen, type TestApp } from '../../support/app.ts';
import { sumOf } from '../../support/metrics-text.ts';
import { kindNamed } from '../../support/random-cluster.ts';
import { createWorld, step } from '../../support/random-steps.ts';
import { differenceOf } from '../../support/replica.ts';
import { followCluster, watch } from '../../support/watching.ts';

const opened: TestApp[] = [];
afterEach(async () => {
  for (const { app } of opened.splice(0)) await app.close();
});

async function open(options: Parameters<typeof createTestApp>[0] = {}) {
  let now = 0;
  const served = createTestApp({ clock: () => now++, ...options });
  opened.push(served);
  const url = await listen(served.app);
  served.engine.changes.record();
  return { ...served, url, watchUrl: `${url}/cluster/watch`, id: (revision: number) => `${epoch}-${revision}` };
}

function configMap(name: string, bytes = 0): KubernetesObject {
  const metadata = { name, namespace: 'n1', uid: name, annotations: { text: 'x'.repeat(bytes) } };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata };
}

/** Makes one revision. */
function change({ store }: TestApp, name: string, bytes = 0, event: 'MODIFIED' | 'DELETED' = 'MODIFIED'): void {
  store.sinkOf(kindNamed('ConfigMap')).event(event, configMap(name, bytes));
}

/** Pushes earlier changes out of the log by writing more than it holds. */
function fillLog(served: TestApp): void {
  const { from } = served.engine.changes.size();
  for (let i = 0; served.engine.changes.size().from === from; i++) change(served, 'big', (8 << 20) + i);
}

describe('/cluster/watch', () => {
  it('is a stream of events that no proxy keeps, with the revision as id from the first line', async () => {
    const served = await open();
    change(served, 'a');
    const one = await watch(served.watchUrl);
    expect(one.status).toBe(200);
    expect(one.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    await one.until(() => one.retry !== undefined);
    expect(one.retry).toBe(2000);
    expect(one.lastEventId).toBe(served.id(served.engine.revision));
    change(served, 'b');
    await one.until(() => one.events.length === 1);
    expect(one.events[0]).toMatchObject({ event: 'change', id: served.id(served.engine.revision) });
    const event = JSON.parse(one.events[0]?.data ?? '');
    expect(event.revision).toBe(served.engine.revision);
    expect(event.resources.added.map(({ id }: { id: string }) => id)).toEqual(['ConfigMap:n1/b']);
    change(served, 'b', 0, 'DELETED');
    await one.until(() => one.events.length === 2);
    const removal = JSON.parse(one.events[1]?.data ?? '');
    expect(removal.resources.removed).toEqual(['ConfigMap:n1/b']);
    expect(removal.relations.removed).toEqual([{ type: 'contains', source: 'Namespace:n1', target: 'ConfigMap:n1/b' }]);
    expect(one.errors).toEqual([]);
  });

  it('keeps a client that applies its events exactly at /cluster, through cuts and resumptions', async () => {
    const served = await open();
    const world = createWorld(served);
    const client = await followCluster(served.url, served.cluster);
    const steps = fc.sample(fc.array(step, { minLength: 5, maxLength: 30 }), { numRuns: 40, seed: 7 });
    for (const [round, some] of steps.entries()) {
      if (round % 3 === 1) client.kill();
      for (const each of some) world.run(each);
      if (round % 3 === 1) await client.resumeStream();
      await client.reach(served.engine.revision);
      expect(differenceOf(client.replica.text(), await served.cluster())).toBeUndefined();
    }
    expect(client.resyncs).toBe(0);
    expect(served.engine.revision).toBeGreaterThan(300);
  });

  it('begins after the revision asked for, and Last-Event-ID wins', async () => {
    const served = await open();
    change(served, 'a');
    const { revision } = served.engine;
    change(served, 'b');
    change(served, 'c');
    const names = (events: readonly { data: string }[]) =>
      events.flatMap(({ data }) => JSON.parse(data).resources.added.map(({ id }: { id: string }) => id));
    const one = await watch(`${served.watchUrl}?revision=${revision}`);
    await one.until(() => one.events.length === 2);
    expect(names(one.events)).toEqual(['ConfigMap:n1/b', 'ConfigMap:n1/c']);
    const other = await watch(`${served.watchUrl}?revision=${revision}`, { lastEventId: served.id(revision + 1) });
    await other.until(() => other.events.length === 1);
    expect(names(other.events)).toEqual(['ConfigMap:n1/c']);
  });

  it.each([
    ['of another process', () => '00000000-1'],
    ['of the future', (revision: number) => `${epoch}-${revision + 1}`],
    ['that is nonsense', () => 'last Tuesday'],
  ])('answers resync to an id %s, and goes on from the present', async (_, idOf) => {
    const served = await open();
    change(served, 'a');
    const { revision, timestamp } = served.engine;
    const one = await watch(served.watchUrl, { lastEventId: idOf(revision) });
    await one.until(() => one.events.length === 1);
    expect(one.events[0]).toMatchObject({ event: 'resync', id: served.id(revision) });
    expect(JSON.parse(one.events[0]?.data ?? '')).toEqual({ revision, timestamp });
    change(served, 'b');
    await one.until(() => one.events.length === 2);
    expect(one.events[1]).toMatchObject({ event: 'change', id: served.id(revision + 1) });
  });

  it('answers resync where the log does not reach back so far', async () => {
    const served = await open();
    change(served, 'a');
    const old = served.engine.revision;
    fillLog(served);
    const one = await watch(served.watchUrl, { lastEventId: served.id(old) });
    await one.until(() => one.events.length === 1);
    expect(one.events[0]).toMatchObject({ event: 'resync', id: served.id(served.engine.revision) });
  });

  it('sends a reader that falls behind the newest state, and tells it how much that puts together', async () => {
    const metrics = new Registry();
    const served = await open({ metrics });
    const client = await followCluster(served.url, served.cluster);
    client.watching.pause();
    // More than all buffers on the way hold.
    for (let i = 0; i < 400; i++) {
      change(served, `config-${i % 10}`, (64 << 10) + i);
      if (i % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    client.watching.resume();
    await client.reach(served.engine.revision);
    expect(differenceOf(client.replica.text(), await served.cluster())).toBeUndefined();
    expect(client.resyncs).toBe(0);
    const together = client.watching.comments.flatMap(
      (comment) => /^(\d+) revisions put together$/.exec(comment.trim())?.[1] ?? [],
    );
    expect(together.length).toBeGreaterThan(0);
    expect(client.watching.events.length).toBeLessThan(400);
    const told =
      together.reduce((sum, each) => sum + Number(each), 0) + client.watching.events.length - together.length;
    expect(told).toBe(400);
    const merged = sumOf(await metrics.metrics(), 'cluster_insight_watch_merged_revisions_total');
    expect(merged).toBe(400 - client.watching.events.length);
  });

  it('tells a slow reader to start over if the log overflowed meanwhile', async () => {
    const metrics = new Registry();
    const served = await open({ metrics });
    const client = await followCluster(served.url, served.cluster);
    client.watching.pause();
    for (let i = 0; i < 100; i++) {
      change(served, 'big', (2 << 20) + i);
      if (i % 5 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    client.watching.resume();
    await client.reach(served.engine.revision);
    expect(client.resyncs).toBe(1);
    const text = await metrics.metrics();
    expect(sumOf(text, 'cluster_insight_watch_resyncs_total', { reason: 'log_overrun' })).toBe(1);
    expect(sumOf(text, 'cluster_insight_watch_resyncs_total', { reason: 'unknown_revision' })).toBe(0);
    expect(differenceOf(client.replica.text(), await served.cluster())).toBeUndefined();
  });

  it('filters by type, namespace and relation, and refuses an unknown type', async () => {
    const served = await open();
    const configs = await watch(`${served.watchUrl}?type=cm`);
    const others = await watch(`${served.watchUrl}?type=!cm&relation=runs`);
    const elsewhere = await watch(`${served.watchUrl}?namespace=n2`);
    await Promise.all([configs, others, elsewhere].map((one) => one.until(() => one.lastEventId !== '')));
    change(served, 'a');
    served.store.sinkOf(kindNamed('Pod')).state('synced');
    await Promise.all([configs, others, elsewhere].map((one) => one.until(() => one.events.length > 0)));
    await configs.until(() => configs.events.length === 2);
    const [added] = configs.events.map(({ data }) => JSON.parse(data));
    expect(added.resources.added.map(({ id }: { id: string }) => id)).toEqual(['ConfigMap:n1/a']);
    expect(added.relations).toBeUndefined();
    for (const { events } of [others, elsewhere]) {
      expect(events.map(({ data }) => Object.keys(JSON.parse(data)))).not.toContainEqual(
        expect.arrayContaining(['relations']),
      );
    }
    // The newly named Namespace is no ConfigMap, and nothing of it is in n2.
    expect(JSON.parse(others.events[0]?.data ?? '').resources.added[0].id).toBe('Namespace:n1');
    expect(elsewhere.events.map(({ data }) => Object.keys(JSON.parse(data)))).toEqual([
      ['revision', 'timestamp', 'completeness'],
    ]);
    const answer = await served.app.inject('/cluster/watch?type=nonsense');
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code: 'bad_parameter', error_message: expect.stringContaining('type') });
  });

  it('sends a heartbeat, whose id spares a narrowed reader what does not concern it', async () => {
    const served = await open({ heartbeat: 5 });
    const one = await watch(`${served.watchUrl}?type=Pod&relation=runs`);
    change(served, 'a');
    const { revision } = served.engine;
    await one.until(
      () => one.lastEventId === served.id(revision) && one.comments.some((each) => each.includes('heartbeat')),
    );
    expect(one.events).toEqual([]);
    one.kill();
  });

  it('says that it is closing, and lets go of readers that do not read', async () => {
    const served = await open();
    const reading = await watch(served.watchUrl);
    const stuck = await watch(served.watchUrl);
    await reading.until(() => reading.lastEventId !== '');
    stuck.pause();
    for (let i = 0; i < 100; i++) {
      change(served, 'big', (256 << 10) + i);
      if (i % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await reading.until(() => reading.lastEventId === served.id(served.engine.revision));
    await served.app.close();
    await reading.until(() => reading.comments.some((each) => each.includes('closing')));
    expect(reading.retry).toBe(2000);
    stuck.resume();
    await stuck.until(() => stuck.ended);
  });

  it('forgets a reader that went, and one that only asked for the head', async () => {
    const served = await open();
    const one = await watch(served.watchUrl);
    const head = await fetch(served.watchUrl, { method: 'HEAD' });
    expect(head.status).toBe(200);
    one.kill();
    // Subscribers are called at each change: a closed reader must be gone.
    await expect
      .poll(() => {
        change(served, 'a', served.engine.revision);
        return served.app.inject('/cluster').then(({ statusCode }) => statusCode);
      })
      .toBe(200);
  });
});

describe('a view that is followed', () => {
  it('is told of what its question keeps alone, in the shape that was asked for', async () => {
    const served = await open();
    change(served, 'a');
    const query = 'root=ConfigMap:n1/a&depth=0&neighbours=1&properties=false&reasons=false';
    const one = await watch(`${served.watchUrl}?${query}`);
    change(served, 'b');
    change(served, 'a', 10);
    await one.until(() => one.events.length > 0);
    const { revision: _, ...told } = JSON.parse(one.events[0]?.data ?? '') as { readonly revision: number };
    // Nothing visible changed at any other time.
    const moment = served.engine.get('ConfigMap:n1/a')?.version?.timestamp;
    expect(told).toEqual({ timestamp: moment, touched: { 'ConfigMap:n1/a': moment } });
    one.kill();
    const whole = await watch(`${served.watchUrl}?${query.replace('&properties=false', '')}`);
    change(served, 'a', 20);
    await whole.until(() => whole.events.length > 0);
    expect(JSON.parse(whole.events[0]?.data ?? '')).toMatchObject({
      resources: { changed: [{ id: 'ConfigMap:n1/a', annotations: { label: 'a' } }] },
    });
    whole.kill();
  });

  it.each([
    ['root=ConfigMap:n1/none', 404],
    ['depth=2', 400],
    ['fields=x', 400],
    ['health=nonsense', 400],
  ])('refuses %s with %d', async (query, status) => {
    const { app } = await open();
    expect((await app.inject(`/cluster/watch?${query}`)).statusCode).toBe(status);
  });
});
