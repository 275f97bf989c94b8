// A package registry on loopback that serves the packages installed here, so that `npm ci` runs as usual.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

interface Package {
  readonly name: string;
  readonly version: string;
  readonly [field: string]: unknown;
}

export interface Registry {
  readonly url: string;
  /** Number of fetched packages. */
  readonly served: () => number;
  close(): Promise<void>;
}

/** Serves the packages at `places`, such as `node_modules/pino`, of the folder `root`. */
export async function startRegistry(root: string, places: readonly string[]): Promise<Registry> {
  // The lock also lists optional packages of other platforms, which are not installed.
  const there = places.filter((place) => existsSync(join(root, place, 'package.json')));
  const packages = there.map((place) => ({ folder: join(root, place), is: packageAt(join(root, place)) }));
  let served = 0;
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://x').pathname).slice(1);
    const tarball = packages.find(({ is }) => path === tarballOf(is));
    if (tarball) served++;
    const body = tarball
      ? pack(tarball.folder)
      : packument(
          packages.map(({ is }) => is),
          path,
          server.address(),
        );
    response.statusCode = body === undefined ? 404 : 200;
    response.setHeader('content-type', tarball ? 'application/octet-stream' : 'application/json');
    response.end(body ?? '{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    served: () => served,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function packageAt(folder: string): Package {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Package;
}

const tarballOf = ({ name, version }: Package) => `${name}/-/${version}.tgz`;

/** The registry's document about one package with its versions. */
function packument(packages: readonly Package[], name: string, address: unknown): string | undefined {
  const found = packages.filter((each) => each.name === name);
  const [first] = found;
  if (!first) return undefined;
  const at = `http://127.0.0.1:${(address as AddressInfo).port}`;
  const versions = found.map((each) => [each.version, { ...each, dist: { tarball: `${at}/${tarballOf(each)}` } }]);
  return JSON.stringify({ name, 'dist-tags': { latest: first.version }, versions: Object.fromEntries(versions) });
}

function pack(folder: string): Buffer {
  const flags = [
    '-c',
    '--use-compress-program=gzip -1',
    '--exclude=./node_modules',
    '--transform=s,^\\.,package,',
    '-C',
    folder,
    '.',
  ];
  return execFileSync('tar', flags, { maxBuffer: 256 << 20 });
}
