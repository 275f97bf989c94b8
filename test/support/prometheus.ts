// A real Prometheus on loopback with a test's configuration, from Debian's package.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './engines/daemon.ts';
import { freePort } from './free-port.ts';
import { ask } from './http.ts';

/** Undefined if not installed; with `CI=true` it must be. */
export function prometheusHere(): string | undefined {
  try {
    execFileSync('prometheus', ['--version'], { stdio: 'ignore' });
    return 'prometheus';
  } catch {
    return process.env['CI'] === 'true' ? 'prometheus' : undefined;
  }
}

export interface RealPrometheus {
  readonly url: string;
  /** Result vector of an instant query. */
  query(text: string): Promise<readonly { readonly [label: string]: string }[]>;
  close(): Promise<void>;
}

/** With a past: `openMetrics` is the text of series with times, in any order of series. */
export async function startPrometheusWith(openMetrics: string, ...flags: readonly string[]): Promise<RealPrometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'prometheus-'));
  writeFileSync(join(folder, 'past.om'), openMetrics);
  const places = [join(folder, 'past.om'), join(folder, 'data')];
  // In one block: promtool reads all of the text for each.
  const words = ['tsdb', 'create-blocks-from', '--max-block-duration=768h', 'openmetrics', ...places];
  execFileSync('promtool', words, { stdio: 'ignore' });
  return startIn(folder, '{}\n', flags);
}

export function startPrometheus(configuration: string, ...flags: readonly string[]): Promise<RealPrometheus> {
  return startIn(mkdtempSync(join(tmpdir(), 'prometheus-')), configuration, flags);
}

async function startIn(folder: string, configuration: string, flags: readonly string[]): Promise<RealPrometheus> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  writeFileSync(join(folder, 'prometheus.yml'), configuration);
  const places = [`--config.file=${join(folder, 'prometheus.yml')}`, `--storage.tsdb.path=${join(folder, 'data')}`];
  const child = spawn('prometheus', [`--web.listen-address=127.0.0.1:${port}`, ...places, ...flags], {
    stdio: 'ignore',
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  await eventually('Prometheus to be ready', 60_000, () =>
    ask(`${url}/-/ready`).then(
      ({ status }) => status === 200,
      () => false,
    ),
  );
  return {
    url,
    async query(text) {
      const { text: answer } = await ask(`${url}/api/v1/query?query=${encodeURIComponent(text)}`);
      const { data } = JSON.parse(answer) as {
        data: { result: { metric: { [label: string]: string }; value: [number, string] }[] };
      };
      return data.result.map(({ metric, value }) => ({ ...metric, value: value[1] }));
    },
    async close() {
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
