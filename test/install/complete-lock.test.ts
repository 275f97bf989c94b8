import { expect, test } from 'vitest';
import { completed, type Lock } from '../../install/complete-lock.ts';
import { readText } from '../support/source-tree.ts';

const lock: Lock = JSON.parse(readText('package-lock.json'));

test('the lock file holds a package for every platform that it names, so that npm ci takes it everywhere', () => {
  const [before, after] = [lock, completed(lock)].map(({ packages }) => Object.keys(packages).toSorted());
  expect(before?.length).toBeGreaterThan(300);
  expect(after).toEqual(before);
});

test('every package in the lock has its integrity, also those of other platforms: npm ci installs nothing unverified', () => {
  const unverified = Object.entries(lock.packages).filter(([place, entry]) => place !== '' && !isVerified(entry));
  expect(unverified.map(([place]) => place)).toEqual([]);
});

function isVerified(entry: object): boolean {
  return 'integrity' in entry && /^sha512-[\w+/]{86}==$/.test(String(entry.integrity));
}

test('the lock file names no registry', () => {
  expect(readText('package-lock.json')).not.toContain('"resolved"');
});

test('a package of another platform that is left out is written in, optional and bound to its platform', () => {
  const optionalDependencies = {
    '@x/tool-darwin-arm64': '1.2.3',
    '@x/tool-linux-x64-musl': '1.2.3',
    '@x/other': '1.0.0',
  };
  const found = completed({ packages: { 'node_modules/tool': { version: '1.2.3', dev: true, optionalDependencies } } });
  const entry = { version: '1.2.3', dev: true, optional: true };
  expect(found.packages).toMatchObject({
    'node_modules/@x/tool-darwin-arm64': { ...entry, os: ['darwin'], cpu: ['arm64'] },
    'node_modules/@x/tool-linux-x64-musl': { ...entry, os: ['linux'], cpu: ['x64'], libc: ['musl'] },
  });
  expect(Object.keys(found.packages)).not.toContain('node_modules/@x/other');
});

test('an entry that is there stays as it is', () => {
  const held = { version: '9.9.9', optional: true };
  const packages = {
    'node_modules/@x/tool-darwin-arm64': held,
    'node_modules/tool': { version: '1.0.0', optionalDependencies: { '@x/tool-darwin-arm64': '1.2.3' } },
  };
  expect(completed({ packages }).packages['node_modules/@x/tool-darwin-arm64']).toBe(held);
});
