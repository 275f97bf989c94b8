import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../../../src/settings/config.ts';
import { newFolder } from '../../support/exporting.ts';

function folderWith(files: { readonly [name: string]: string }): string {
  const folder = newFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

describe('settings in a folder', () => {
  test('are called as their flags, end without their line end, and an empty one is none', () => {
    const folder = folderWith({
      'log-level': 'debug\n',
      'export-to': 'https://x.example.com',
      'export-follow': 'true',
      context: '',
    });
    const config = readConfig({ CLUSTER_INSIGHT_CONFIG_DIR: folder }, ['export']);
    expect(config).toMatchObject({ logLevel: 'debug', exportTo: 'https://x.example.com', exportFollow: true });
    expect(config.context).toBeUndefined();
  });

  test('give way to variables, and those to flags', () => {
    const folder = folderWith({ 'log-level': 'debug', 'export-to': 'https://folder', 'export-cluster-id': 'folder' });
    const env = {
      CLUSTER_INSIGHT_CONFIG_DIR: folder,
      CLUSTER_INSIGHT_EXPORT_TO: 'https://variable',
      CLUSTER_INSIGHT_EXPORT_CLUSTER_ID: 'variable',
    };
    expect(readConfig(env, ['export', '--to', 'https://flag'])).toMatchObject({
      logLevel: 'debug',
      exportClusterId: 'variable',
      exportTo: 'https://flag',
    });
  });

  test('of a mounted ConfigMap are read through its links; its own files are none', () => {
    const folder = newFolder();
    mkdirSync(join(folder, '..2026_11_28'));
    writeFileSync(join(folder, '..2026_11_28', 'log-level'), 'warn');
    symlinkSync('..2026_11_28', join(folder, '..data'));
    symlinkSync('..data/log-level', join(folder, 'log-level'));
    expect(readConfig({}, ['--config-dir', folder]).logLevel).toBe('warn');
  });

  test.each([
    ['an unknown key', { endpoint: 'x' }, 'is not a setting'],
    ['one in other letters', { 'Log-Level': 'debug' }, 'is not a setting'],
    ['the folder itself', { 'config-dir': '/etc' }, 'is not a setting'],
    ['a value that cannot be meant', { 'log-level': 'loud' }, 'must be one of'],
  ])('%s is an error', (_, files, words) => {
    expect(() => readConfig({}, ['--config-dir', folderWith(files)])).toThrow(words);
  });

  test.each(['no/such/folder', '/no/such/folder'])(
    '%s, which is not there, is an error that says where it was looked for',
    (folder) => {
      expect(() => readConfig({}, ['--config-dir', folder])).toThrow(
        /names no folder that can be read: \/.*no\/such\/folder/,
      );
    },
  );
});

describe('the flags of the mode export', () => {
  test('may leave out that word, there alone', () => {
    expect(readConfig({}, ['export', '--to', '-', '--dry-run'])).toMatchObject({ exportTo: '-', exportDryRun: true });
    expect(() => readConfig({}, ['master', '--to=-'])).toThrow('is not a flag of this program');
    expect(readConfig({}, ['export', '--export-to', '-']).exportTo).toBe('-');
  });

  test('never mean another setting of that name', () => {
    expect(readConfig({}, ['export', '--token-file', '/t']).tokenFile).toBe('/t');
    expect(readConfig({}, ['export', '--export-token-file', '/t'])).toMatchObject({ exportTokenFile: '/t' });
  });
});
