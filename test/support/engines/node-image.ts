// A local replacement for Node's own image, where no registry is reachable: the pinned Node.js of this machine at the same path,
// its libraries, and busybox for build commands.
import { copyFileSync, cpSync, existsSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Builder } from './builder.ts';
import { run } from './daemon.ts';

const commands = ['sh', 'find', 'rm', 'cat', 'ls', 'id', 'env', 'mkdir', 'true'];

/** Imports it as `name`, with the machine's npm if wanted. */
export async function importNodeImage(builder: Builder, name: string, { npm = false } = {}): Promise<void> {
  const dir = builder.folder(`base-${npm ? 'npm' : 'plain'}`);
  const root = join(dir, 'rootfs');
  for (const folder of ['bin', 'etc', 'tmp', 'root', 'usr/local/bin', 'usr/local/lib', 'var/log', 'proc', 'sys', 'dev'])
    mkdirSync(join(root, folder), { recursive: true });
  copyFileSync('/bin/busybox', join(root, 'bin/busybox'));
  for (const command of commands) symlinkSync('busybox', join(root, 'bin', command));
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  // npm and busybox need `/usr/bin/env`.
  mkdirSync(join(root, 'usr/bin'), { recursive: true });
  symlinkSync('/bin/busybox', join(root, 'usr/bin/env'));
  await copyWithLibraries(realpathSync(process.execPath), '/usr/local/bin/node', root);
  if (npm) copyNpm(root, await npmFolder());
  const archive = join(dir, 'rootfs.tar');
  await run('tar', ['--numeric-owner', '--owner=0', '--group=0', '-C', root, '-cf', archive, '.']);
  const path = 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
  await builder.docker('import', '--change', path, archive, name);
}

async function copyWithLibraries(program: string, to: string, root: string): Promise<void> {
  copyFileSync(program, join(root, to));
  const { stdout } = await run('ldd', [program]);
  for (const [, library = ''] of stdout.matchAll(/(\/\S+) \(0x/g)) {
    mkdirSync(join(root, dirname(library)), { recursive: true });
    copyFileSync(library, join(root, library));
  }
}

/** npm's program is a link into its folder. */
async function npmFolder(): Promise<string> {
  const { stdout } = await run('sh', ['-c', 'command -v npm']);
  const folder = join(realpathSync(stdout.trim()), '../..');
  if (!existsSync(join(folder, 'bin/npm-cli.js'))) throw new Error(`npm is not in ${folder}`);
  return folder;
}

function copyNpm(root: string, folder: string): void {
  cpSync(folder, join(root, 'usr/local/lib/node_modules/npm'), { recursive: true, dereference: true });
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(root, 'usr/local/bin/npm'));
}
