import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { logs } from '../../../../minion/probes/logs.ts';
import { probedNode, samplesOf } from '../../../support/probe-round.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'logs-'));
});
afterEach(() => rmSync(root, { recursive: true }));
const make = (path: string) => {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), '');
};
const [need] = logs.needs;

describe('the probe of logs', () => {
  test('does not run where there is none', () => {
    expect(need.isMet(probedNode(root).node)).toBe(false);
    expect(need.what).toContain('/run/log');
  });

  test.each(['var/log/containers/a.log', 'var/lib/docker/a', 'run/log/journal/a', 'var/log/syslog'])(
    'runs where there is %s',
    (path) => {
      make(path);
      expect(need.isMet(probedNode(root).node)).toBe(true);
    },
  );

  test('says once, by name, which of them are missing, and reads the others', async () => {
    make('var/log/app.log');
    const { node, warned } = probedNode(root);
    const probe = logs.start(node);
    writeFileSync(join(root, 'var/log/app.log'), 'ERROR broken\n');
    await samplesOf(probe);
    const { series } = await samplesOf(probe);
    probe.close();
    expect(series).toMatchObject([{ metric: 'node_log_messages_total', value: 1, labels: { level: 'error' } }]);
    expect(warned).toEqual([
      expect.objectContaining({ probe: 'logs', part: 'containers' }),
      expect.objectContaining({ probe: 'logs', part: 'the journal' }),
    ]);
  });

  test('reads a container’s log as before', async () => {
    const id = 'ab'.repeat(32);
    const path = `var/log/containers/web_shop_app-${id}.log`;
    make(path);
    const { node } = probedNode(root);
    const probe = logs.start(node);
    const web = { id, name: '/k8s/shop/web/app', isService: false };
    await samplesOf(probe, [web]);
    writeFileSync(join(root, path), '2026-11-28T20:00:00Z stdout F ERROR broken\n');
    await samplesOf(probe, [web]);
    const { series } = await samplesOf(probe, [web]);
    probe.close();
    expect(series).toMatchObject([
      { container: web.name, metric: 'container_log_messages_total', value: 1, labels: { source: 'stdout/stderr' } },
    ]);
  });
});
