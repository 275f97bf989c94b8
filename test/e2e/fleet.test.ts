// The modes as they are started: two demo clusters whose masters publish, and replicas that serve both in one graph.
import { afterEach, describe, expect, test } from 'vitest';
import { start as startReplica } from '../../master/replica/start.ts';
import { start as startMaster } from '../../master/start.ts';
import { silentLogger } from '../../src/logger.ts';
import type { Running } from '../../src/mode.ts';
import { readConfig } from '../../src/settings/config.ts';
import { eventually } from '../support/engines/daemon.ts';
import { natsServer, startNats } from '../support/nats-servers.ts';

const program = natsServer();
const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
});

function open<T extends { close(): Promise<void> }>(one: T): T {
  opened.push(one);
  return one;
}

async function running(mode: 'demo' | 'replica', ...settings: string[]): Promise<Running> {
  const config = readConfig({}, [mode, '--port', '0', '--history', 'off', '--demo-life=false', ...settings]);
  return open(await (mode === 'demo' ? startMaster : startReplica)({ config, logger: silentLogger }));
}

const ask = async (url: string, path: string) => {
  const answer = await fetch(`${url}${path}`);
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
};

describe.skipIf(program === undefined)('two demo clusters', () => {
  test('are one graph at each of three replicas, which outlive a master and the broker, and end cleanly', async () => {
    const nats = open(await startNats(program ?? '', 1));
    const stream = ['--stream', nats.stream[0] ?? ''];
    const eu = await running('demo', '--cluster-name', 'prod-eu', ...stream);
    const us = await running('demo', '--cluster-name', 'prod-us', ...stream);
    const replicas = await Promise.all(
      Array.from({ length: 3 }, () => running('replica', '--clusters', 'prod-*', ...stream)),
    );
    for (const { url } of replicas) {
      for (const [cluster, master] of [
        ['prod-eu', eu],
        ['prod-us', us],
      ] as const) {
        const same = async () =>
          (await ask(url, `/cluster?cluster=${cluster}`)).text === (await ask(master.url, '/cluster')).text;
        await eventually(`${cluster} to be the same at ${url}`, 60_000, same);
      }
      await eventually('both to be in one graph', 30_000, async () => {
        const { text } = await ask(url, '/cluster/resources/deployments?properties=false');
        return (
          text.includes('"@prod-eu/Deployment:shop/frontend"') && text.includes('"@prod-us/Deployment:shop/frontend"')
        );
      });
    }
    const [first] = replicas as [Running, ...Running[]];
    const shared = JSON.parse((await ask(first.url, '/cluster?type=Image&properties=false')).text) as {
      readonly resources: readonly { readonly id: string }[];
    };
    expect(shared.resources.length).toBeGreaterThan(3);
    expect(shared.resources.filter(({ id }) => id.startsWith('@'))).toEqual([]);
    const image = shared.resources.find(({ id }) => id.startsWith('Image:sha256:'))?.id ?? '';
    const around = await ask(first.url, `/cluster/resources/image/${image.slice('Image:'.length)}`);
    expect(around.text).toContain('@prod-eu/Container:');
    expect(around.text).toContain('@prod-us/Container:');

    await eu.close();
    const isStale = async () =>
      (await ask(first.url, '/cluster?cluster=prod-eu')).headers.has('x-cluster-insight-stale-since');
    await eventually('the end of a master to be told', 30_000, isStale);
    await nats.all[0]?.kill();
    const answer = await ask(first.url, '/cluster');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-cluster-insight-stale-since')).toMatch(/^20/);
    await eventually('completeness to say so, too', 30_000, async () => {
      const { completeness } = JSON.parse((await ask(first.url, '/cluster/completeness')).text);
      return completeness.clusters['prod-eu'].state === 'stale' && !completeness.complete;
    });
    expect((await ask(first.url, '/cluster?cluster=prod-us')).text).toBe((await ask(us.url, '/cluster')).text);
    expect((await ask(first.url, '/readyz')).status).toBe(200);
  });
});
