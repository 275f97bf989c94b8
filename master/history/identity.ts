// The cluster of a history folder: a folder never mixes two.
import { accessSync, constants, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { badSetting } from '../../src/errors.ts';
import { readSmallFileSync } from '../../src/small-file.ts';

const setting = 'CLUSTER_INSIGHT_HISTORY_DIR';

/** Undefined if it is writable, otherwise the reason. */
export function whyNotWritable(folder: string): string | undefined {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.W_OK);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/**
 * The cluster's name in the folder, which is stored on first use. `uid` is that of Namespace kube-system; undefined if
 * unreadable.
 * @throws Fault `bad_setting` if the folder belongs to another cluster.
 */
export function identityIn(folder: string, uid: string | undefined, clusterName: string): string {
  const file = join(folder, 'cluster');
  const named = `name ${clusterName}`;
  const own = uid === undefined ? named : `uid ${uid}`;
  const known = existsSync(file) ? readSmallFileSync(file).toString('utf8').trim() : '';
  if (known === '') writeFileSync(file, `${own}\n`, { mode: 0o600 });
  if (known === '' || known === own || known === named) return known || own;
  // It cannot be told whether it is the same: the stored identity has a UID.
  if (uid === undefined && known.startsWith('uid ')) return known;
  throw badSetting(
    setting,
    `is ${folder}, which holds the history of another cluster (${known}; this is ${own}): choose another folder`,
  );
}
