// The graph of several clusters for callers whose rights differ per cluster.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../../support/engines/daemon.ts';
import {
  createReviewer,
  createToldMaster,
  type FakeReviewer,
  idsIn,
  podOf,
  startToldFleet,
  type ToldFleet,
  type ToldMaster,
} from '../../support/told-fleet.ts';

const opened: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
});

interface Situation {
  readonly fleet: ToldFleet;
  readonly masters: { readonly eu: ToldMaster; readonly us: ToldMaster };
  readonly reviewers: { readonly eu: FakeReviewer; readonly us: FakeReviewer };
  readonly feed: () => Promise<void>;
}

async function served(...settings: string[]): Promise<Situation> {
  const reviewers = {
    eu: createReviewer({ root: 'everything', dev: { shop: ['pods'] }, european: { shop: ['pods'] }, guest: {} }),
    us: createReviewer({
      root: 'everything',
      dev: { shop: ['pods'], bank: ['pods'] },
      american: 'everything',
      guest: {},
    }),
  };
  const fleet = await startToldFleet(['--history', 'off', '--auth', 'kubernetes', ...settings], reviewers);
  opened.push(fleet);
  const masters = { eu: await createToldMaster('aaaa0001'), us: await createToldMaster('bbbb0001') };
  opened.push(masters.eu.app, masters.us.app);
  const namespaces = ['shop', 'bank'].map((name) => ({ metadata: { name, uid: name } }));
  for (const master of [masters.eu, masters.us]) {
    master.put('Namespace', ...namespaces);
    master.put('Pod', podOf('a'), podOf('secret', 'bank'));
  }
  const feed = async () => {
    await fleet.feed('eu', masters.eu);
    await fleet.feed('us', masters.us);
  };
  await feed();
  return { fleet, masters, reviewers, feed };
}

const podsIn = (text: string) => idsIn(text).filter((id) => id.includes('/Pod:'));
const completenessIn = (text: string) =>
  (
    JSON.parse(text) as {
      completeness: { complete: boolean; clusters: { [name: string]: { state: string; reason?: string } } };
    }
  ).completeness;

describe('a read that names no cluster, with tokens that are shown to all', () => {
  let situation: Situation;
  beforeEach(async () => {
    situation = await served('--review-everywhere=true');
    const { fleet } = situation;
    await eventually('both clusters to be in one graph', 20_000, async () => {
      const { status, text } = await fleet.ask('/cluster?properties=false', 'root');
      return status === 200 && text.includes('"@us/Pod:') && text.includes('"@eu/Pod:');
    });
  });

  test('shows in each cluster what the caller may see there, and nothing of the rest by any way', async () => {
    const { fleet } = situation;
    const seen = await fleet.ask('/cluster', 'dev');
    expect(seen.status, seen.text).toBe(200);
    expect(podsIn(seen.text)).toEqual(['@eu/Pod:shop/a', '@us/Pod:bank/secret', '@us/Pod:shop/a']);
    for (const path of [
      '/cluster',
      '/cluster/search?q=secret',
      '/cluster/groups',
      '/debug',
      '/cluster?type=Namespace,Container',
    ])
      expect((await fleet.ask(path, 'dev')).text).not.toMatch(/@eu\/\w+:bank/);
    const image = `Image:sha256:${'a'.repeat(64)}`;
    expect(idsIn(seen.text)).toContain(image);
    const path = await fleet.ask('/cluster/path?from=@eu/Pod:shop/a&to=@us/Pod:bank/secret', 'dev');
    expect(path.text).toContain(image);
    // It does not exist for callers without the right.
    expect(
      (await fleet.ask(`/cluster/resources/pods/${encodeURIComponent('@eu/Pod:bank/secret')}`, 'dev')).status,
    ).toBe(404);
  });

  test('leaves out clusters that do not know the caller, and says so without their names', async () => {
    const { fleet } = situation;
    const seen = await fleet.ask('/cluster?completeness=full', 'european');
    expect(podsIn(seen.text)).toEqual(['@eu/Pod:shop/a']);
    expect(seen.text).not.toContain('us/');
    const { complete, clusters } = completenessIn(seen.text);
    expect(complete).toBe(false);
    expect(Object.keys(clusters).sort()).toEqual(['(others)', 'eu']);
    expect(clusters['(others)']).toMatchObject({ state: 'forbidden', reason: expect.stringContaining('do not know') });
    // All of one cluster is not everything.
    expect(podsIn((await fleet.ask('/cluster', 'american')).text)).toEqual(['@us/Pod:bank/secret', '@us/Pod:shop/a']);
    expect(podsIn((await fleet.ask('/cluster', 'root')).text)).toHaveLength(4);
    expect(completenessIn((await fleet.ask('/cluster?completeness=full', 'root')).text).clusters).not.toHaveProperty(
      '(others)',
    );
  });

  test('refuses callers unknown everywhere, and shows nothing to callers without rights', async () => {
    const { fleet } = situation;
    expect((await fleet.ask('/cluster')).status).toBe(401);
    expect((await fleet.ask('/cluster', 'stranger')).status).toBe(401);
    const nothing = await fleet.ask('/cluster', 'guest');
    expect(podsIn(nothing.text)).toEqual([]);
    expect(nothing.text).not.toMatch(/shop|bank|secret/);
    expect((await fleet.ask('/metrics', 'dev')).status).toBe(403);
  });

  test('says that a cluster could not be asked; where none can, nothing is answered', async () => {
    const { fleet, reviewers } = situation;
    reviewers.us.away = true;
    const seen = await fleet.ask('/cluster?completeness=full', 'european');
    expect(podsIn(seen.text)).toEqual(['@eu/Pod:shop/a']);
    expect(completenessIn(seen.text).clusters['(others)']).toMatchObject({ state: 'unknown' });
    expect((await fleet.ask('/cluster', 'american')).status).toBe(503);
  });

  test('follows what happens in the clusters', async () => {
    const { fleet, masters, feed } = situation;
    expect(podsIn((await fleet.ask('/cluster', 'dev')).text)).toHaveLength(3);
    masters.eu.put('Pod', podOf('b'), podOf('hidden', 'bank'));
    masters.us.remove('Pod', podOf('a'));
    await feed();
    await eventually('it to be shown', 20_000, async () => {
      const pods = podsIn((await fleet.ask('/cluster', 'dev')).text);
      return pods.join() === '@eu/Pod:shop/a,@eu/Pod:shop/b,@us/Pod:bank/secret';
    });
  });

  test('another graph of a cluster takes the place of the one before, for them as well', async () => {
    const { fleet, masters } = situation;
    expect(podsIn((await fleet.ask('/cluster', 'dev')).text)).toHaveLength(3);
    const again = await createToldMaster('cccc0001');
    opened.push(again.app);
    again.put('Pod', podOf('new'));
    for (const message of again.messages) await fleet.server.member('eu').replica.receive(message);
    await eventually('it to be shown', 20_000, async () =>
      podsIn((await fleet.ask('/cluster', 'dev')).text).includes('@eu/Pod:shop/new'),
    );
    expect(podsIn((await fleet.ask('/cluster', 'dev')).text)).not.toContain('@eu/Pod:shop/a');
    expect(masters.us.messages.length).toBeGreaterThan(0);
  });

  test('with cluster= the token is shown to that cluster alone', async () => {
    const { fleet, reviewers } = situation;
    const before = reviewers.us.shown.filter((token) => token === 'only-eu').length;
    expect((await fleet.ask('/cluster?cluster=eu', 'only-eu')).status).toBe(401);
    expect(reviewers.us.shown.filter((token) => token === 'only-eu')).toHaveLength(before);
  });
});

test('by default no token is shown to a cluster that the read did not name', async () => {
  const { fleet, reviewers } = await served();
  await eventually(
    'one to be served',
    20_000,
    async () => (await fleet.ask('/cluster?cluster=us', 'root')).status === 200,
  );
  const answer = await fleet.ask('/cluster', 'dev');
  expect(answer).toMatchObject({ status: 403, text: expect.stringContaining('cluster=NAME') });
  expect([...reviewers.eu.shown, ...reviewers.us.shown]).not.toContain('dev');
});

describe('metrics of several clusters', () => {
  const clustersIn = (text: string) => [
    ...new Set([...text.matchAll(/[{,]cluster="([^"]*)"/g)].map(([, name]) => name)),
  ];

  test('name to a caller of one cluster that cluster alone, in all that is measured by cluster', async () => {
    const { fleet } = await served();
    for (const [cluster, token] of [
      ['us', 'american'],
      ['eu', 'root'],
    ] as const) {
      const { status, text } = await fleet.ask(`/metrics?cluster=${cluster}`, token);
      expect(status, text).toBe(200);
      expect(clustersIn(text)).toEqual([cluster]);
      expect(text).toContain(`cluster_insight_replica_state{cluster="${cluster}",state="following"} 1`);
      expect(text).toContain('process_cpu_seconds_total');
    }
    expect((await fleet.ask('/metrics?cluster=eu', 'american')).status).toBe(401);
    expect((await fleet.ask('/metrics', 'root')).status).toBe(403);
  });

  test('name all clusters to a caller who has the right in each of them', async () => {
    const { fleet } = await served('--review-everywhere=true');
    await eventually('both to be named', 20_000, async () => {
      const { status, text } = await fleet.ask('/metrics', 'root');
      return status === 200 && clustersIn(text).sort().join() === 'eu,us';
    });
    expect((await fleet.ask('/metrics', 'american')).status).toBe(403);
    expect(clustersIn((await fleet.ask('/metrics?cluster=us', 'american')).text)).toEqual(['us']);
  });

  test('do not name a cluster that has told nothing yet, as it cannot be asked about the caller', async () => {
    const { fleet } = await served('--review-everywhere=true');
    fleet.server.member('secret-new');
    const { text } = await fleet.ask('/metrics?cluster=us', 'root');
    expect(clustersIn(text)).toEqual(['us']);
    await eventually('the others to be named', 20_000, async () => {
      const { status, text: all } = await fleet.ask('/metrics', 'root');
      return status === 200 && clustersIn(all).sort().join() === 'eu,us';
    });
  });
});
