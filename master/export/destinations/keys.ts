// Credentials from files, read on each use: a mounted Secret may change at run time.
import { readFile } from 'node:fs/promises';
import { badSetting } from '../../../src/errors.ts';

/** @throws Fault `bad_setting` */
export async function secretIn(variable: string, file: string): Promise<string> {
  try {
    const text = (await readFile(file, 'utf8')).trim();
    if (text !== '') return text;
  } catch (error) {
    throw badSetting(variable, `names a file that cannot be read: ${file} (${(error as NodeJS.ErrnoException).code})`);
  }
  throw badSetting(variable, `names a file that is empty: ${file}`);
}

export interface KeyPair {
  readonly accessKey: string;
  readonly secretKey: string;
}

export type ReadKeys = () => Promise<KeyPair>;

/** Undefined if none is set. @throws Fault `bad_setting` if only one of the two is. */
export function keyPairOf(accessFile: string | undefined, secretFile: string | undefined): ReadKeys | undefined {
  if (accessFile === undefined && secretFile === undefined) return undefined;
  if (accessFile === undefined || secretFile === undefined)
    throw badSetting(
      'CLUSTER_INSIGHT_EXPORT_ACCESS_KEY_FILE',
      'and CLUSTER_INSIGHT_EXPORT_SECRET_KEY_FILE must be set together',
    );
  return async () => ({
    accessKey: await secretIn('CLUSTER_INSIGHT_EXPORT_ACCESS_KEY_FILE', accessFile),
    secretKey: await secretIn('CLUSTER_INSIGHT_EXPORT_SECRET_KEY_FILE', secretFile),
  });
}
