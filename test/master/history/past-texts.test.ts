// A graph that is too large to be built is served from disk: with the same bytes as then.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { kindNamed } from '../../support/random-cluster.ts';
import { createWorld, step } from '../../support/random-steps.ts';
import { createRecordedApp, type RecordedApp, type RecordedAppOptions } from '../../support/recorded-app.ts';

/** Larger past graphs are not built, so these never are. */
const most = 3;

function open(options: RecordedAppOptions = {}) {
  let now = Date.now() - 3_600_000;
  const recorded = createRecordedApp({ most, clock: () => ++now, ...options });
  onTestFinished(() => recorded.close());
  return { recorded, world: createWorld(recorded), now: () => now };
}

/** All pages from the first on, without their cursors. */
async function pagesOf(recorded: Pick<RecordedApp, 'ask'>, url: string): Promise<readonly string[]> {
  const pages: string[] = [];
  for (let cursor: string | undefined = ''; cursor !== undefined; ) {
    const { text } = await recorded.ask(cursor ? `${url}&cursor=${cursor}` : url);
    cursor = /"cursor":"([^"]*)"/.exec(text)?.[1];
    pages.push(cursor === undefined ? text : text.replace(cursor, ''));
  }
  return pages;
}

const questions = [
  '/cluster',
  '/cluster?completeness=full',
  '/cluster?format=ndjson',
  '/cluster?type=pod,svc',
  '/cluster?type=!pod,!event&format=ndjson',
  '/cluster?namespace=n1',
  '/cluster?namespace=!n1&relation=runs,uses*',
  '/cluster?type=pod&neighbours=true',
  '/cluster?namespace=n2&neighbours=true&relation=!runs&format=ndjson',
  '/cluster?neighbours=true',
  '/cluster?labelSelector=app%3Dx',
  '/cluster?labelSelector=!app&namespace=n1',
  '/cluster?fieldSelector=status.phase%3DRunning',
  '/cluster?health=!ok',
  '/cluster?missing=true',
  '/cluster?missing=false&type=pod,configmap',
  '/cluster?absent=*',
  '/cluster?q=a&properties=false',
  '/cluster?reasons=false',
  '/cluster?ids=true&type=pod,node',
  '/cluster?ids=true&reasons=false&format=ndjson',
  '/cluster?namespace=n,n1',
  '/cluster?fields=/properties/metadata/labels,/properties/spec/containers/*/image',
  '/cluster?type=pod&fields=/properties/spec/container,/properties/metadata/labels',
  '/cluster?fields=/properties/nothing/here&format=ndjson',
  '/cluster?type=node&format=ndjson&reasons=false',
  '/cluster/resources',
  '/cluster/resources?format=ndjson',
  '/cluster/resources/Pod',
  '/cluster/resources/pods?labelSelector=app',
  '/cluster?namespace=nothing-is-there',
  '/cluster?namespace=nothing-is-there&format=ndjson',
];

describe('a graph too large to be put together', () => {
  test.each([1, 2, 3])('is answered byte for byte as it was answered then, for each question (%i)', async (seed) => {
    const { recorded, world, now } = open();
    for (const each of fc.sample(step, { numRuns: 120, seed })) world.run(each);
    await recorded.start();
    const seen: { readonly question: string; readonly at: string; readonly text: string; readonly status: number }[] =
      [];
    for (const [i, each] of fc.sample(step, { numRuns: 90, seed: seed + 100 }).entries()) {
      world.run(each);
      const question = questions[i % questions.length] ?? '';
      const { status, text } = await recorded.ask(question);
      seen.push({ question, at: new Date(now()).toISOString(), text, status });
    }
    expect(new Set(seen.map(({ text }) => text)).size).toBeGreaterThan(questions.length);
    for (const { question, at, ...answered } of seen) {
      const { status, text } = await recorded.ask(`${question}${question.includes('?') ? '&' : '?'}at=${at}`);
      expect({ question, at, status, text }).toEqual({ question, at, ...answered });
    }
  });

  test.each([1, 2])('is answered in the pages of then, byte for byte but for the cursors (%i)', async (seed) => {
    const { recorded, world, now } = open();
    for (const each of fc.sample(step, { numRuns: 120, seed: seed + 40 })) world.run(each);
    await recorded.start();
    const seen: { readonly url: string; readonly at: string; readonly pages: readonly string[] }[] = [];
    for (const [i, each] of fc.sample(step, { numRuns: questions.length, seed: seed + 50 }).entries()) {
      world.run(each);
      const question = questions[i] ?? '';
      const url = `${question}${question.includes('?') ? '&' : '?'}limit=${1 + ((i * 5 + seed) % 9)}`;
      seen.push({ url, at: new Date(now()).toISOString(), pages: await pagesOf(recorded, url) });
    }
    expect(seen.flatMap(({ pages }) => pages).length).toBeGreaterThan(questions.length * 4);
    for (const { url, at, pages } of seen)
      expect({ url, at, pages: await pagesOf(recorded, `${url}&at=${at}`) }).toEqual({ url, at, pages });
  });

  test('continues its pages while the same moment is built for another question, and refuses a cursor of another question', async () => {
    const { recorded, world } = open({ most: 3000 });
    for (const each of fc.sample(step, { numRuns: 80, seed: 60 })) world.run(each);
    for (let i = 0; i < 2100; i++)
      recorded.store
        .sinkOf(kindNamed('ConfigMap'))
        .event('ADDED', { metadata: { name: `c${i}`, namespace: 'n1', uid: `c${i}` } } as never);
    await recorded.start();
    const url = `/cluster?type=configmap&limit=700&at=abcd0123-${recorded.engine.revision}`;
    const first = await recorded.json<{ readonly cursor: string; readonly remaining: number }>(url);
    // Now it is in memory as a whole.
    expect((await recorded.ask(url.replace('/cluster?type=configmap&limit=700', '/cluster/findings?'))).status).toBe(
      200,
    );
    const second = await recorded.json<{ readonly resources: readonly object[]; readonly remaining: number }>(
      `${url}&cursor=${first.cursor}`,
    );
    expect([second.resources.length, first.remaining - second.remaining]).toEqual([700, 700]);
    const wrong = [
      `${url}&namespace=n1&cursor=${first.cursor}`,
      `${url}&cursor=${first.cursor.replace('.r', '.r99999')}`,
    ];
    for (const each of [...wrong, `${url}&cursor=${'a'.repeat(16)}.7.e1.1`]) {
      const { status, text } = await recorded.ask(each);
      expect([status, JSON.parse(text).code]).toEqual([410, 'cursor_gone']);
    }
  });

  test('is answered from history in memory, too, with an ETag and as immutable', async () => {
    const { recorded, world } = open({ memory: true });
    await recorded.start();
    for (const each of fc.sample(step, { numRuns: 60, seed: 4 })) world.run(each);
    const { text } = await recorded.ask('/cluster');
    const at = `abcd0123-${recorded.engine.revision}`;
    for (const each of fc.sample(step, { numRuns: 60, seed: 5 })) world.run(each);
    const then = await recorded.ask(`/cluster?at=${at}`);
    expect(then.text).toBe(text);
    expect(then.headers['cache-control']).toContain('immutable');
    const tag = String(then.headers['etag']);
    const again = await recorded.app.inject({ url: `/cluster?at=${at}`, headers: { 'if-none-match': tag } });
    expect(again.statusCode).toBe(304);
  });

  test('comes in portions: a reader that leaves ends its reading, and others are answered', async () => {
    const { recorded } = open();
    const sink = recorded.store.sinkOf(kindNamed('ConfigMap'));
    for (let i = 0; i < 300; i++)
      sink.event('ADDED', {
        metadata: { name: `c${i}`, namespace: 'n1', uid: `u${i}`, annotations: { x: `${i}`.repeat(2000) } },
      } as never);
    await recorded.start();
    const whole = await recorded.ask('/cluster');
    const at = `abcd0123-${recorded.engine.revision}`;
    for (let i = 0; i < 5; i++) {
      const texts = await recorded.history.whole().texts(at);
      const { resources } = (await texts?.select({})) ?? { resources: undefined };
      let parts = 0;
      for await (const { bytes } of resources?.(undefined) ?? []) {
        expect(bytes.length).toBeLessThan(1 << 20);
        if (++parts > i) break;
      }
      expect(parts).toBe(Math.min(i + 1, parts));
      expect(parts).toBeGreaterThan(0);
    }
    expect((await recorded.ask(`/cluster?at=${at}`)).text).toBe(whole.text);
  });

  test('is drawn where the question selects few resources', async () => {
    const { recorded, world } = open({ most: 40 });
    for (const each of fc.sample(step, { numRuns: 400, seed: 9 })) world.run(each);
    await recorded.start();
    const at = `at=abcd0123-${recorded.engine.revision}`;
    let drawn = 0;
    for (const question of [
      'type=node&neighbours=true',
      'labelSelector=app',
      'health=failed&neighbours=true',
      'missing=true',
      'q=a',
      'namespace=n1&type=svc',
    ])
      for (const format of ['dot', 'gexf', 'cytoscape']) {
        const live = await recorded.ask(`/cluster?${question}&format=${format}`);
        const then = await recorded.ask(`/cluster?${question}&format=${format}&${at}`);
        // Texts served from disk do not count against the limit of built graphs.
        if (then.status !== 413) expect({ question, text: then.text }).toEqual({ question, text: live.text });
        drawn += Number(then.status === 200 && live.text.length > 300);
      }
    expect(drawn).toBeGreaterThan(11);
  });

  test('is grouped where the roots are few, and says why findings are not told of a part', async () => {
    const { recorded } = open({ most: 14 });
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f'])
      recorded.store.sinkOf(kindNamed('Pod')).event('ADDED', {
        metadata: { name, namespace: 'n1', uid: name },
        spec: { nodeName: `node-${name}`, containers: [{ name: 'main' }] },
      } as never);
    await recorded.start();
    const at = `at=abcd0123-${recorded.engine.revision}`;
    for (const by of ['namespace', 'node', 'type']) {
      const question = `/cluster/groups?by=${by}&root=Pod:n1/a&direction=down`;
      const live = await recorded.ask(question);
      const then = await recorded.ask(`${question}&${at}`);
      expect({ by, status: then.status, groups: groupsOf(then.text) }).toEqual({
        by,
        status: 200,
        groups: groupsOf(live.text),
      });
    }
    const refused = await recorded.ask(`/cluster/findings?namespace=n1&${at}`);
    expect([refused.status, JSON.parse(refused.text).error_message]).toEqual([
      413,
      expect.stringContaining('narrowing does not help'),
    ]);
  });

  test.each(['/cluster?root=Pod:n1/a', '/cluster?root=Pod:n1/a&direction=up'])(
    'is walked from one resource as far as one step where nothing else is said: %s',
    async (question) => {
      const { recorded } = open({ most: 8 });
      for (const name of ['a', 'b', 'c', 'd', 'e', 'f'])
        recorded.store.sinkOf(kindNamed('Pod')).event('ADDED', {
          metadata: { name, namespace: 'n1', uid: name },
          spec: { nodeName: `node-${name}` },
        } as never);
      await recorded.start();
      const { text } = await recorded.ask(question);
      expect((await recorded.ask(`${question}&at=abcd0123-${recorded.engine.revision}`)).text).toBe(text);
      const all = await recorded.ask(`/cluster?format=cytoscape&at=abcd0123-${recorded.engine.revision}`);
      expect([all.status, JSON.parse(all.text).code]).toEqual([413, 'query_too_large']);
    },
  );
});

function groupsOf(text: string): unknown {
  const { resources, relations } = JSON.parse(text) as { readonly resources: object[]; readonly relations: object[] };
  return { resources, relations };
}

describe('a difference too large to be put together', () => {
  const asked = ['', '&texts=false', '&type=pod,svc', '&namespace=!n1&relation=runs,uses*', '&type=nothing*'];

  // Not long ago, as a segment that is a day old gives way to the next one.
  const begun = Date.now() - 3_600_000;

  /** The same changes, recorded twice with different limits. */
  async function live(options: RecordedAppOptions, seed: number) {
    let now = begun;
    const recorded = createRecordedApp({ clock: () => ++now, ...options });
    onTestFinished(() => recorded.close());
    const world = createWorld(recorded);
    for (const each of fc.sample(step, { numRuns: 60, seed })) world.run(each);
    await recorded.start();
    const first = recorded.engine.revision;
    for (const each of fc.sample(step, { numRuns: 120, seed: seed + 1 })) world.run(each);
    const between = (share: number) => `abcd0123-${first + Math.floor((recorded.engine.revision - first) * share)}`;
    return {
      recorded,
      spans: [
        [0, 1],
        [0.3, 0.9],
        [0.5, 0.5],
        [0.9, 1],
      ].map(([from = 0, to = 0]) => [between(from), between(to)]),
    };
  }

  type Recorded = Awaited<ReturnType<typeof live>>;

  async function isRolledUpAlike(small: Recorded, large: Recorded) {
    const [at] = small.spans[1] ?? [];
    const groups = [
      ...['namespace', 'type', 'application', 'cluster', 'node', 'zone', 'image', 'app', 'label:app'].map(
        (by) => `by=${by}`,
      ),
    ];
    const more = [
      '',
      '&limit=2',
      '&relations=false',
      '&type=pod,node,configmap',
      '&health=!ok',
      '&relation=runs&format=dot',
    ];
    for (const question of groups.flatMap((by) => more.map((each) => `/cluster/groups?${by}${each}&at=${at}`))) {
      const [is, was] = [await large.recorded.ask(question), await small.recorded.ask(question)];
      expect({ question, ...pick(is) }).toEqual({ question, ...pick(was) });
    }
    expect((await small.recorded.ask(`/cluster/groups?by=namespace&at=${at}`)).text).toContain('ResourceGroup:n1');
  }

  test.each([21, 22])('is told, and rolled up to groups, as one that is not, byte for byte (%i)', async (seed) => {
    const small = await live({}, seed);
    const large = await live({ most }, seed);
    for (const [from, to] of small.spans)
      for (const more of asked) {
        const url = `/cluster/diff?from=${from}&to=${to}${more}`;
        const [is, was] = [await large.recorded.ask(url), await small.recorded.ask(url)];
        expect({ url, ...pick(is) }).toEqual({ url, ...pick(was) });
      }
    if (seed === 21) await isRolledUpAlike(small, large);
  });

  test('is rolled up by what Pods say of their containers, Nodes of their Pods, and containers of their images', async () => {
    const { recorded } = open({ most: 3, clock: Date.now });
    const put = (kind: string, metadata: object, more: object = {}) =>
      recorded.store.sinkOf(kindNamed(kind)).event('ADDED', { metadata, ...more } as never);
    for (const [name, zone] of [
      ['n-a', 'z1'],
      ['n-b', 'z2'],
      ['n-c', undefined],
    ])
      put('Node', { name, uid: name, labels: zone ? { 'topology.kubernetes.io/zone': zone } : {} });
    for (let i = 0; i < 6; i++) {
      const containers = ['one', 'two'].map((name) => ({ name, image: `${name}:${i % 2}` }));
      const status = { containerStatuses: containers.map((each) => ({ ...each, imageID: `sha256:${each.image}` })) };
      const spec = { nodeName: `n-${'abcx'[i % 4]}`, containers };
      put('Pod', { name: `p${i}`, namespace: 'n1', uid: `p${i}`, labels: { app: `app-${i % 3}` } }, { spec, status });
    }
    await recorded.start();
    const at = `&at=abcd0123-${recorded.engine.revision}`;
    for (const by of ['node', 'zone', 'image', 'app', 'label:app'])
      for (const more of ['', '&type=container', '&limit=1', '&relations=false']) {
        const live = await recorded.ask(`/cluster/groups?by=${by}${more}`);
        const then = await recorded.ask(`/cluster/groups?by=${by}${more}${at}`);
        const plain = live.text.replace(/,\n"(?:findings|unjudged)":(?:\{.*\}|\d+)(?=,\n|\}\n?$)/, '');
        expect({ by, more, text: then.text }).toEqual({ by, more, text: plain });
        if (more === '') expect(JSON.parse(then.text).total).toBeGreaterThan(2);
      }
  });

  test('is answered over a restart, with changed relations of unchanged resources', async () => {
    const texts = await Promise.all(
      [undefined, most].map(async (bound) => {
        const folder = mkdtempSync(join(tmpdir(), 'history-'));
        onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
        let now = begun;
        const options = { folder, clock: () => ++now, ...(bound ? { most: bound } : {}) };
        const pod = (node: string) =>
          ({ metadata: { name: 'a', namespace: 'n1', uid: 'a' }, spec: { nodeName: node } }) as never;
        const begin = (epoch: string, node: string) => {
          const recorded = createRecordedApp({ ...options, epoch });
          for (const name of ['one', 'two', 'three'])
            recorded.store.sinkOf(kindNamed('Node')).event('ADDED', { metadata: { name, uid: name } } as never);
          recorded.store.sinkOf(kindNamed('Pod')).event('ADDED', pod(node));
          return recorded;
        };
        const before = begin('aaaaaaaa', 'one');
        await before.start();
        const from = `aaaaaaaa-${before.engine.revision}`;
        await before.close();
        const after = begin('bbbbbbbb', 'two');
        onTestFinished(() => after.close());
        after.store
          .sinkOf(kindNamed('ConfigMap'))
          .event('ADDED', { metadata: { name: 'c', namespace: 'n1', uid: 'c' } } as never);
        await after.start();
        return (await after.ask(`/cluster/diff?from=${from}&to=bbbbbbbb-${after.engine.revision}`)).text;
      }),
    );
    const told = texts.map((text) => {
      const { gaps: _, from: __, to: ___, changes, ...rest } = JSON.parse(text);
      return { ...rest, changes: Object.keys(changes) };
    });
    expect(told[1]).toEqual(told[0]);
    expect(told[0].relations.added).toContainEqual(expect.objectContaining({ source: 'Node:two', target: 'Pod:n1/a' }));
    expect(told[0].relations.removed).toContainEqual({ type: 'runs', source: 'Node:one', target: 'Pod:n1/a' });
  });
});

function pick({ status, text }: { readonly status: number; readonly text: string }) {
  return { status, text };
}
