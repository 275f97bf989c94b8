// Connections reported by the demo's minions, from the master's answer.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { start } from '../../../master/start.ts';
import { silentLogger } from '../../../src/logger.ts';
import type { Relation, Resource } from '../../../src/model.ts';
import { readConfig } from '../../../src/settings/config.ts';

interface Answer {
  readonly resources: readonly Resource[];
  /** Undefined until the master is ready. */
  readonly relations?: readonly Relation[];
}

const folder = mkdtempSync(join(tmpdir(), 'demo-connections-'));
let master: Awaited<ReturnType<typeof start>>;
beforeAll(async () => {
  const config = readConfig({ HOME: folder }, [
    'demo',
    '--port',
    '0',
    '--refresh',
    '200ms',
    '--metrics-period',
    '200ms',
  ]);
  master = await start({ config, logger: silentLogger });
});
afterAll(async () => {
  await master?.close();
  rmSync(folder, { recursive: true, force: true });
});

const ask = async (path: string) => (await (await fetch(`${master.url}${path}`)).json()) as Answer;
const connections = async () => {
  const { relations = [] } = await ask('/cluster?relation=connectsTo');
  return relations.filter(({ type }) => type === 'connectsTo');
};
const between = ({ source, target }: Relation) => [source, target].map((id) => id.replace(/-[^/]*/g, '')).join(' ');

test('the demo shows connections within the cluster and to the outside, and impact follows them', async () => {
  await expect
    .poll(async () => (await connections()).map(between), { timeout: 30_000 })
    .toEqual(
      expect.arrayContaining([
        'Container:shop/frontend/web Container:shop/redis/redis',
        'Container:shop/frontend/sidecar Host:198.51.100.20',
      ]),
    );
  const found = await connections();
  const toRedis = found.filter(({ target }) => target.endsWith('/redis'));
  expect(toRedis.every(({ annotations }) => annotations['observed'] === true)).toBe(true);
  const [{ target } = { target: '' }] = toRedis;
  const talkers = toRedis.filter((each) => each.target === target).map(({ source }) => source);
  expect(talkers.length).toBeGreaterThan(0);
  const { resources } = await ask(`/cluster/impact?of=${target}`);
  expect(resources.map(({ id }) => id)).toEqual(expect.arrayContaining(talkers));
  const pod = target.replace(/^Container:(.*)\/[^/]*$/, 'Pod:$1');
  const withPod = await ask(`/cluster/impact?of=${pod}`);
  const parts = withPod.resources.map(({ id }) => id).filter((id) => /^(?:Container|Process):/.test(id));
  // Only those that a connection leads through: every other container goes with its Pod.
  expect(parts.toSorted()).toEqual([target, ...talkers].toSorted());
  expect(withPod.relations?.filter(({ type }) => type === 'connectsTo')).toHaveLength(talkers.length);
  const outside = await ask('/cluster/impact?of=Host:198.51.100.20');
  expect(outside.resources.some(({ id }) => /^Container:.*\/sidecar$/.test(id))).toBe(true);
  const unconnected = await ask(`/cluster/impact?of=${pod}&relation=${encodeURIComponent('!connectsTo')}`);
  expect(unconnected.resources.filter(({ type }) => type === 'Container')).toEqual([]);
});
