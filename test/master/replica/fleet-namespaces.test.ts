import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../../support/engines/daemon.ts';
import { createToldMaster, podOf, startToldFleet, type ToldFleet, type ToldMaster } from '../../support/told-fleet.ts';

let fleet: ToldFleet;
const masters: ToldMaster[] = [];
beforeAll(async () => {
  fleet = await startToldFleet(['--history', 'off']);
  for (const [cluster, epoch, own] of [
    ['eu', 'aaaa0001', 'bank'],
    ['us', 'bbbb0001', 'labs'],
  ] as const) {
    const master = await createToldMaster(epoch);
    masters.push(master);
    master.put('Namespace', ...['shop', own].map((name) => ({ metadata: { name, uid: name } })));
    master.put('Pod', podOf('a'), podOf('b', own));
    await fleet.feed(cluster, master);
  }
  await eventually('both clusters to be in one graph', 20_000, async () => {
    const { text } = await fleet.ask('/cluster?properties=false');
    return text.includes('"@us/Pod:') && text.includes('"@eu/Pod:');
  });
});
afterAll(async () => {
  await fleet.close();
  for (const { app } of masters) await app.close();
});

interface Told {
  readonly resources: readonly { readonly id: string }[];
  readonly unknownNamespaces?: readonly object[];
}

async function podsOf(namespace: string): Promise<readonly [readonly string[], Told['unknownNamespaces']]> {
  const { text } = await fleet.ask(`/cluster/resources?type=Pod&namespace=${encodeURIComponent(namespace)}`);
  const { resources, unknownNamespaces } = JSON.parse(text) as Told;
  return [resources.map(({ id }) => id), unknownNamespaces];
}

describe('a namespace of several clusters', () => {
  test.each([
    ['shop', ['@eu/Pod:shop/a', '@us/Pod:shop/a'], undefined],
    ['bank', ['@eu/Pod:bank/b'], undefined],
    ['sh*', ['@eu/Pod:shop/a', '@us/Pod:shop/a'], undefined],
    ['labs,shop', ['@eu/Pod:shop/a', '@us/Pod:labs/b', '@us/Pod:shop/a'], undefined],
    ['shpo', [], [{ name: 'shpo', nearest: 'shop' }]],
  ])('%s is there where one of them has it', async (asked, ids, unknown) => {
    expect(await podsOf(asked)).toEqual([ids, unknown]);
  });
});
