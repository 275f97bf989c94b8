// In a process of its own, where nothing else loaded packages.
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { environment } from '../../src/settings/environment.ts';

const root = join(import.meta.dirname, '../..');
const script = `
  import { createRequire } from 'node:module';
  import { loadPackages } from ${JSON.stringify(join(root, 'src/packages.ts'))};
  loadPackages();
  const { cache } = createRequire(${JSON.stringify(join(root, 'package.json'))});
  const { collectDefaultMetrics, Registry } = await import('prom-client');
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const metrics = await registry.metrics();
  process.stdout.write(JSON.stringify({ files: Object.keys(cache), metrics }));
  process.exit();
`;

test('the packages of every mode are loaded, without those that trace requests, and the process is measured all the same', () => {
  const said = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: root,
    env: environment,
  });
  const { files, metrics } = JSON.parse(String(said)) as { files: string[]; metrics: string };
  const { resolve } = createRequire(join(root, 'package.json'));
  for (const name of ['close-with-grace', 'fastify', 'pino', 'prom-client']) expect(files).toContain(resolve(name));
  expect(files.filter((file) => file.includes('@opentelemetry'))).toHaveLength(1);
  expect(metrics).toMatch(/^process_cpu_seconds_total \d/m);
});
