import { readFileSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Fault } from '../../../../src/demo/api/faults.ts';
import { type ApiServer, startApiServer } from '../../../../src/demo/api-server.ts';
import { createMemorySink, nameOf } from '../../../support/memory-sink.ts';
import { isEqual, pod, type Reflecting, reflect } from '../../../support/reflecting.ts';

let server: ApiServer;
const open: Reflecting[] = [];

async function reflecting(...options: Parameters<typeof reflect> extends [unknown, ...infer Rest] ? Rest : never) {
  const one = await reflect(server, ...options);
  open.push(one);
  return one;
}

function fill(count: number): void {
  for (let i = 0; i < count; i++) server.create(pod(`pod-${i}`));
}

/** Listed, with a running watch: later writes arrive as events. */
async function watching({ sink, reflector }: Reflecting): Promise<void> {
  await sink.until(() => sink.commits.length > 0);
  while (reflector.health().watches.ok === 0) await nextTurn();
}

beforeEach(async () => {
  server = await startApiServer({ bookmarkPeriod: 0 });
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
  await server.stop();
});

describe('listing', () => {
  test('hands over every page and says synced once all of them are there', async () => {
    fill(1203);
    const { sink } = await reflecting();
    await sink.until(() => sink.states.includes('synced'));
    expect(isEqual(sink, server)).toBe(true);
    expect(sink.states).toEqual(['syncing', 'synced']);
    expect(server.requests.count('list pods')).toBe(3);
  });

  test('sets kind and apiVersion on items, which have none, in the same place as in events', async () => {
    fill(1);
    const one = await reflecting();
    await watching(one);
    const listed = Object.keys(one.sink.content.get('shop/pod-0') ?? {});
    server.patch(pod('pod-0'), { metadata: { labels: { a: 'b' } } });
    await one.sink.until(() => one.sink.eventCount > 0);
    const seen = one.sink.content.get('shop/pod-0');
    expect(seen).toMatchObject({ apiVersion: 'v1', kind: 'Pod', metadata: { labels: { a: 'b' } } });
    expect(Object.keys(seen ?? {})).toEqual(listed);
  });

  test('begins again in a new session when page 3 is 410', async () => {
    fill(1203);
    server.fault({ effect: 'expired', path: '/pods', continued: true, skip: 1 });
    const { sink } = await reflecting();
    await sink.until(() => sink.states.includes('synced'));
    expect(sink.aborts).toBe(1);
    expect(isEqual(sink, server)).toBe(true);
  });

  test('asks for larger pages, at last for all in one, when every list takes too long', async () => {
    fill(1203);
    server.fault({ effect: 'expired', path: '/pods', continued: true, times: Number.POSITIVE_INFINITY });
    const { sink } = await reflecting();
    await sink.until(() => sink.states.includes('synced'));
    expect(isEqual(sink, server)).toBe(true);
  });

  test.each([
    ['500', { effect: 'status', code: 500 }],
    ['503', { effect: 'status', code: 503 }],
    ['429 with Retry-After', { effect: 'status', code: 429, retryAfter: 0 }],
    ['a closed connection', { effect: 'drop' }],
    ['a body that is not JSON', { effect: 'body', body: '<html>gateway</html>' }],
    ['a body cut short', { effect: 'short', bytes: 400 }],
  ] as const)('goes on after %s', async (_name, effect) => {
    fill(30);
    server.fault({ path: '/pods', watch: false, times: 3, ...effect } as Fault);
    const { sink, reflector } = await reflecting();
    await sink.until(() => sink.states.includes('synced'));
    expect(isEqual(sink, server)).toBe(true);
    expect(sink.aborts).toBe(3);
    expect(reflector.health().lists).toEqual({ ok: 1, failed: 3 });
  });

  test('waits as long as Retry-After says', async () => {
    const waits: number[] = [];
    server.fault({ path: '/pods', effect: 'status', code: 429, retryAfter: 7 });
    const { sink } = await reflecting({ delay: async (ms) => void waits.push(ms), times: { grace: 1e9 } });
    await sink.until(() => sink.states.includes('synced'));
    expect(waits).toContain(7000);
  });

  test('says why it is still syncing when the first list keeps failing', async () => {
    server.fault({
      path: '/pods',
      effect: 'status',
      code: 500,
      message: 'etcd is away',
      times: Number.POSITIVE_INFINITY,
    });
    const { sink } = await reflecting({ times: { grace: 1 } });
    await sink.until(() => sink.states.length > 1);
    expect(sink.states[1]).toContain('syncing: ');
    expect(sink.states[1]).toContain('etcd is away');
    server.clearFaults();
    await sink.until(() => sink.states.at(-1) === 'synced');
  });

  test('a list of metadata asks for nothing else, and its objects have their own kind', async () => {
    server.create({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's', namespace: 'shop' },
      data: { k: 'Y2FuYXJ5' },
    });
    const kind = { kind: 'Secret', group: '', plural: 'secrets', namespaced: true, read: 'metadata' } as const;
    const one = await reflecting({ kind });
    await watching(one);
    server.create({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 't', namespace: 'shop' },
      data: { k: 'Y2FuYXJ5' },
    });
    await one.sink.until(() => one.sink.content.size === 2);
    for (const object of one.sink.content.values()) expect(object).toMatchObject({ apiVersion: 'v1', kind: 'Secret' });
    expect(JSON.stringify([...one.sink.content.values()])).not.toContain('Y2FuYXJ5');
    const accepts = server.requests
      .entries()
      .filter(({ what }) => what.includes('secrets'))
      .map(({ accept }) => accept);
    expect(accepts.length).toBeGreaterThan(1);
    for (const accept of accepts)
      expect(accept).toMatch(/^application\/json;as=PartialObjectMetadata(List)?;g=meta.k8s.io;v=v1$/);
  });
});

describe('watching', () => {
  test('hands over what is created, changed and deleted', async () => {
    fill(3);
    const one = await reflecting();
    await watching(one);
    server.create(pod('new'));
    server.patch(pod('pod-1'), { metadata: { labels: { a: 'b' } } });
    server.delete(pod('pod-2'));
    await one.sink.until(() => isEqual(one.sink, server));
    expect([...one.sink.content.keys()].sort()).toEqual(['shop/new', 'shop/pod-0', 'shop/pod-1']);
    expect(one.sink.states).toEqual(['syncing', 'synced']);
  });

  test.each(['cut', 'end', 'truncate', 'garbage'] as const)(
    'resumes without a new list after a stream that ends by %s',
    async (effect) => {
      fill(3);
      const one = await reflecting();
      server.fault({ effect, path: '/pods', after: 2 });
      await one.sink.until(() => one.sink.commits.length === 1);
      for (let i = 0; i < 8; i++) server.create(pod(`later-${i}`));
      await one.sink.until(() => isEqual(one.sink, server));
      expect(one.sink.content.size).toBe(11);
      expect(one.sink.commits).toHaveLength(1);
      const reset = effect === 'end' ? [] : [expect.stringMatching(/^stale: /), 'synced'];
      expect(one.sink.states).toEqual(['syncing', 'synced', ...reset]);
      expect(one.reflector.health().garbled > 0).toBe(effect === 'truncate' || effect === 'garbage');
    },
  );

  test('resumes from the version of a bookmark, which costs no new list even where the last event is forgotten', async () => {
    fill(3);
    const one = await reflecting();
    await watching(one);
    server.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'other', namespace: 'shop' } });
    server.bookmark();
    while (one.reflector.health().lastEventAt === undefined) await nextTurn();
    server.compact();
    server.endWatches();
    server.create(pod('after'));
    await one.sink.until(() => isEqual(one.sink, server));
    expect(one.sink.commits).toHaveLength(1);
  });

  test('a stall ends when silence has lasted too long, and nothing is lost', async () => {
    fill(3);
    server.fault({ effect: 'stall', path: '/pods', after: 1 });
    const one = await reflecting({ times: { stall: 100 } });
    await one.sink.until(() => one.sink.commits.length === 1);
    for (let i = 0; i < 5; i++) server.create(pod(`later-${i}`));
    await one.sink.until(() => isEqual(one.sink, server));
    expect(one.reflector.health().reconnects).toBeGreaterThan(0);
  });

  test('a 410 in mid-watch is answered by a new list, and what vanished meanwhile is gone', async () => {
    fill(5);
    const one = await reflecting();
    server.fault({ effect: 'expire', path: '/pods', after: 1 });
    await one.sink.until(() => one.sink.commits.length === 1);
    server.delete(pod('pod-0'));
    server.delete(pod('pod-1'));
    server.create(pod('new'));
    await one.sink.until(() => one.sink.commits.length === 2);
    await one.sink.until(() => isEqual(one.sink, server));
    expect(one.sink.content.has('shop/pod-1')).toBe(false);
    expect(one.reflector.health().expired).toBe(1);
  });

  test('tells of each event how long ago its bytes came, and counts those that could not be kept', async () => {
    fill(1);
    const lags: number[] = [];
    const sink = createMemorySink();
    const event: typeof sink.event = (type, object) => {
      if (object.metadata.name === 'strange') throw new Error('it cannot be kept');
      sink.event(type, object);
    };
    const one = await reflecting({ sink: { ...sink, event }, onEvent: (lag) => void lags.push(lag) });
    while (server.openWatches() === 0) await nextTurn();
    server.create(pod('strange'));
    for (let i = 0; i < 5; i++) server.create(pod(`later-${i}`));
    server.bookmark();
    await sink.until(() => sink.eventCount === 5);
    while (one.reflector.health().events < 6) await nextTurn();
    expect(lags).toHaveLength(5);
    for (const lag of lags) expect(lag).toBeGreaterThanOrEqual(0);
    expect(one.reflector.health()).toMatchObject({ events: 6, unkept: 1, expired: 0, garbled: 0 });
  });

  test('a 410 as the answer to a watch is answered by a new list', async () => {
    fill(5);
    server.fault({ effect: 'expired', path: '/pods', watch: true });
    const { sink } = await reflecting();
    await sink.until(() => sink.commits.length === 2 && sink.states.length === 4);
    expect(isEqual(sink, server)).toBe(true);
    expect(sink.states).toEqual(['syncing', 'synced', expect.stringMatching(/^stale: /), 'synced']);
  });

  test('garbage that comes again and again is passed by with a new list', async () => {
    fill(2);
    server.fault({ effect: 'garbage', path: '/pods', after: 0, times: 3 });
    const { sink } = await reflecting();
    await sink.until(() => sink.commits.length === 1);
    server.create(pod('poison'));
    await sink.until(() => sink.commits.length === 2);
    await sink.until(() => isEqual(sink, server) && sink.states.at(-1) === 'synced');
    expect(sink.content.has('shop/poison')).toBe(true);
  });

  test('an API server that is gone is said to be, and followed again without a new list when it is back', async () => {
    fill(3);
    const one = await reflecting({ times: { grace: 1 } });
    await watching(one);
    await server.stop();
    await one.sink.until(() => one.sink.states.at(-1)?.startsWith('stale: ') === true);
    expect(one.sink.states.at(-1)).toMatch(/connection (refused|reset|closed)|out of reach/);
    expect(one.sink.content.size).toBe(3);
    server.create(pod('meanwhile'));
    server.delete(pod('pod-0'));
    await server.start();
    await one.sink.until(() => one.sink.states.at(-1) === 'synced' && isEqual(one.sink, server));
    expect(one.sink.commits).toHaveLength(1);
  });

  test('a sink that cannot keep one object loses that object alone', async () => {
    const one = await reflecting();
    await watching(one);
    const keep = one.sink.event;
    one.sink.event = (type, object) => {
      if (object.metadata.name === 'bad') throw new Error('no');
      keep(type, object);
    };
    server.create(pod('bad'));
    server.create(pod('good'));
    await one.sink.until(() => one.sink.content.has('shop/good'));
    expect(one.sink.commits).toHaveLength(1);
    expect(one.reflector.health().watches.failed).toBe(0);
  });

  test('a recorded stream with its bookmarks ends in what it recorded', async () => {
    const stream = readFileSync(
      new URL('../../../../src/demo/recorded/watch/api_v1_pods.ndjson', import.meta.url),
      'utf8',
    );
    const replay = server.replay('pods', stream);
    const one = await reflecting();
    await watching(one);
    while (replay.next());
    await one.sink.until(() => isEqual(one.sink, server));
    expect([...one.sink.content.keys()].sort()).toEqual(lastOf(stream));
  });
});

/** Names that remain after a stream's events. */
function lastOf(stream: string): string[] {
  const names = new Set<string>();
  for (const line of stream.trim().split('\n')) {
    const { type, object } = JSON.parse(line);
    if (type === 'DELETED') names.delete(nameOf(object));
    else if (type !== 'BOOKMARK') names.add(nameOf(object));
  }
  return [...names].sort();
}

describe('what may not, or cannot, be watched', () => {
  const reader = (verbs: string[], namespaces?: string[]) => [
    {
      username: 'reader',
      token: 't',
      rules: [{ verbs, apiGroups: ['*'], resources: ['*'], ...(namespaces ? { namespaces } : {}) }],
    },
  ];

  test('a kind that may not be listed is forbidden with the words of the server, and read once it may', async () => {
    fill(2);
    server.setUsers(reader([]));
    const { sink } = await reflecting({ token: 't' });
    await sink.until(() => sink.states.length > 1);
    expect(sink.states[1]).toMatch(/^forbidden: pods is forbidden: User "reader" cannot list resource "pods"/);
    server.setUsers(reader(['list', 'watch']));
    await sink.until(() => sink.states.at(-1) === 'synced');
    expect(isEqual(sink, server)).toBe(true);
    expect(sink.states.filter((state) => state.startsWith('forbidden'))).toHaveLength(1);
  });

  test('a withdrawn right empties the kind', async () => {
    fill(2);
    server.setUsers(reader(['list', 'watch']));
    const one = await reflecting({ token: 't' });
    await watching(one);
    server.setUsers(reader([]));
    server.endWatches();
    await one.sink.until(() => one.sink.states.at(-1)?.startsWith('forbidden') === true && one.sink.content.size === 0);
    expect(one.sink.states.filter((state) => state.startsWith('forbidden'))).toHaveLength(1);
  });

  test('a refused token is forbidden, and what was read stays', async () => {
    fill(2);
    server.setUsers(reader(['list', 'watch']));
    const one = await reflecting({ token: 't' });
    await watching(one);
    server.setUsers([]);
    server.setUsers([{ username: 'other', token: 'u', rules: [] }]);
    server.endWatches();
    await one.sink.until(() => one.sink.states.at(-1)?.startsWith('forbidden') === true);
    expect(one.sink.content.size).toBe(2);
  });

  test('a kind that may be listed and not watched is polled', async () => {
    fill(2);
    server.setUsers(reader(['list']));
    const { sink } = await reflecting({ token: 't' });
    await sink.until(() => sink.commits.length === 3);
    server.create(pod('new'));
    server.delete(pod('pod-0'));
    await sink.until(() => isEqual(sink, server));
    expect(sink.states).toEqual(['syncing', 'synced', expect.stringMatching(/^polled: /)]);
  });

  test('a kind without the verb is polled and never asked to be watched', async () => {
    fill(2);
    const { sink } = await reflecting({ watchable: false });
    await sink.until(() => sink.commits.length === 3);
    expect(server.requests.count('watch pods')).toBe(0);
    expect(sink.states).toEqual(['syncing', 'polled: listed every 0.005 s, because it cannot be watched']);
  });

  test('a polled kind that cannot be listed any more is stale', async () => {
    const { sink } = await reflecting({ watchable: false, times: { grace: 1 } });
    await sink.until(() => sink.commits.length > 0);
    server.fault({ path: '/pods', effect: 'status', code: 500, times: Number.POSITIVE_INFINITY });
    await sink.until(() => sink.states.at(-1)?.startsWith('stale') === true);
    server.clearFaults();
    await sink.until(() => sink.states.at(-1)?.startsWith('polled') === true);
    expect(sink.states).toHaveLength(4);
  });

  test('a kind that vanishes is absent and empty, and says so', async () => {
    const widgets = { kind: 'Widget', group: 'acme.example.com', plural: 'widgets', namespaced: true } as const;
    server.addKind({ ...widgets, versions: ['v1'] });
    server.create({ apiVersion: 'acme.example.com/v1', kind: 'Widget', metadata: { name: 'w', namespace: 'shop' } });
    let told = 0;
    const one = await reflecting({ kind: widgets, onAbsent: () => void (told += 1) });
    await watching(one);
    expect(one.sink.content.size).toBe(1);
    server.removeKind('widgets.acme.example.com');
    await one.sink.until(() => one.sink.states.at(-1)?.startsWith('absent') === true && one.sink.content.size === 0);
    await one.close();
    expect(told).toBeGreaterThan(0);
  });

  test('with namespaces, each is read and the others are not', async () => {
    for (const namespace of ['a', 'b', 'c']) server.create(pod('p', namespace));
    const one = await reflecting({ namespaces: ['a', 'b'] });
    await one.sink.until(() => one.sink.states.at(-1) === 'synced');
    while (server.openWatches() < 2) await nextTurn();
    server.create(pod('q', 'b'));
    server.create(pod('q', 'c'));
    await one.sink.until(() => one.sink.content.has('b/q'));
    expect([...one.sink.content.keys()].sort()).toEqual(['a/p', 'b/p', 'b/q']);
  });

  test('a forbidden namespace is named, and the others are followed', async () => {
    for (const namespace of ['a', 'b']) server.create(pod('p', namespace));
    server.setUsers(reader(['list', 'watch'], ['a']));
    const { sink } = await reflecting({ token: 't', namespaces: ['a', 'b'] });
    await sink.until(() => sink.commits.length > 0 && sink.states.at(-1) !== 'syncing');
    expect(sink.states.at(-1)).toMatch(/^forbidden: namespace b: pods is forbidden/);
    server.create(pod('q', 'a'));
    await sink.until(() => sink.content.has('a/q'));
    server.setUsers(reader(['list', 'watch'], ['a', 'b']));
    await sink.until(() => sink.states.at(-1) === 'synced' && sink.content.has('b/p'));
  });
});

test('closing ends the watch and hands over nothing more', async () => {
  fill(2);
  const one = await reflecting();
  await watching(one);
  await one.close();
  const { eventCount } = one.sink;
  server.create(pod('late'));
  while (server.openWatches() > 0) await nextTurn();
  expect(one.sink.eventCount).toBe(eventCount);
});

const someFault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({
    effect: fc.constantFrom('cut', 'end', 'expire', 'truncate', 'garbage'),
    path: fc.constant('/pods'),
    after: fc.nat(4),
  }),
  fc.record({ effect: fc.constant('status'), code: fc.constantFrom(500, 503, 429, 410), path: fc.constant('/pods') }),
  fc.record({ effect: fc.constantFrom('drop', 'expired'), path: fc.constant('/pods'), watch: fc.boolean() }),
  fc.record({ effect: fc.constant('short'), bytes: fc.nat(2000), path: fc.constant('/pods') }),
) as fc.Arbitrary<Fault>;

const someStep = fc.oneof(
  { weight: 6, arbitrary: fc.record({ step: fc.constant('write' as const), name: fc.nat(12) }) },
  { weight: 3, arbitrary: fc.record({ step: fc.constant('delete' as const), name: fc.nat(12) }) },
  { weight: 3, arbitrary: fc.record({ step: fc.constant('fault' as const), fault: someFault }) },
  { weight: 4, arbitrary: fc.record({ step: fc.constant('turn' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ step: fc.constantFrom('compact', 'bookmark', 'drop', 'endWatches', 'restart') }),
  },
);
type Step = typeof someStep extends fc.Arbitrary<infer S> ? S : never;

async function play(step: Step): Promise<void> {
  if ('fault' in step) server.fault(step.fault);
  else if ('name' in step) write(step.step, `pod-${step.name}`);
  else if (step.step === 'turn') await new Promise((resolve) => setTimeout(resolve, 3));
  else if (step.step === 'drop') server.dropConnections();
  else if (step.step === 'restart') await server.stop().then(() => server.start());
  else server[step.step as 'compact' | 'bookmark' | 'endWatches']();
}

function write(step: 'write' | 'delete', name: string): void {
  const there = server.get(pod(name));
  if (step === 'write') server.apply(pod(name, 'shop', { at: String(server.version()) }));
  else if (there) server.delete(pod(name));
}

test('after any writes and any failures the sink has the objects of the server', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(someStep, { minLength: 5, maxLength: 60, size: 'max' }),
      fc.boolean(),
      async (steps, listedFirst) => {
        server.clearFaults();
        const { sink, close } = await reflect(server);
        try {
          if (listedFirst) await sink.until(() => sink.states.includes('synced'));
          for (const step of steps) await play(step);
          server.clearFaults();
          server.apply(pod('last', 'shop', { at: String(server.version()) }));
          await sink.until(() => isEqual(sink, server) && sink.states.at(-1) === 'synced');
          expect(Object.fromEntries(sink.content)).toEqual(
            Object.fromEntries(server.list('pods').map((one) => [nameOf(one), one])),
          );
        } finally {
          await close();
        }
      },
    ),
    { numRuns: 40 },
  );
});
