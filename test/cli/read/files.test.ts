import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { membersOf } from '../../../cli/read/archives.ts';
import { textsOf } from '../../../cli/read/files.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'files-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function* nothing(): AsyncGenerator<Buffer> {}

async function read(paths: readonly string[], input: AsyncIterable<Buffer> = nothing()) {
  const all: { [path: string]: string } = {};
  for await (const each of textsOf(paths, input))
    all[each.path.replace(`${folder}/`, '')] = 'problem' in each ? `! ${each.problem}` : each.text;
  return all;
}

async function tarOf(files: { readonly [name: string]: string }): Promise<Buffer> {
  const archive = pack();
  archive.entry({ name: 'dump/', type: 'directory' });
  for (const [name, text] of Object.entries(files)) archive.entry({ name }, text);
  archive.finalize();
  const parts: Buffer[] = [];
  for await (const part of archive as unknown as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts);
}

const put = (name: string, data: string | Buffer) => {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, data);
  return path;
};

test('a folder yields its manifests, also compressed ones, and reports unreadable files', async () => {
  put('all/a.yaml', 'a');
  put('all/deep/b.json.gz', gzipSync('b'));
  put('all/deep/notes.txt', 'no');
  put('all/.git/c.yaml', 'no');
  put('all/old.tar.gz', 'an archive');
  symlinkSync(join(folder, 'nowhere'), join(folder, 'all/z.yaml'));
  expect(await read([join(folder, 'all')])).toEqual({
    'all/a.yaml': 'a',
    'all/deep/b.json.gz': 'b',
    'all/old.tar.gz': expect.stringMatching(/^! it is an archive/) as string,
    'all/z.yaml': '! it leads to no file',
  });
});

test.each([
  ['tar', (tar: Buffer) => tar],
  ['tar.gz', gzipSync],
  ['no ending that says so', gzipSync],
])('an archive (%s) gives the manifests in it', async (name, packed) => {
  const tar = await tarOf({
    'dump/pods.json': '{"items":[]}',
    'dump/x/log.txt': 'x'.repeat(5000),
    'dump/b.yaml': 'k: 1',
  });
  const path = put(`archive.${name}`, packed(tar));
  expect(await read([path])).toEqual({
    [`archive.${name}/dump/pods.json`]: '{"items":[]}',
    [`archive.${name}/dump/b.yaml`]: 'k: 1',
  });
});

test('standard input may be packed as well, whatever the pieces it comes in', async () => {
  const bytes = gzipSync(await tarOf({ 'a.yaml': 'a: 1', 'b.yml': 'b: 2' }));
  async function* oneByOne(): AsyncGenerator<Buffer> {
    for (const byte of bytes) yield Buffer.from([byte]);
  }
  expect(await read(['-'], oneByOne())).toEqual({ 'standard input/a.yaml': 'a: 1', 'standard input/b.yml': 'b: 2' });
});

test.each([
  ['cut off', async () => gzipSync(await tarOf({ 'a.yaml': 'a'.repeat(9000) })).subarray(0, 60)],
  ['a zip archive', async () => Buffer.from('PK\u0003\u0004whatever')],
  ['an xz archive', async () => Buffer.from([0xfd, ...Buffer.from('7zXZ\u0000')])],
])('a file that is named and %s is a failure that names it', async (name, bytes) => {
  const path = put(`bad ${name}`, await bytes());
  await expect(read([path])).rejects.toThrow(path);
});

test('a broken one in a folder costs itself', async () => {
  put('half/a.yaml.gz', gzipSync('a: 1'.repeat(9999)).subarray(0, 40));
  put('half/b.yaml', 'b: 1');
  const all = await read([join(folder, 'half')]);
  expect(all['half/b.yaml']).toBe('b: 1');
  expect(all['half/a.yaml.gz']).toMatch(/^! /);
});

test('an archive that unpacks to more than is allowed ends there', async () => {
  async function* bomb(): AsyncGenerator<Buffer> {
    yield gzipSync(Buffer.alloc(1 << 20));
  }
  const all = async () => {
    for await (const { chunks } of membersOf(bomb(), () => true, 1 << 16)) for await (const _ of chunks);
  };
  await expect(all()).rejects.toThrow(/unpacks to more than/);
});
