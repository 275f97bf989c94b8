// Which cluster the history in a folder is of: one folder never holds two.
import { accessSync, constants, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { badSetting } from '../../src/errors.ts';

const setting = 'CLUSTER_INSIGHT_HISTORY_DIR';

/** Undefined where it can be written, else why not. */
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
 * How the folder's cluster is called there, noted for those who come after. `uid` is of the Namespace kube-system; undefined
 * where that cannot be read.
 * @throws Fault `bad_setting` where the folder is of another cluster.
 */
export function identityIn(folder: string, uid: string | undefined, clusterName: string): string {
  const file = join(folder, 'cluster');
  const named = `name ${clusterName}`;
  const own = uid === undefined ? named : `uid ${uid}`;
  const known = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  if (known === '') writeFileSync(file, `${own}\n`, { mode: 0o600 });
  if (known === '' || known === own || known === named) return known || own;
  // Nobody can say whether it is the same: what is there was of one that could be told.
  if (uid === undefined && known.startsWith('uid ')) return known;
  throw badSetting(
    setting,
    `is ${folder}, which holds the history of another cluster (${known}; this is ${own}): choose another folder`,
  );
}
