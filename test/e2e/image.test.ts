// The image as its users have it: built by `docker build` with a real daemon, and run without any privilege.
import { cpSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { productionPackages, vendor } from '../../install/vendor.ts';
import { type Demo, startDemo } from '../../src/demo/demo.ts';
import { silentLogger } from '../../src/logger.ts';
import { type Builder, missingBuilder, startBuilder } from '../support/engines/builder.ts';
import { eventually } from '../support/engines/daemon.ts';
import { importNodeImage } from '../support/engines/node-image.ts';
import { keyPair, startEndpoint } from '../support/fake-endpoint.ts';
import { freePort } from '../support/free-port.ts';
import { composed, settingsOf } from '../support/manifests.ts';
import { startRegistry } from '../support/npm-registry.ts';
import { root } from '../support/source-tree.ts';

const build = {
  VERSION: '9.8.7',
  REVISION: '0123456789abcdef0123456789abcdef01234567',
  BUILD_DATE: '2026-11-21T08:00:00Z',
};
const image = 'cluster-insight:test';
const base = /^ARG NODE_IMAGE=(\S+)$/m.exec(readFileSync(join(root, 'Dockerfile'), 'utf8'))?.[1] ?? '';
/** The security context of a Pod, as Docker flags. */
const locked = ['--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges', '--network', 'host'];
const soon = ['--health-interval', '1s', '--health-start-period', '30s'];
// A container may not raise the machine's limits.
const limits = ['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1024:1024'];

const reason = missingBuilder();
let builder: Builder;
let demo: Demo;

/** Where the packages for builds without a registry are. */
const vendored = () => join(builder.folder('context'), 'vendor');

/** The packages in an image, sorted. */
async function packagesIn(name: string): Promise<string[]> {
  const script = `
    const { globSync } = require('node:fs');
    const found = globSync('/app/node_modules/{[!.@]*,@*/*}').map((path) => path.slice('/app/node_modules/'.length));
    console.log(JSON.stringify(found.sort()));`;
  const run = ['run', '--rm', ...limits, ...locked, '--entrypoint', 'node', name, '-e', script];
  return JSON.parse(await builder.docker(...run)) as string[];
}

/** The parts of the repository that go into the build, in a separate folder for additions. */
function contextIn(folder: string): string {
  for (const name of ['Dockerfile', '.dockerignore', '.npmrc', 'package.json', 'package-lock.json', 'LICENSE'])
    cpSync(join(root, name), join(folder, name));
  for (const name of [
    'src',
    'actor',
    'master',
    'minion',
    'ui',
    'install/build-ui.ts',
    'install/join.ts',
    'install/compile.ts',
  ])
    cpSync(join(root, name), join(folder, name), { recursive: true });
  return folder;
}

const buildArguments = Object.entries(build).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]);

const inspect = async <T>(what: string, format: string) =>
  JSON.parse(await builder.docker('inspect', '--format', `{{json ${format}}}`, what)) as T;
const health = (container: string) => inspect<string>(container, '.State.Health.Status');
const ask = async (port: number, path: string) => {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  return { status: response.status, body: await response.text() };
};
const askJson = async (port: number, path: string) =>
  JSON.parse((await ask(port, path)).body) as { readonly [key: string]: unknown };
const evaluate = (container: string, script: string) => builder.docker('exec', container, 'node', '-p', script);

async function runs(container: string): Promise<void> {
  await eventually(`${container} to be healthy`, 90_000, async () => {
    if (await inspect<boolean>(container, '.State.Running')) return (await health(container)) === 'healthy';
    throw new Error(`it ended: ${(await builder.attempt('logs', container)).output}`);
  });
}

async function stopped(container: string): Promise<number> {
  await builder.docker('stop', '--time', '120', container);
  return inspect<number>(container, '.State.ExitCode');
}

describe.skipIf(reason !== undefined)(`the image${reason ? ` (${reason})` : ''}`, () => {
  beforeAll(async () => {
    builder = await startBuilder();
    await importNodeImage(builder, base);
    const context = contextIn(builder.folder('context'));
    vendor(root, vendored());
    await builder.docker('build', '--network', 'none', '-t', image, ...buildArguments, context);
    demo = await startDemo({ logger: silentLogger, life: false });
  }, 600_000);

  afterAll(async () => {
    await demo?.close();
    await builder?.close();
  });

  test('adds less than 100 MB to Node, and stays below 300 MB', async () => {
    const node = statSync(process.execPath).size;
    const size = await inspect<number>(image, '.Size');
    console.log(`the image has ${(size / 1e6).toFixed(0)} MB, ${(node / 1e6).toFixed(0)} MB of it Node itself`);
    expect(size).toBeLessThan(300e6);
    expect(size - node).toBeLessThan(100e6);
  });

  test('has OCI labels, and runs as an unprivileged user', async () => {
    const config = await inspect<{ Labels: object; User: string; ExposedPorts: object }>(image, '.Config');
    expect(config.Labels).toMatchObject({
      'org.opencontainers.image.title': 'Cluster Insight',
      'org.opencontainers.image.licenses': 'Apache-2.0',
      'org.opencontainers.image.version': build.VERSION,
      'org.opencontainers.image.revision': build.REVISION,
      'org.opencontainers.image.created': build.BUILD_DATE,
    });
    expect(config.User).toBe('65532:65532');
    expect(Object.keys(config.ExposedPorts).toSorted()).toEqual(['4243/tcp', '5555/tcp']);
  });

  test('holds no npm, no development package and no test, in no layer', async () => {
    const script = `
      const { existsSync, globSync } = require('node:fs');
      const places = ['/usr/local/lib/node_modules', '/usr/local/bin/npm', '/usr/local/bin/npx', '/app/test', '/app/vendor',
        '/app/package-lock.json', '/app/node_modules/typescript', '/app/node_modules/vitest', '/app/node_modules/node',
        '/app/node_modules/ssh2/lib', '/app/node_modules/cpu-features'];
      const there = ['/app/joined/main.js', '/app/src/main.ts', '/app/actor/start.ts', '/app/node_modules/fastify/package.json',
        '/app/LICENSE'];
      console.log(JSON.stringify([places.filter((place) => existsSync(place)), there.filter((place) => existsSync(place)),
        globSync('/app/{src,master,minion}/**/*.test.ts')]));`;
    const said = await builder.docker('run', '--rm', ...limits, ...locked, '--entrypoint', 'node', image, '-e', script);
    expect(JSON.parse(said)).toEqual([
      [],
      [
        '/app/joined/main.js',
        '/app/src/main.ts',
        '/app/actor/start.ts',
        '/app/node_modules/fastify/package.json',
        '/app/LICENSE',
      ],
      [],
    ]);
    const layers = await inspect<string[]>(image, '.RootFS.Layers');
    expect(layers.length).toBeLessThan(9);
  });

  test('holds compiled code of all that a master and its threads load, for the user it runs as', async () => {
    const script = `
      const { readdirSync } = require('node:fs');
      const kept = '/app/node_modules/.cache/compiled/';
      const folders = readdirSync(kept).filter((name) => name.endsWith('-65532'));
      console.log(JSON.stringify(folders.map((name) => readdirSync(kept + name).length)));`;
    const said = await builder.docker('run', '--rm', ...limits, ...locked, '--entrypoint', 'node', image, '-e', script);
    // A folder for each set of V8's flags: a thread has others while its process is at rest than while it works.
    const [master = 0, minion = 0, ...threads] = (JSON.parse(said) as number[]).toSorted((a, b) => b - a);
    expect(master).toBeGreaterThan(250);
    expect(minion).toBeGreaterThan(100);
    expect(threads.reduce((sum, files) => sum + files, 0)).toBeGreaterThan(20);
  });

  test('runs the master: healthy, with its graph, by its name, without the right to write', async () => {
    const port = await freePort();
    const kubeconfig = join(builder.folder('kubeconfig'), 'config');
    writeFileSync(kubeconfig, JSON.stringify(demo.kubeconfig), { mode: 0o644 });
    const environment = ['-e', 'KUBECONFIG=/etc/kube/config', '-e', `CLUSTER_INSIGHT_PORT=${port}`];
    const volume = ['-v', `${kubeconfig}:/etc/kube/config:ro`];
    const run = ['run', '-d', '--name', 'master', ...limits, ...locked, ...soon];
    await builder.docker(...run, ...environment, ...volume, image, 'master', '--minions', 'off');
    await runs('master');
    await eventually('the first sync', 60_000, async () => (await ask(port, '/readyz')).status === 200);

    expect(await askJson(port, '/version')).toMatchObject({
      version: `cluster-insight ${build.VERSION} ${build.REVISION.slice(0, 12)} ${build.BUILD_DATE}`,
      name: `cluster-insight ${build.VERSION}`,
      revision: build.REVISION,
      buildDate: build.BUILD_DATE,
    });
    const { resources } = (await askJson(port, '/cluster')) as { readonly resources: readonly object[] };
    expect(resources.length).toBeGreaterThan(100);
    expect((await ask(port, '/debug?format=svg')).body).toContain('<svg');
    expect(await evaluate('master', 'process.getuid() + ":" + process.getgid()')).toBe('65532:65532');
    const write = `try { fs.writeFileSync('/app/src/main.ts', ''); 'written' } catch (error) { error.code }`;
    expect(await evaluate('master', write)).toMatch(/^(EROFS|EACCES)$/);
    expect(await stopped('master')).toBe(0);
  });

  test('holds the actor, whose Deployment runs it from there', async () => {
    const { output, status } = await builder.attempt('run', '--rm', ...limits, ...locked, image, 'actor');
    expect([status, output]).toEqual([2, expect.stringContaining('CLUSTER_INSIGHT_ACTOR_DIR must name a folder')]);
  });

  test('exports as the CronJob runs it: settings and keys mounted, nothing to write to but the spool, and an exit status', async () => {
    const endpoint = await startEndpoint();
    const [settings, keys, kube] = ['export-settings', 'export-keys', 'export-kubeconfig'].map((name) =>
      builder.folder(name),
    ) as [string, string, string];
    const files = settingsOf(composed(['base', 'rbac/cluster'], ['components/export']));
    for (const [name, text] of Object.entries({ ...files, 'export-to': endpoint.url }))
      writeFileSync(join(settings, name), text);
    for (const [name, text] of Object.entries(keyPair)) writeFileSync(join(keys, name), text);
    writeFileSync(join(kube, 'config'), JSON.stringify(demo.kubeconfig), { mode: 0o644 });
    const mounts = [
      `${settings}:/etc/cluster-insight/export:ro`,
      `${keys}:/etc/cluster-insight/export-keys:ro`,
      `${kube}:/etc/kube:ro`,
    ];
    const environment = [
      'CLUSTER_INSIGHT_CONFIG_DIR=/etc/cluster-insight/export',
      'CLUSTER_INSIGHT_EXPORT_SPOOL=/spool',
      'KUBECONFIG=/etc/kube/config',
    ];
    const run = (...args: string[]) =>
      builder.attempt(
        'run',
        '--rm',
        ...limits,
        ...locked,
        '--tmpfs',
        '/spool:mode=1777',
        ...mounts.flatMap((one) => ['-v', one]),
        ...environment.flatMap((one) => ['-e', one]),
        image,
        'export',
        ...args,
      );
    try {
      for (const args of [[], ['--relations=false'], ['--protocol', 'collector', '--cluster-id', 'demo']]) {
        const { output, status } = await run(...args);
        expect([status, output]).toEqual([0, expect.stringContaining('nothing left out')]);
      }
      expect([endpoint.tokens.length, endpoint.manifests.length, endpoint.open()]).toEqual([3, 2, 0]);
      endpoint.misbehave = ({ method }) => (method === 'PUT' ? { status: 403 } : undefined);
      expect((await run()).status).toBe(1);
    } finally {
      await endpoint.close();
    }
  });

  test('runs the demo if neither a cluster nor a mode is named', async () => {
    const port = await freePort();
    const run = ['run', '-d', '--name', 'demo', ...limits, ...locked, ...soon, '-e', `CLUSTER_INSIGHT_PORT=${port}`];
    await builder.docker(...run, image);
    await runs('demo');
    expect((await builder.attempt('logs', 'demo')).output).toContain('the demo cluster');
    expect(await stopped('demo')).toBe(0);
  });

  test('runs a minion in front of the runtime that runs it', async () => {
    const port = await freePort();
    const { gid } = statSync(builder.socket);
    const environment = ['-e', 'CLUSTER_INSIGHT_MODE=minion', '-e', `CLUSTER_INSIGHT_PORT=${port}`];
    const access = ['-v', `${builder.socket}:/var/run/docker.sock`, '--group-add', String(gid)];
    const run = ['run', '-d', '--name', 'minion', ...limits, ...locked, ...soon];
    await builder.docker(...run, ...environment, ...access, image);
    await runs('minion');
    const listed = await ask(port, '/containers/json');
    expect(listed.body).not.toContain('error_message');
    const containers = JSON.parse(listed.body) as { readonly Names: string[] }[];
    expect(containers.flatMap(({ Names }) => Names)).toContain('/minion');
    const snapshot = (await askJson(port, '/snapshot')) as {
      readonly images: readonly { readonly RepoTags: string[] }[];
    };
    expect(snapshot.images.flatMap(({ RepoTags }) => RepoTags ?? [])).toContain(image);
    // Uses the compiled code in the image, although nothing can be written.
    expect(await builder.docker('exec', 'minion', 'cat', '/proc/1/environ')).toMatch(/STARTED_ANEW=1\0/);
    const [, resident] = /^process_resident_memory_bytes (\d+)/m.exec((await ask(port, '/metrics')).body) ?? [];
    expect(Number(resident)).toBeLessThan(100e6);
    expect(await stopped('minion')).toBe(0);
  });

  test('is not healthy while its process does not answer', async () => {
    const script = ['--entrypoint', 'node', image, '-e', 'setInterval(() => {}, 1000)'];
    const run = [
      'run',
      '-d',
      '--name',
      'silent',
      ...limits,
      ...locked,
      '--health-interval',
      '1s',
      '--health-retries',
      '1',
    ];
    await builder.docker(
      ...run,
      '--health-start-period',
      '1ms',
      '-e',
      `CLUSTER_INSIGHT_PORT=${await freePort()}`,
      ...script,
    );
    await eventually('it to be unhealthy', 60_000, async () => (await health('silent')) === 'unhealthy');
    expect(await inspect<boolean>('silent', '.State.Running')).toBe(true);
    await builder.docker('rm', '-f', 'silent');
  });

  test('takes its packages from the named registry, by `npm ci`', async () => {
    await importNodeImage(builder, 'node-with-npm:test', { npm: true });
    const context = contextIn(builder.folder('context-npm'));
    const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
      readonly packages: { readonly [place: string]: { integrity?: string; readonly dev?: boolean } };
    };
    const places = productionPackages(lock.packages);
    // Packages packed here have other digests than the published ones.
    for (const entry of Object.values(lock.packages)) delete entry.integrity;
    writeFileSync(join(context, 'package-lock.json'), JSON.stringify(lock));
    const registry = await startRegistry(vendored(), places);
    const args = ['--build-arg', 'NODE_IMAGE=node-with-npm:test', '--build-arg', `NPM_CONFIG_REGISTRY=${registry.url}`];
    // The later stages only copy and start what this one has: as with vendored packages.
    const stage = ['--target', 'joined', '-t', 'with-npm:test'];
    const built = await builder.attempt('build', '--network', 'host', ...stage, ...args, context);
    await registry.close();
    expect(built.output).toContain('Successfully built');
    expect(registry.served()).toBeGreaterThan(150);
    const packages = await packagesIn('with-npm:test');
    expect(packages.length).toBeGreaterThan(100);
    expect(packages).toEqual(await packagesIn(image));
  }, 600_000);

  test('says what to do where there is neither a registry nor vendored packages', async () => {
    const context = contextIn(builder.folder('context-none'));
    const { status, output } = await builder.attempt('build', '--network', 'none', '-t', 'none:test', context);
    expect(status).toBe(1);
    expect(output).toContain('npm run vendor');
  }, 300_000);
});
