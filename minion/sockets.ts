// The usual sockets of container runtimes, in the order of attempts.
import { isAbsolute } from 'node:path';
import { badSetting } from '../src/errors.ts';

/** Root's sockets first; of users' sockets only those of the current user. */
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
 * Sockets to try: the configured one, otherwise the usual ones.
 * @throws Fault `bad_setting` unless it is an absolute path, optionally after `unix://`.
 */
export function socketsToTry(setting: string | undefined, uid: number | undefined): readonly string[] {
  if (setting === undefined) return usualSockets(uid);
  const path = setting.replace(/^unix:\/\//, '');
  // A socket address holds at most 107 bytes.
  if (isAbsolute(path) && !path.includes('\0') && Buffer.byteLength(path) <= 107) return [path];
  throw badSetting(
    'CLUSTER_INSIGHT_RUNTIME_SOCKET',
    `must be the absolute path of a unix socket of at most 107 bytes, such as /run/containerd/containerd.sock, not ${JSON.stringify(setting)}`,
  );
}
