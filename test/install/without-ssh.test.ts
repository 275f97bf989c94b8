// The image leaves out SSH, a dependency of Docker's client. The Dockerfile's steps are applied to a copy of the packages, and
// the client is used.
import { execFile, execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { productionPackages } from '../../install/vendor.ts';
import { readText, root } from '../support/source-tree.ts';

interface Lock {
  readonly packages: {
    readonly [place: string]: {
      readonly dev?: boolean;
      readonly dependencies?: { readonly [name: string]: string };
      readonly optionalDependencies?: { readonly [name: string]: string };
    };
  };
}

const { packages } = JSON.parse(readText('package-lock.json')) as Lock;
const dockerfile = readText('Dockerfile').replaceAll('\\\n', ' ');
const removed = /rm -rf (node_modules\/ssh2 (?:node_modules\/\S+ +)+)/.exec(dockerfile)?.[1]?.trim().split(/ +/) ?? [];
const steps = /&& (rm -rf node_modules\/ssh2.*?index\.js)/.exec(dockerfile)?.[1] ?? '';
const asks = (place: string, names: readonly string[]) => {
  const { dependencies = {}, optionalDependencies = {} } = packages[place] ?? {};
  return names.some((name) => name in dependencies || name in optionalDependencies);
};
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ci-ssh-'));
  for (const place of productionPackages(packages).filter((one) => existsSync(join(root, one))))
    cpSync(join(root, place), join(folder, place), { recursive: true });
  execFileSync('sh', ['-c', steps], { cwd: folder });
});
afterAll(() => rmSync(folder, { recursive: true }));

test('everything that comes only with SSH is removed, and nothing that others ask for', () => {
  expect(removed).toContain('node_modules/cpu-features');
  const names = removed.map((place) => place.slice('node_modules/'.length));
  const others = productionPackages(packages).filter((place) => !removed.includes(place));
  expect(others.filter((place) => asks(place, names))).toEqual(['node_modules/docker-modem']);
  const left = others.filter((place) => removed.some((one) => asks(one, [place.slice('node_modules/'.length)])));
  expect(left.filter((place) => !others.some((one) => asks(one, [place.slice('node_modules/'.length)])))).toEqual([]);
});

test('the client of Docker answers without it, and refuses SSH in words', async () => {
  const server = createServer((_request, response) => response.end('{"Version":"28.0.0"}'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const script = `
    const Docker = require('dockerode');
    new Docker({ protocol: 'http', host: '127.0.0.1', port: ${port} }).version().then(({ Version }) => {
      console.log(Version);
      try { require('docker-modem/lib/ssh')({}); } catch (error) { console.log(error.message); }
    });`;
  const file = join(folder, 'ask.cjs');
  writeFileSync(file, script);
  const said = await new Promise<string>((resolve, reject) => {
    const told = (error: Error | null, out: string) => (error ? reject(error) : resolve(out));
    execFile(process.execPath, [file], { cwd: folder, timeout: 60_000 }, told);
  });
  await new Promise((resolve) => server.close(resolve));
  expect(said.trim().split('\n')).toEqual(['28.0.0', 'this image has no SSH']);
});
