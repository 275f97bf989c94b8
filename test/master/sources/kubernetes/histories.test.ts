// No endless loop without progress, and no history mistaken for another.
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createRequests } from '../../../../master/sources/kubernetes/requests.ts';
import { createVerifier, type Verifier } from '../../../../master/sources/kubernetes/verifier.ts';
import { sleep } from '../../../../src/backoff.ts';
import { type ApiServer, type Backup, type Fault, startApiServer } from '../../../../src/demo/api-server.ts';
import { silentLogger } from '../../../../src/logger.ts';
import { nameOf } from '../../../support/memory-sink.ts';
import { isEqual, pod, pods, type Reflecting, reflect } from '../../../support/reflecting.ts';

let server: ApiServer;
const open: Reflecting[] = [];

async function reflecting(...options: Parameters<typeof reflect> extends [unknown, ...infer Rest] ? Rest : never) {
  const one = await reflect(server, ...options);
  open.push(one);
  return one;
}

async function watching({ sink, reflector }: Reflecting): Promise<void> {
  await sink.until(() => sink.commits.length > 0);
  while (reflector.health().watches.ok === 0) await nextTurn();
}

function fill(count: number): void {
  for (let i = 0; i < count; i++) server.create(pod(`pod-${i}`));
}

/** Watches from all versions so far get this answer permanently. */
function refuse(effect: object): void {
  const versions = Array.from({ length: server.version() }, (_, n) => n + 1).join('|');
  const path = new RegExp(`/pods\\?watch.*resourceVersion=(${versions})$`);
  server.fault({ path, watch: true, times: Number.POSITIVE_INFINITY, ...effect } as Fault);
}

beforeEach(async () => {
  server = await startApiServer({ bookmarkPeriod: 0 });
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
  await server.stop();
});

describe('a watch that is refused at one version for good ends in a list', () => {
  test.each<[string, object]>([
    ['400 as answer', { effect: 'status', code: 400, message: 'invalid resource version' }],
    ['410 as answer', { effect: 'expired' }],
    ['418 as answer', { effect: 'status', code: 418 }],
    ['429 as answer', { effect: 'status', code: 429, retryAfter: 0 }],
    ['500 as answer', { effect: 'status', code: 500, message: 'required revision has been compacted' }],
    ['502 as answer', { effect: 'status', code: 502 }],
    ['504 as answer', { effect: 'status', code: 504, message: 'Too large resource version: 9, current: 4' }],
    ['an ERROR event of 410', { effect: 'expire', after: 0 }],
    ['an ERROR event of 500', { effect: 'error', after: 0, code: 500 }],
    ['an ERROR event of 504', { effect: 'error', after: 0, code: 504, reason: 'Timeout' }],
    ['an ERROR event of 400', { effect: 'error', after: 0, code: 400 }],
    ['an ERROR event of no code', { effect: 'error', after: 0, code: 0 }],
    ['an end as soon as it begins', { effect: 'end', after: 0 }],
    ['a cut as soon as it begins', { effect: 'cut', after: 0 }],
    ['half a line', { effect: 'truncate', after: 0 }],
    ['no answer', { effect: 'drop' }],
    ['a page of a proxy', { effect: 'body', body: '<html>welcome</html>' }],
    ['an empty body', { effect: 'body', body: '' }],
  ])('%s', async (_name, effect) => {
    fill(3);
    const one = await reflecting({ times: { calm: 60_000 } });
    await watching(one);
    refuse(effect);
    server.dropConnections();
    server.create(pod('two'));
    server.delete(pod('pod-0'));
    await one.sink.until(() => isEqual(one.sink, server) && one.sink.states.at(-1) === 'synced');
    expect(one.sink.commits.length).toBeGreaterThan(1);
  });

  test('a check that is refused for good ends in a list as well', async () => {
    fill(3);
    const one = await reflecting();
    await watching(one);
    server.fault({ path: /\/pods\?limit=1$/, effect: 'status', code: 503, times: Number.POSITIVE_INFINITY });
    refuse({ effect: 'status', code: 500 });
    server.dropConnections();
    server.create(pod('two'));
    await one.sink.until(() => isEqual(one.sink, server) && one.sink.states.at(-1) === 'synced');
    expect(one.sink.content.has('shop/two')).toBe(true);
  });

  test('lists that lead nowhere come less and less often', async () => {
    fill(1);
    const waits: number[] = [];
    server.fault({ path: '/pods', watch: true, effect: 'expired', times: Number.POSITIVE_INFINITY });
    const { sink } = await reflecting({
      delay: async (ms) => void waits.push(ms),
      random: () => 0,
      times: { calm: 60_000, grace: 1e9, backoffBase: 2, backoffCap: 16 },
    });
    await sink.until(() => sink.commits.length > 7);
    expect(waits.filter((ms) => ms !== 1e9).slice(0, 6)).toEqual([1, 2, 4, 8, 8, 8]);
  });
});

describe('another history behind the same address', () => {
  test.each<[string, (backup: Backup) => Backup | 'empty']>([
    ['an older backup', (backup) => backup],
    ['nothing at all', () => 'empty'],
    ['a backup of the beginning', (backup) => ({ ...backup, version: 2, collections: new Map() })],
  ])('%s is noticed at the reconnect, listed and told', async (_name, chosen) => {
    fill(3);
    const backup = server.backup();
    for (let i = 0; i < 9; i++) server.create(pod(`lost-${i}`));
    server.delete(pod('pod-0'));
    const told: string[] = [];
    const one = await reflecting({ onOtherHistory: (reason) => void told.push(reason) });
    await watching(one);
    await server.stop();
    server.restore(chosen(backup));
    server.apply(pod('pod-1', 'shop', { of: 'the other history' }));
    await server.start();
    await one.sink.until(() => isEqual(one.sink, server) && one.sink.states.at(-1) === 'synced');
    expect(one.sink.content.get('shop/pod-1')?.metadata.uid).toBe(server.get(pod('pod-1'))?.metadata.uid);
    expect(one.reflector.health()).toMatchObject({ histories: 1, causes: { history: 1 } });
    expect(told).toEqual([expect.stringMatching(/the API server is in another history than before/)]);
    expect(one.sink.states).toContainEqual(expect.stringMatching(/^stale: .*another history/));
  });

  test('what was distrusted is asked for in a session that trusts no version', async () => {
    fill(2);
    const one = await reflecting();
    await watching(one);
    await server.stop();
    server.restore('empty');
    await server.start();
    await one.sink.until(() => one.sink.content.size === 0);
    expect(one.sink.distrusted).toEqual([false, true]);
  });

  test.each([
    ['an event', '{"type":"MODIFIED","object":{"metadata":{"name":"x","namespace":"shop","resourceVersion":"1"}}}\n'],
    [
      'an added object',
      '{"type":"ADDED","object":{"metadata":{"name":"x","namespace":"shop","resourceVersion":"2"}}}\n',
    ],
    ['a bookmark', '{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"3"}}}\n'],
  ])('%s of a lower version is not believed', async (_name, body) => {
    fill(9);
    server.fault({ path: '/pods', watch: true, effect: 'body', body });
    const one = await reflecting();
    await one.sink.until(() => one.sink.commits.length === 2);
    await one.sink.until(() => isEqual(one.sink, server));
    expect(one.sink.content.has('shop/x')).toBe(false);
    expect(one.reflector.health().histories).toBe(1);
  });

  test('a removal in the version that the object had is none: old API servers send it so', async () => {
    fill(9);
    const { metadata } = server.get(pod('pod-0')) ?? pod('pod-0');
    const gone = { type: 'DELETED', object: { metadata } };
    server.fault({ path: '/pods', watch: true, effect: 'body', body: `${JSON.stringify(gone)}\n` });
    const one = await reflecting();
    await one.sink.until(() => one.sink.eventCount === 1);
    expect(one.sink.content.has('shop/pod-0')).toBe(false);
    expect(one.reflector.health().histories).toBe(0);
  });

  test('an API with unordered versions is read, but not in a tight loop', async () => {
    const lists = ['900', '7', '30', '2'].map((version) => listOf(version, 'a'));
    lists.forEach((body, skip) => server.fault({ path: '/pods', watch: false, effect: 'body', body, skip }));
    const one = await reflecting({ watchable: false });
    server.create(pod('a'));
    await one.sink.until(() => isEqual(one.sink, server) && one.sink.states.at(-1)?.startsWith('polled') === true);
    expect(one.reflector.health().histories).toBeGreaterThan(0);
  });
});

function listOf(resourceVersion: string, ...names: string[]): string {
  const items = names.map((name) => ({ metadata: { name, namespace: 'shop', uid: name, resourceVersion } }));
  return JSON.stringify({ kind: 'PodList', apiVersion: 'v1', metadata: { resourceVersion }, items });
}

// Answers of the server count as silence, too, if this process is held up for as long.
test('a watch that shows nothing for minutes while the version moves on is distrusted', async () => {
  fill(3);
  server.fault({ effect: 'stall', path: '/pods', after: 0, times: Number.POSITIVE_INFINITY });
  const one = await reflecting({ times: { stall: 200 } });
  await one.sink.until(() => one.sink.commits.length === 1);
  server.create(pod('unseen'));
  await one.sink.until(() => isEqual(one.sink, server));
  await one.reflector.close();
  expect(one.reflector.health().causes.silent).toBeGreaterThan(0);
});

test('a quiet watch of a server where nothing happens is left alone', async () => {
  fill(3);
  server.fault({ effect: 'stall', path: '/pods', after: 0, times: Number.POSITIVE_INFINITY });
  const one = await reflecting({ times: { stall: 200 } });
  while (one.reflector.health().reconnects < 4) await nextTurn();
  expect(one.reflector.health().lists.ok).toBe(1);
});

describe('resync', () => {
  test('lists again while readers see the old, and says when it is done', async () => {
    fill(3);
    const one = await reflecting();
    await watching(one);
    expect(await one.reflector.resync()).toBeUndefined();
    expect(one.sink.states).toEqual(['syncing', 'synced']);
    expect(one.sink.distrusted).toEqual([false, true]);
    expect(one.reflector.health().causes).toMatchObject({ first: 1, asked: 1 });
    server.create(pod('after'));
    await one.sink.until(() => isEqual(one.sink, server));
  });

  test('asked for during a list it is another list, and ten at once are one', async () => {
    fill(3);
    const one = await reflecting();
    await Promise.all(Array.from({ length: 10 }, () => one.reflector.resync()));
    expect(one.reflector.health().lists.ok).toBeLessThanOrEqual(2);
  });

  test('wakes a kind that waits to be tried again', async () => {
    server.fault({ path: '/pods', effect: 'status', code: 403 });
    const one = await reflecting({ times: { forbiddenRetry: 1e8 } });
    await one.sink.until(() => one.sink.states.at(-1)?.startsWith('forbidden') === true);
    await one.reflector.resync();
    expect(one.sink.states.at(-1)).toBe('synced');
  });

  test('says why it failed, and is answered when the process ends', async () => {
    const one = await reflecting();
    await watching(one);
    server.fault({ path: '/pods', effect: 'status', code: 500, message: 'no', times: Number.POSITIVE_INFINITY });
    expect(await one.reflector.resync()).toBe('no');
    const late = one.reflector.resync();
    await one.close();
    expect(await late).toBeDefined();
    expect(await one.reflector.resync()).toBe('the process is ending');
  });
});

const codes = fc.integer({ min: 400, max: 599 });
const paths = fc.constant('/pods');
const someFault = fc.oneof(
  fc.record({ effect: fc.constant('status'), code: codes, path: paths, watch: fc.boolean() }),
  fc.record({ effect: fc.constant('error'), code: codes, path: paths, after: fc.nat(2) }),
  fc.record({ effect: fc.constantFrom('cut', 'end', 'expire', 'truncate', 'garbage'), path: paths, after: fc.nat(3) }),
  fc.record({ effect: fc.constantFrom('drop', 'expired'), path: paths, watch: fc.boolean() }),
);
const someStep = fc.oneof(
  { weight: 6, arbitrary: fc.record({ step: fc.constantFrom('write', 'delete'), name: fc.nat(8) }) },
  { weight: 3, arbitrary: fc.record({ step: fc.constant('fault'), fault: someFault }) },
  { weight: 2, arbitrary: fc.record({ step: fc.constant('refuse'), fault: someFault }) },
  { weight: 4, arbitrary: fc.record({ step: fc.constant('turn') }) },
  {
    weight: 4,
    arbitrary: fc.record({ step: fc.constantFrom('compact', 'bookmark', 'drop', 'end', 'backup', 'restore', 'empty') }),
  },
);

interface Step {
  readonly step: string;
  readonly name?: number;
  readonly fault?: object;
}

/** Runs steps on the server; remembers backups. */
function player() {
  let backup: Backup | 'empty' = 'empty';
  const plays: { readonly [step: string]: (step: Step) => void | Promise<void> } = {
    write: ({ name }) => void server.apply(pod(`pod-${name}`, 'shop', { at: String(Math.random()) })),
    delete({ name }) {
      if (server.get(pod(`pod-${name}`))) server.delete(pod(`pod-${name}`));
    },
    fault: ({ fault }) => void server.fault(fault as Fault),
    refuse: ({ fault }) => refuse({ ...fault, watch: true }),
    turn: () => new Promise((resolve) => setTimeout(resolve, 2)),
    compact: () => server.compact(),
    bookmark: () => server.bookmark(),
    drop: () => server.dropConnections(),
    end: () => server.endWatches(),
    backup: () => void (backup = server.backup()),
    restore: () => server.restore(backup),
    empty: () => server.restore('empty'),
  };
  return (step: Step) => plays[step.step]?.(step);
}

/** Verifies as a master does, with short times. */
function verifying({ client, sink, reflector }: Reflecting, cut: { by: (type: string) => void }): Verifier {
  const kind = {
    type: 'Pod',
    client,
    kind: 'Pod',
    sink,
    reflector,
    requests: createRequests({ kind: pods, version: 'v1' }),
  };
  const times = { interval: 40, settle: 3, soon: 2, rest: 3, look: 2 };
  const verifier = createVerifier({
    ...{ kinds: () => [kind], times, logger: silentLogger, clock: Date.now, random: Math.random, delay: sleep },
  });
  cut.by = verifier.doubt;
  return verifier;
}

test('after any status codes, versions and restored backups the sink has the objects of the server', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(someStep, { minLength: 5, maxLength: 50, size: 'max' }), async (steps) => {
      server.clearFaults();
      const play = player();
      const cut = { by: (_type: string): void => undefined };
      const one = await reflect(server, { onCut: () => cut.by('Pod') });
      const verifier = verifying(one, cut);
      try {
        for (const step of steps) await play(step);
        server.clearFaults();
        server.apply(pod('last', 'shop', { at: String(Math.random()) }));
        // Only versions that were refused before stay refused.
        refuse({ effect: 'status', code: 500 });
        await one.sink.until(() => isSame(one) && /^(synced|polled)/.test(one.sink.states.at(-1) ?? ''));
        expect(one.sink.content.has('shop/last')).toBe(true);
      } finally {
        await verifier.close();
        await one.close();
      }
    }),
    { numRuns: 60 },
  );
});

function isSame({ sink }: Reflecting): boolean {
  const states = (all: Iterable<ReturnType<typeof pod>>) =>
    [...all]
      .map((each) => `${nameOf(each)} ${each.metadata.uid} ${each.metadata.resourceVersion}`)
      .sort()
      .join();
  return states(sink.content.values()) === states(server.list('pods'));
}
