// Where container runtimes listen, in the order in which they are tried.
import { isAbsolute } from 'node:path';
import { badSetting } from '../src/errors.ts';

/** Root's sockets first; of a user's own only those of the user this process runs as. */
export function usualSockets(uid: number | undefined): readonly string[] {
  const own = uid ? [`/run/user/${uid}/docker.sock`, `/run/user/${uid}/podman/podman.sock`] : [];
  return [
    '/var/run/docker.sock',
    '/run/podman/podman.sock',
    '/run/containerd/containerd.sock',
    '/run/k3s/containerd/containerd.sock',
    '/var/run/crio/crio.sock',
    ...own,
  ];
}

/**
 * The sockets to try: the one that was set, else the usual ones.
 * @throws Fault `bad_setting` where it is not an absolute path, with or without `unix://` before it.
 */
export function socketsToTry(setting: string | undefined, uid: number | undefined): readonly string[] {
  if (setting === undefined) return usualSockets(uid);
  const path = setting.replace(/^unix:\/\//, '');
  // 107 bytes is the most that a socket's address holds.
  if (isAbsolute(path) && !path.includes('\0') && Buffer.byteLength(path) <= 107) return [path];
  throw badSetting(
    'CLUSTER_INSIGHT_RUNTIME_SOCKET',
    `must be the absolute path of a unix socket of at most 107 bytes, such as /run/containerd/containerd.sock, not ${JSON.stringify(setting)}`,
  );
}
