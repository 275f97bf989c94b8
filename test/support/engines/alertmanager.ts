// Debian's Alertmanager and Prometheus, each on a loopback port with its own folder.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import { shortFolder } from '../short-folder.ts';
import { isInstalled, removeAll, run, startDaemon } from './daemon.ts';

export interface StartedAlertmanager {
  readonly url: string;
  /** Result of `amtool ARGS` as JSON. */
  amtool(...args: string[]): Promise<unknown>;
  close(): Promise<void>;
}

export interface StartedPrometheus {
  /** Values of a query, by their labels as JSON. */
  query(text: string): Promise<ReadonlyMap<string, number>>;
  close(): Promise<void>;
}

/** Why they cannot run here; undefined if they can. With `CI=true` they must be installed. */
export function missingMonitoring(): string | undefined {
  if (process.env.CI === 'true') return undefined;
  const absent = ['prometheus-alertmanager', 'amtool', 'prometheus'].filter((name) => !isInstalled(name));
  return absent.length > 0 ? `not installed: ${absent.join(', ')}` : undefined;
}

/** Sends its groups to `hook`. */
export async function startAlertmanager(hook: string): Promise<StartedAlertmanager> {
  const dir = shortFolder('alertmanager');
  const port = await freePort();
  const config = {
    route: {
      receiver: 'hook',
      group_by: ['alertname', 'namespace'],
      group_wait: '1s',
      group_interval: '1s',
      repeat_interval: '1h',
    },
    receivers: [{ name: 'hook', webhook_configs: [{ url: hook, send_resolved: true }] }],
  };
  writeFileSync(join(dir, 'config.yml'), JSON.stringify(config));
  const url = `http://127.0.0.1:${port}`;
  const flags = [
    ...[`--config.file=${join(dir, 'config.yml')}`, `--storage.path=${join(dir, 'data')}`],
    ...[`--web.listen-address=127.0.0.1:${port}`, '--cluster.listen-address='],
  ];
  const daemon = await startDaemon('prometheus-alertmanager', flags, port, join(dir, 'log'));
  return {
    url,
    async amtool(...args) {
      const { stdout } = await run('amtool', [...args, '--output=json', `--alertmanager.url=${url}`]);
      return JSON.parse(stdout) as unknown;
    },
    async close() {
      await daemon.stop();
      await removeAll(dir);
    },
  };
}

/** Scrapes `target`, a host with its port, every second. */
export async function startPrometheus(target: string): Promise<StartedPrometheus> {
  const dir = shortFolder('prometheus');
  const port = await freePort();
  const config = {
    global: { scrape_interval: '1s' },
    scrape_configs: [{ job_name: 'insight', static_configs: [{ targets: [target] }] }],
  };
  writeFileSync(join(dir, 'config.yml'), JSON.stringify(config));
  const flags = [
    ...[`--config.file=${join(dir, 'config.yml')}`, `--storage.tsdb.path=${join(dir, 'data')}`],
    `--web.listen-address=127.0.0.1:${port}`,
  ];
  const daemon = await startDaemon('prometheus', flags, port, join(dir, 'log'));
  return {
    async query(text) {
      const answer = await fetch(`http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(text)}`);
      const { data } = (await answer.json()) as {
        data?: { result: { metric: object; value: [number, string] }[] };
      };
      return new Map((data?.result ?? []).map(({ metric, value }) => [JSON.stringify(metric), Number(value[1])]));
    },
    async close() {
      await daemon.stop();
      await removeAll(dir);
    },
  };
}
