import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Client } from '../../../../master/sources/kubernetes/client.ts';
import { createRequests } from '../../../../master/sources/kubernetes/requests.ts';
import { createVerifier, type Verifier } from '../../../../master/sources/kubernetes/verifier.ts';
import { compare, lasting } from '../../../../master/sources/kubernetes/verify-kind.ts';
import { type ApiServer, startApiServer } from '../../../../src/demo/api-server.ts';
import { createLogger } from '../../../../src/logger.ts';
import type { SourceState } from '../../../../src/model.ts';
import { createMemorySink, type MemorySink } from '../../../support/memory-sink.ts';
import { clientOf, isEqual, pod, pods } from '../../../support/reflecting.ts';
import { createVirtualTime } from '../../../support/virtual-time.ts';

let server: ApiServer;
let client: Client;
let verifier: Verifier | undefined;
const requests = createRequests({ kind: pods, version: 'v1' });
const forever = new AbortController().signal;

beforeEach(async () => {
  server = await startApiServer({ bookmarkPeriod: 0 });
  client = await clientOf(server);
});

afterEach(async () => {
  await verifier?.close();
  verifier = undefined;
  client.close();
  await server.stop();
});

/** A sink with the server's content. */
function filled(): MemorySink {
  const sink = createMemorySink();
  for (const one of server.list('pods')) sink.event('ADDED', one);
  return sink;
}

const keysOf = (differences: ReadonlyMap<string, unknown> | undefined) => [...(differences ?? [])].map(([key]) => key);
const differencesWith = (sink: MemorySink) => compare({ client, kind: 'Pod', requests, sink }, forever);

describe('comparing', () => {
  beforeEach(() => {
    for (let i = 0; i < 1201; i++) server.create(pod(`pod-${i}`));
  });

  test('finds nothing where all is equal, by pages of metadata alone', async () => {
    expect(keysOf(await differencesWith(filled()))).toEqual([]);
    const lists = server.requests.entries().filter(({ what }) => what === 'list pods');
    expect(lists).toHaveLength(3);
    for (const { accept, url } of lists) {
      expect(accept).toMatch(/^application\/json;as=PartialObjectMetadataList/);
      expect(url).toContain('limit=500');
    }
  });

  test('finds missing, superfluous, outdated and replaced objects', async () => {
    const sink = filled();
    sink.event('DELETED', pod('pod-3'));
    sink.event('ADDED', pod('ghost'));
    server.patch(pod('pod-700'), { metadata: { labels: { a: 'b' } } });
    server.delete(pod('pod-1200'));
    server.create(pod('pod-1200'));
    expect(keysOf(await differencesWith(sink)).sort()).toEqual([
      'shop/ghost',
      'shop/pod-1200',
      'shop/pod-3',
      'shop/pod-700',
    ]);
  });

  test('says nothing where the sink does not say what it holds, and throws where the list fails', async () => {
    expect(await compare({ client, kind: 'Pod', requests, sink: {} }, forever)).toBeUndefined();
    server.fault({ path: '/pods', effect: 'status', code: 500, message: 'no' });
    await expect(differencesWith(filled())).rejects.toThrow('no');
  });
});

describe('a difference lasts', () => {
  const of = (held: string, listed: string) => new Map([['n/a', { held, listed }]]);

  test.each([
    [
      'an object that is held in the same old version, however the server goes on',
      of('u 1', 'u 2'),
      of('u 1', 'u 3'),
      1,
    ],
    ['one that is missing still', of('', 'u 2'), of('', 'u 2'), 1],
    ['one that is missing and changed meanwhile', of('', 'u 2'), of('', 'u 5'), 1],
    ['one that is too much still', of('u 1', ''), of('u 1', ''), 1],
  ])('where it is %s', (_what, before, after, size) => {
    expect(lasting(before, after).size).toBe(size);
  });

  test.each([
    ['what is held has moved', of('u 1', 'u 2'), of('u 2', 'u 3')],
    ['it is another object that is missing now', of('', 'u 2'), of('', 'v 7')],
    ['it was not there before', new Map(), of('u 1', 'u 2')],
    ['it is not there any more', of('u 1', 'u 2'), new Map()],
  ])('not where %s', (_what, before, after) => {
    expect(lasting(before, after).size).toBe(0);
  });
});

describe('rounds', () => {
  function scene(options: { readonly mends?: boolean; readonly state?: SourceState['state'] } = {}) {
    const { mends = true, state = 'synced' } = options;
    const time = createVirtualTime();
    const sink = filled();
    const lines: string[] = [];
    const destination = { write: (line: string) => void lines.push(JSON.parse(line).msg) };
    let resyncs = 0;
    let rests = false;
    const delay = async (ms: number, signal: AbortSignal) => {
      rests = true;
      await time.sleep(ms, signal);
      rests = false;
    };
    const reflector = {
      health: () => ({ state: { state, since: '' } }) as never,
      async resync() {
        resyncs += 1;
        if (!mends) return undefined;
        const list = sink.list();
        void list.page(server.list('pods'));
        await list.commit('');
        return undefined;
      },
    };
    const made = createVerifier({
      kinds: () => [{ type: 'Pod', client, kind: 'Pod', requests, sink, reflector }],
      times: { interval: 100_000, settle: 1000, soon: 5000, rest: 20_000, look: 1000 },
      logger: createLogger({ level: 'warn', format: 'json', destination }),
      clock: time.clock,
      random: () => 0.5,
      delay,
    });
    verifier = made;
    /** Lets time pass, which stands still during requests. */
    const pass = async (ms: number) => {
      for (let passed = 0; passed < ms; passed += 500) {
        await time.advance(500);
        while (!rests) await nextTurn();
      }
    };
    return { sink, lines, pass, resyncs: () => resyncs, verifier: made };
  }

  beforeEach(() => {
    for (let i = 0; i < 3; i++) server.create(pod(`pod-${i}`));
  });

  test('compares a kind once per interval, and leaves equal objects alone', async () => {
    const { pass, resyncs, lines, verifier: made } = scene();
    await pass(49_000);
    expect(made.counts()).toMatchObject({ equal: 0 });
    await pass(3000);
    expect(made.counts()).toMatchObject({ equal: 1, repaired: 0, failed: 0 });
    await pass(20_000);
    expect(made.counts()).toMatchObject({ equal: 1 });
    expect([resyncs(), lines]).toEqual([0, []]);
  });

  test('a kind whose watch was cut is compared soon, and not again within the rest', async () => {
    const { pass, verifier: made } = scene();
    made.doubt('Pod');
    await pass(7000);
    expect(made.counts().equal).toBe(1);
    made.doubt('Pod');
    await pass(10_000);
    expect(made.counts().equal).toBe(1);
    await pass(12_000);
    expect(made.counts().equal).toBe(2);
  });

  test('a difference that stays is listed again, counted and logged', async () => {
    const { pass, sink, resyncs, lines, verifier: made } = scene();
    sink.event('DELETED', pod('pod-1'));
    sink.event('ADDED', pod('ghost'));
    made.doubt('Pod');
    await pass(9000);
    expect(made.counts()).toMatchObject({ repaired: 1, unrepaired: 0, differences: 2 });
    expect(resyncs()).toBe(1);
    expect(isEqual(sink, server)).toBe(true);
    expect(lines).toEqual(['Pod: differs from what the API server has: listed again']);
  });

  test('what a list does not mend is said once, and not listed again and again', async () => {
    const { pass, sink, resyncs, verifier: made } = scene({ mends: false });
    sink.event('DELETED', pod('pod-1'));
    for (let i = 0; i < 3; i++) {
      made.doubt('Pod');
      await pass(27_000);
    }
    expect(made.counts()).toMatchObject({ unrepaired: 1, repaired: 0, differences: 1 });
    expect(resyncs()).toBe(1);
  });

  test.each(['stale', 'syncing', 'polled', 'forbidden'] as const)(
    'a kind that is %s is not compared',
    async (state) => {
      const { pass, verifier: made } = scene({ state });
      made.doubt('Pod');
      await pass(8000);
      expect(made.counts()).toEqual({ equal: 0, repaired: 0, unrepaired: 0, failed: 0, differences: 0 });
      expect(server.requests.count('list pods')).toBe(0);
    },
  );

  test('a comparison that fails is counted and tried again later', async () => {
    server.fault({ path: '/pods', effect: 'status', code: 500 });
    const { pass, resyncs, verifier: made } = scene();
    made.doubt('Pod');
    await pass(8000);
    expect(made.counts()).toMatchObject({ failed: 1, equal: 0 });
    await pass(22_000);
    expect(made.counts()).toMatchObject({ failed: 1, equal: 1 });
    expect(resyncs()).toBe(0);
  });
});
