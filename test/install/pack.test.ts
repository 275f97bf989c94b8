import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { krewManifest } from '../../install/krew.ts';
import { pack } from '../../install/pack.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { started } from '../support/command-line.ts';
import { ask } from '../support/http.ts';
import { root } from '../support/source-tree.ts';

const folder = mkdtempSync(join(tmpdir(), 'packed-'));
const modules = join(folder, 'node_modules');
const installed = join(modules, 'cluster-insight');
let archive: string;
let members: readonly string[];

/** The archive, unpacked as npm does, with the packages that it names. */
beforeAll(async () => {
  const sources = join(folder, 'sources');
  await pack(sources);
  const name = execFileSync('npm', ['pack', sources, '--pack-destination', folder, '--silent'], {
    encoding: 'utf8',
    cwd: folder,
    // npm would keep compiled code in the temporary folder beyond the end of the tests.
    env: { ...process.env, NODE_DISABLE_COMPILE_CACHE: '1' },
  });
  archive = join(folder, name.trim());
  members = execFileSync('tar', ['-tzf', archive], { encoding: 'utf8' }).trim().split('\n');
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['-xzf', archive, '--strip-components=1', '-C', installed]);
  for (const each of readdirSync(join(root, 'node_modules')))
    if (!['esbuild', 'lit-html', '.bin', '.cache', 'cluster-insight'].includes(each))
      symlinkSync(join(root, 'node_modules', each), join(modules, each));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const program = join(installed, 'cli/kubectl-insight.js');

describe('the package', () => {
  test('holds what runs, without types, tests or sources of the page', () => {
    expect(members).toEqual(expect.arrayContaining(['package/package.json', 'package/LICENSE', 'package/src/main.js']));
    expect(members).toEqual(expect.arrayContaining(['package/cli/kubectl-insight.js', 'package/minion/cri/cri.proto']));
    expect(members.some((each) => each.startsWith('package/ui/dist/'))).toBe(true);
    expect(members.filter((each) => /\.ts$|\/test\/|^package\/(ui\/(?!dist)|test|install)/.test(each))).toEqual([]);
    for (const each of members.filter((path) => path.endsWith('.js') && !path.includes('/ui/')))
      expect(readFileSync(join(installed, each.slice('package/'.length)), 'utf8'), each).not.toMatch(
        /(from|import) '\.[^']+\.ts'/,
      );
  });

  test('names what it needs at run time, and every program of it', () => {
    const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as typeof packageJson;
    expect(manifest.bin).toEqual(packageJson.bin);
    expect(manifest).not.toHaveProperty('private');
    expect(manifest.dependencies).toHaveProperty('fastify');
    expect(manifest.dependencies).not.toHaveProperty('esbuild');
    for (const path of Object.values(manifest.bin)) expect(members).toContain(`package/${path}`);
  });

  test('runs the command', async () => {
    const env = { HOME: folder };
    expect(await started(process.execPath, [program, '--version'], { env })).toEqual({
      status: 0,
      out: `cluster-insight ${packageJson.version}\n`,
      err: '',
    });
    const input = '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","namespace":"shop"}}';
    const listed = await started(process.execPath, [program, 'get', 'pods', '-A', '-o', 'name', '-f', '-'], {
      env,
      input,
    });
    expect(listed).toEqual({ status: 0, out: 'Pod:shop/a\n', err: '' });
  });

  test('runs the demo', async () => {
    const env = { PATH: dirname(process.execPath), HOME: folder };
    const child = spawn(process.execPath, [program, 'demo', '--port', '0', '--log-format', 'json'], { env });
    let log = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (log += text));
    try {
      // With what follows it: half a line has half a port.
      const listening = /serving the demo cluster at (http:\/\/[\d.:]+)(?=[^\d.:])/;
      await expect.poll(() => log).toMatch(listening);
      const url = listening.exec(log)?.[1] ?? '';
      await expect.poll(async () => (await ask(`${url}/readyz`)).status).toBe(200);
      expect((await ask(`${url}/cluster/analysis?of=cycles`)).status).toBe(200);
      expect((await ask(`${url}/debug?format=svg&namespace=shop`)).text).toMatch(/^<svg/m);
      expect((await ask(`${url}/`, { headers: { accept: 'text/html' } })).text).toContain('<html');
    } finally {
      const ended = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
      child.kill();
      await ended;
    }
  });
});

test('krew finds all that it asks of a manifest', () => {
  const uri = 'https://example.com/cluster-insight.tgz';
  const plugin = parse(krewManifest(readFileSync(archive), uri)) as {
    apiVersion: string;
    kind: string;
    metadata: { name: string };
    spec: {
      version: string;
      shortDescription: string;
      homepage: string;
      platforms: { uri: string; sha256: string; bin: string; files: { from: string; to: string }[] }[];
    };
  };
  expect(plugin).toMatchObject({ apiVersion: 'krew.googlecontainertools.github.com/v1alpha2', kind: 'Plugin' });
  expect(plugin.metadata.name).toMatch(/^[a-z][a-z0-9-]*$/);
  expect(plugin.spec.version).toMatch(/^v\d+\.\d+\.\d+/);
  expect(plugin.spec.shortDescription.length).toBeLessThanOrEqual(50);
  const [platform, ...others] = plugin.spec.platforms;
  expect(others).toEqual([]);
  expect(platform?.sha256).toBe(createHash('sha256').update(readFileSync(archive)).digest('hex'));
  expect(platform?.uri).toBe(uri);
  expect(members).toContain(platform?.bin);
});
