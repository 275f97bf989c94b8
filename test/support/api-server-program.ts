// Finds a real API server on this machine.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { isInstalled } from './engines/daemon.ts';
import { root } from './source-tree.ts';

/** Shown where there is none. */
export const howToHaveOne = 'it needs etcd, and kube-apiserver as sh test/support/api-server.sh builds it';

/** Path of kube-apiserver; undefined if it or etcd is not available. */
export function apiServerProgram(): string | undefined {
  if (!isInstalled('etcd')) return undefined;
  try {
    const script = join(root, 'test/support/api-server.sh');
    const said = execFileSync('sh', [script, '--if-built'], { stdio: ['ignore', 'pipe', 'ignore'] });
    return said.toString().trim().split('\n').at(-1);
  } catch {
    return undefined;
  }
}
