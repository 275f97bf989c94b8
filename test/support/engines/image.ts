// Makes the test image as an archive that Docker, Podman and containerd all load: busybox, and names for what it can do.
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './daemon.ts';

const commands = ['sh', 'sleep', 'cat', 'ps', 'echo', 'true', 'false'];

/** Writes the archive of `name` into `dir`; its path. `command` is what a container runs that names none. */
export async function makeImage(dir: string, name: string, command: readonly string[]): Promise<string> {
  const root = join(dir, 'root');
  mkdirSync(join(root, 'bin'), { recursive: true });
  for (const folder of ['proc', 'sys', 'dev', 'tmp', 'etc']) mkdirSync(join(root, folder), { recursive: true });
  copyFileSync('/bin/busybox', join(root, 'bin/busybox'));
  for (const link of commands) symlinkSync('busybox', join(root, 'bin', link));
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/:/bin/sh\n');
  await run('tar', ['--numeric-owner', '--owner=0', '--group=0', '-C', root, '-cf', join(dir, 'layer.tar'), '.']);
  const layer = `sha256:${createHash('sha256')
    .update(readFileSync(join(dir, 'layer.tar')))
    .digest('hex')}`;
  const config = JSON.stringify({
    created: '2026-11-20T12:00:00Z',
    architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
    os: 'linux',
    config: { Env: ['PATH=/bin'], Cmd: command, Labels: { 'org.opencontainers.image.title': 'insight-test' } },
    rootfs: { type: 'layers', diff_ids: [layer] },
    history: [{ created: '2026-11-20T12:00:00Z', created_by: 'test' }],
  });
  const digest = createHash('sha256').update(config).digest('hex');
  writeFileSync(join(dir, `${digest}.json`), config);
  const manifest = [{ Config: `${digest}.json`, RepoTags: [name], Layers: ['layer.tar'] }];
  writeFileSync(join(dir, 'manifest.json'), JSON.stringify(manifest));
  const archive = join(dir, 'image.tar');
  await run('tar', ['-C', dir, '-cf', archive, 'manifest.json', `${digest}.json`, 'layer.tar']);
  return archive;
}
