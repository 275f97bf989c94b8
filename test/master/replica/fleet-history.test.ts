// The past of several clusters in one graph, through the server of a replica that keeps the history of each.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../../support/engines/daemon.ts';
import {
  createToldMaster,
  idsIn,
  podOf,
  startToldFleet,
  type ToldFleet,
  type ToldMaster,
  withoutMoments,
} from '../../support/told-fleet.ts';

let fleet: ToldFleet;
let [eu, us]: ToldMaster[] = [];
const opened: { close(): Promise<unknown> }[] = [];
beforeEach(async () => {
  fleet = await startToldFleet(['--history', '1h']);
  opened.push(fleet);
  [eu, us] = [await createToldMaster('aaaa0001'), await createToldMaster('bbbb0001')];
  opened.push((eu as ToldMaster).app, (us as ToldMaster).app);
});
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
});

const masters = () => [eu, us] as [ToldMaster, ToldMaster];
const feedBoth = async () => {
  const [one, two] = masters();
  await fleet.feed('eu', one);
  await fleet.feed('us', two);
};
const recorded = (cluster: string) =>
  eventually(`the history of ${cluster} to begin`, 20_000, async () => {
    const { status, text } = await fleet.ask(`/cluster/history?cluster=${cluster}`);
    return status === 200 && (JSON.parse(text) as { segments: unknown[] }).segments.length > 0;
  });
const shows = (id: string) =>
  eventually(`${id} to be shown`, 20_000, async () =>
    (await fleet.ask('/cluster?properties=false')).text.includes(`"${id}"`),
  );
const later = async () => {
  // Times are milliseconds.
  const now = Date.now();
  await eventually('a moment to pass', 5_000, () => Date.now() > now + 1);
  return new Date(now + 1).toISOString();
};

async function withHistory(): Promise<string> {
  const [one, two] = masters();
  one.put('Pod', podOf('a'));
  two.put('Pod', podOf('a'), podOf('b'));
  await feedBoth();
  await shows('@eu/Pod:shop/a');
  await shows('@us/Pod:shop/b');
  await recorded('eu');
  await recorded('us');
  return later();
}

describe('the graph of several clusters', () => {
  test('as it is now, asked of history, is the one that is served, but for revisions', async () => {
    await withHistory();
    const [now, past] = [await fleet.ask('/cluster'), await fleet.ask('/cluster?at=now')];
    expect(past.status, past.text).toBe(200);
    expect(withoutMoments(past.text)).toEqual(withoutMoments(now.text));
    expect(idsIn(past.text)).toContain(`Image:sha256:${'a'.repeat(64)}`);
    const completeness = JSON.parse(past.text).completeness;
    expect(completeness.counts.clusters).toEqual({ synced: 2 });
  });

  test('is answered as it was before something came and went, with paths across clusters, and difference and life', async () => {
    const before = await withHistory();
    const [one, two] = masters();
    two.remove('Pod', podOf('b'));
    one.put('Pod', podOf('c'));
    await feedBoth();
    await shows('@eu/Pod:shop/c');
    const then = await fleet.ask(`/cluster/resources/pods?at=${before}`);
    expect(idsIn(then.text)).toEqual(['@eu/Pod:shop/a', '@us/Pod:shop/a', '@us/Pod:shop/b']);
    const path = await fleet.ask(`/cluster/path?from=@eu/Pod:shop/a&to=@us/Pod:shop/b&at=${before}`);
    expect(JSON.parse(path.text).paths[0].ids ?? JSON.stringify(path.text)).toEqual(expect.anything());
    expect(path.text).toContain('Image:sha256:');
    const difference = JSON.parse((await fleet.ask(`/cluster/diff?from=${before}&to=now`)).text);
    const named = (list: readonly { readonly id: string }[] = []) => list.map(({ id }) => id);
    expect(named(difference.resources.added)).toContain('@eu/Pod:shop/c');
    expect(difference.resources.removed).toContain('@us/Pod:shop/b');
    const life = await fleet.ask(`/cluster/history/Pod/${encodeURIComponent('@us/Pod:shop/b')}`);
    expect(life.status, life.text).toBe(200);
    expect(life.text).toContain('"removed"');
    expect(life.text).toContain('"@us/Container:shop/b/main"');
    const timeline = JSON.parse((await fleet.ask('/cluster/timeline?buckets=4')).text);
    expect(JSON.stringify(timeline.buckets)).toContain('"removed":1');
  });

  test('says which cluster it knows nothing of at that moment, and leaves it out', async () => {
    const [one, two] = masters();
    one.put('Pod', podOf('a'));
    await fleet.feed('eu', one);
    await shows('@eu/Pod:shop/a');
    await recorded('eu');
    const before = await later();
    two.put('Pod', podOf('z'));
    await fleet.feed('us', two);
    await shows('@us/Pod:shop/z');
    await recorded('us');
    const then = await fleet.ask(`/cluster?at=${before}&completeness=full`);
    expect(then.status, then.text).toBe(200);
    expect(idsIn(then.text).filter((id) => id.startsWith('@us/'))).toEqual([]);
    const { completeness, gaps } = JSON.parse(then.text);
    expect(completeness).toMatchObject({
      complete: false,
      clusters: { us: { state: 'unknown' }, eu: { state: 'synced' } },
    });
    expect(gaps).toMatchObject([{ reason: 'not_kept', cluster: 'us' }]);
    // A cluster known at only one moment was not added.
    const difference = JSON.parse((await fleet.ask(`/cluster/diff?from=${before}&to=now`)).text);
    expect(JSON.stringify(difference.resources)).not.toContain('@us/');
    expect(difference.gaps).toMatchObject([{ reason: 'not_kept', cluster: 'us' }]);
  });

  test('is asked by time: a revision is that of one cluster, and before all history there is nothing', async () => {
    await withHistory();
    const numbered = await fleet.ask('/cluster?at=aaaa0001-1');
    expect(numbered).toMatchObject({ status: 400, text: expect.stringContaining('cluster=NAME') });
    expect((await fleet.ask('/cluster?at=aaaa0001-1&cluster=eu')).status).not.toBe(400);
    expect(await fleet.ask('/cluster?at=2020-01-01T00:00:00Z')).toMatchObject({
      status: 410,
      text: expect.stringContaining('history_expired'),
    });
    const overview = JSON.parse((await fleet.ask('/cluster/history')).text);
    expect(overview.segments.map(({ name }: { name: string }) => name.split('/')[0])).toEqual(['eu', 'us']);
  });
});
