// The metrics of a master started as in production follow the rules of `promtool check metrics`.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { metricsTable } from '../../../install/metrics-table.ts';
import { createMetrics as ofMinion } from '../../../minion/metrics.ts';
import { type DemoMaster, startDemoMaster, untilRecording } from '../../support/demo-master.ts';
import { type Family, familiesOf, sumOf } from '../../support/metrics-text.ts';
import { readText } from '../../support/source-tree.ts';
import { watch } from '../../support/watching.ts';

let master: DemoMaster;
let families: Family[];
const metrics = async () => (await fetch(`${master.url}/metrics`)).text();

beforeAll(async () => {
  master = await startDemoMaster();
  // The history begins with a capture.
  await untilRecording(master);
  await (await fetch(`${master.url}/cluster?type=Pod`)).text();
  const minion = ofMinion();
  minion.request('/snapshot', 200);
  minion.engineCall('list', 'ok', 1);
  minion.cache('hit', 1);
  minion.snapshot('sent');
  const ours = familiesOf(await metrics()).filter(({ name }) => name.startsWith('cluster_insight_'));
  families = [...ours, ...familiesOf(await minion.text())];
});

afterAll(() => master.close());

/** Non-base units and abbreviations of units, as words in a name. */
const otherUnits =
  /^(?:(?:milli|micro|nano)?(?:minutes|hours|days|weeks)|(?:milli|micro|nano)seconds|(?:kilo|mega|giga|kibi|mebi|gibi)?bits|(?:kilo|mega|giga|kibi|mebi|gibi)bytes|percent|ms|us|ns|s|sec|secs|min|mins|h|hr|b|kb|mb|gb|kib|mib|gib|pct)$/;
const units = ['seconds', 'bytes', 'ratio', 'info', 'total', 'timestamp'];
const types = ['gauge', 'counter', 'histogram', 'summary'];

describe('every metric', () => {
  it('was found', () => {
    expect(families.length).toBeGreaterThan(40);
    expect(new Set(families.map(({ type }) => type))).toEqual(new Set(['gauge', 'counter', 'histogram']));
  });

  it('has a name of its own and says what it is', () => {
    expect(new Set(families.map(({ name }) => name)).size).toBe(families.length);
    for (const { name, help } of families) expect(help.length, name).toBeGreaterThan(15);
  });

  it('ends in _total if and only if it is a counter, and no other has the name without it', () => {
    for (const { name, type } of families) expect(name.endsWith('_total'), name).toBe(type === 'counter');
    const names = new Set(families.map(({ name }) => name));
    for (const name of names) if (name.endsWith('_total')) expect(names).not.toContain(name.slice(0, -6));
  });

  it('is in base units, which stand last in its name', () => {
    for (const { name } of families) {
      const words = name.replace(/_total$/, '').split('_');
      expect(
        words.filter((word) => otherUnits.test(word)),
        name,
      ).toEqual([]);
      const [unit] = words.filter((word) => units.includes(word)).slice(-1);
      if (unit !== undefined) expect(words.at(-1), name).toBe(unit);
    }
  });

  it('has a plain name without its type, and no name or label that is reserved', () => {
    for (const { name, type, samples } of families) {
      expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
      expect(
        name.split('_').filter((word) => types.includes(word)),
        name,
      ).toEqual([]);
      if (type !== 'histogram') {
        expect(name).not.toMatch(/_(?:bucket|count|sum)$/);
        for (const { labels } of samples) expect(Object.keys(labels)).not.toContain('le');
      }
      for (const { labels } of samples) expect(Object.keys(labels), name).not.toContain('quantile');
    }
  });

  it('has its samples under its own name', () => {
    for (const { name, type, samples } of families) {
      const own = type === 'histogram' ? ['_bucket', '_sum', '_count'].map((part) => name + part) : [name];
      for (const sample of samples) expect(own).toContain(sample.name);
    }
  });
});

it('the operations page names no metric that there is not', () => {
  const samples = new Set(
    families.flatMap(({ name, type }) =>
      type === 'histogram' ? [name, `${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    ),
  );
  const named = readText('docs/operations.md').match(/cluster_insight_\w+/g) ?? [];
  expect(named.length).toBeGreaterThan(60);
  // The table is generated from the registries of all modes.
  for (const name of metricsTable().match(/cluster_insight_\w+/g) ?? []) samples.add(name);
  // Points are counted where they are forwarded.
  expect(named.filter((name) => !samples.has(name) && !name.startsWith('cluster_insight_points_'))).toEqual([]);
});

describe('a master', () => {
  it('says how late events are: one observation for each', async () => {
    const before = sumOf(await metrics(), 'cluster_insight_events_total');
    for (let n = 0; n < 5; n++)
      master.cluster.server.create({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: `late-${n}`, namespace: 'default' },
      });
    await expect
      .poll(async () => sumOf(await metrics(), 'cluster_insight_events_total'), { timeout: 30_000 })
      .toBe(before + 5);
    const text = await metrics();
    expect(sumOf(text, 'cluster_insight_event_lag_seconds_count')).toBe(sumOf(text, 'cluster_insight_events_total'));
    expect(sumOf(text, 'cluster_insight_event_lag_seconds_bucket', { le: '0.0001' })).toBeGreaterThanOrEqual(0);
  });

  it('counts resources, relations and bytes by type, and they add up', async () => {
    const text = await metrics();
    const { resources, relations } = (await (await fetch(`${master.url}/cluster`)).json()) as {
      resources: { type: string }[];
      relations: { type: string }[];
    };
    const of = (list: readonly { type: string }[], type: string) => list.filter((one) => one.type === type).length;
    expect(sumOf(text, 'cluster_insight_relations')).toBe(relations.length);
    expect(sumOf(text, 'cluster_insight_relations', { type: 'runs' })).toBe(of(relations, 'runs'));
    expect(sumOf(text, 'cluster_insight_resources', { type: 'Pod' })).toBe(of(resources, 'Pod'));
    expect(sumOf(text, 'cluster_insight_resource_bytes', { type: 'Pod' })).toBeGreaterThan(1000);
  });

  it('counts answers by form with their bytes, and holds nothing when they have ended', async () => {
    const before = await metrics();
    const bytes = (await (await fetch(`${master.url}/cluster?format=ndjson`)).text()).length;
    await (await fetch(`${master.url}/cluster?format=dot&type=Pod`)).text();
    await expect
      .poll(async () => sumOf(await metrics(), 'cluster_insight_graph_answer_seconds_count', { form: 'dot' }))
      .toBe(1);
    const text = await metrics();
    const sent = sumOf(text, 'cluster_insight_graph_answer_bytes_sum', { form: 'ndjson' });
    expect(sent).toBeGreaterThanOrEqual(bytes);
    expect(sumOf(text, 'cluster_insight_captures_total')).toBe(sumOf(before, 'cluster_insight_captures_total') + 2);
    for (const name of ['open_captures', 'past_held_bytes']) expect(sumOf(text, `cluster_insight_${name}`)).toBe(0);
    expect(sumOf(text, 'cluster_insight_past_limit_bytes')).toBeGreaterThan(1 << 20);
  });

  it('counts watchers, and those told to start over', async () => {
    const one = await watch(`${master.url}/cluster/watch`, { lastEventId: 'of another time' });
    await one.until(() => one.events.length > 0);
    const text = await metrics();
    expect(sumOf(text, 'cluster_insight_watch_readers')).toBe(1);
    expect(sumOf(text, 'cluster_insight_watch_resyncs_total', { reason: 'unknown_revision' })).toBe(1);
    const delivered = sumOf(text, 'cluster_insight_watch_delivery_seconds_count');
    master.cluster.server.delete({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'late-0', namespace: 'default' },
    });
    await one.until(() => one.events.some(({ event }) => event === 'change'));
    expect(sumOf(await metrics(), 'cluster_insight_watch_delivery_seconds_count')).toBeGreaterThan(delivered);
    one.kill();
    await expect.poll(async () => sumOf(await metrics(), 'cluster_insight_watch_readers')).toBe(0);
  });

  it('shows from the beginning what would be worth an alert', async () => {
    const text = await metrics();
    for (const reason of ['past_held', 'rights', 'too_long'])
      expect(sumOf(text, 'cluster_insight_cut_off_readers_total', { reason })).toBe(0);
    for (const code of ['overloaded', 'past_held', 'internal'])
      expect(sumOf(text, 'cluster_insight_failures_total', { code })).toBe(0);
    expect(sumOf(text, 'cluster_insight_expired_watches_total')).toBe(0);
    expect(sumOf(text, 'cluster_insight_failed_events_total')).toBe(0);
  });
});
