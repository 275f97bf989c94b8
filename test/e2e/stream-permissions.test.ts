// A NATS with exactly the permissions of docs/fleet.md: a master, a replica that reads and one that writes snapshots do all that
// they do, and nothing that the permissions do not cover is asked for in vain.
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { connectToNats } from '../../master/stream/connection.ts';
import { announcedBy } from '../../master/stream/head.ts';
import { headSuffix } from '../../master/stream/names.ts';
import { becomesSame, configOf, startFleetMaster, startFleetReplica } from '../support/fleet.ts';
import { natsServer, startNats } from '../support/nats-servers.ts';
import { kindNamed } from '../support/random-cluster.ts';
import { readText } from '../support/source-tree.ts';

const program = natsServer();
const cluster = 'prod-eu';
const documented = () => /```conf\n([^]*?)```/.exec(readText('docs/fleet.md'))?.[1] ?? '';
/** Subjects that a user was refused. */
const refusedTo = (log: string, user: string) =>
  log
    .split('\n')
    .filter((line) => line.includes('Violation') && line.includes(`/user:${user}"`))
    .map((line) => /(Publish|Subscription) Violation.*?Subject "([^"]+)"/.exec(line)?.slice(1, 3).join(' ') ?? line);

/** As a replica of several clusters finds them. */
async function found(stream: readonly string[]): Promise<readonly string[]> {
  const nats = await connectToNats(configOf(stream), 'finder');
  try {
    const watch = await (await nats.heads()).watch({ key: `*${headSuffix}` });
    for await (const entry of watch) return [announcedBy(entry) ?? ''];
    return [];
  } finally {
    await nats.close();
  }
}

describe.skipIf(program === undefined)('the permissions of the page', () => {
  test('are enough for a master, a replica and one that writes snapshots, and for nothing else', async ({
    onTestFinished,
  }) => {
    const opened: { close(): Promise<void> }[] = [];
    onTestFinished(async () => {
      for (const each of opened.splice(0).reverse()) await each.close();
    });
    const open = <T extends { close(): Promise<void> }>(one: T): T => {
      opened.push(one);
      return one;
    };
    const servers = open(await startNats(program ?? '', 1, documented()));
    const [server] = servers.all;
    const as = (user: string) => [`nats://${user}:${user.toUpperCase()}_PASSWORD@127.0.0.1:${server?.port}`];
    const first = open(startFleetMaster({ stream: as('master'), cluster }));
    // Large enough for flow control while a snapshot is read.
    const bulk = () => first.store.sinkOf(kindNamed('ConfigMap'));
    for (let i = 0; i < 300; i++)
      bulk().event('ADDED', {
        metadata: { name: `c${i}`, namespace: 'shop', annotations: { noise: randomBytes(3_000).toString('base64') } },
      });
    const reading = open(await startFleetReplica(as('replica'), cluster));
    await becomesSame(reading, first);
    const making = open(await startFleetReplica(as('snapshots'), cluster));
    await becomesSame(making, first);
    await making.keeper.look();
    first.put('c');
    const late = open(await startFleetReplica(as('replica'), cluster));
    await becomesSame(late, first);
    expect(late.server.member(cluster).replica.counts()).toMatchObject({ snapshots: 1, holes: 0 });
    // Another master with a wish for another age of the log: its snapshot takes the place of the first one's.
    const second = open(startFleetMaster({ stream: as('master'), cluster, settings: ['--stream-age', '24h'] }));
    second.put('a', 'b');
    await becomesSame(making, second);
    await making.keeper.look();
    const last = open(await startFleetReplica(as('snapshots'), cluster));
    await becomesSame(last, second);
    expect(last.server.member(cluster).replica.counts()).toMatchObject({ snapshots: 1 });
    await expect.poll(() => found(as('replica')), { timeout: 30_000 }).toEqual([cluster]);
    for (const each of opened.splice(1).reverse()) await each.close();
    const log = server?.log() ?? '';
    for (const user of ['master', 'replica', 'snapshots']) expect(refusedTo(log, user), user).toEqual([]);
    // The server does refuse, and says so in these words: a replica must not publish.
    const stranger = open(await connectToNats(configOf(as('replica')), 'stranger'));
    for (const subject of [
      'ci.prod-eu.log',
      '$KV.ci.prod-eu.head',
      '$JS.API.STREAM.DELETE.CI_prod-eu',
      '$JS.API.STREAM.PURGE.OBJ_ci_prod-eu',
    ])
      stranger.connection.publish(subject, 'x');
    await stranger.connection.flush();
    await expect
      .poll(() => refusedTo(server?.log() ?? '', 'replica'), { timeout: 30_000 })
      .toEqual(
        [
          'ci.prod-eu.log',
          '$KV.ci.prod-eu.head',
          '$JS.API.STREAM.DELETE.CI_prod-eu',
          '$JS.API.STREAM.PURGE.OBJ_ci_prod-eu',
        ].map((each) => `Publish ${each}`),
      );
  });
});
