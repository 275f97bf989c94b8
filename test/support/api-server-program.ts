// Whether a real API server is to be had here.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { isInstalled } from './engines/daemon.ts';
import { root } from './source-tree.ts';

/** For those who have none. */
export const howToHaveOne = 'it needs etcd, and kube-apiserver as sh test/support/api-server.sh builds it';

/** Where kube-apiserver is; undefined where it is not to be had, or etcd is not. */
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
