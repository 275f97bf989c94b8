// Files that a server reads again and again: tokens, certificates, settings. Only regular files of a bounded size are read, because
// a pipe would wait for its writer for ever, and a device may never end.
import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from 'node:fs';
import { open } from 'node:fs/promises';

/** As much as a Secret or a ConfigMap may hold. */
const usual = 1 << 20;
/** Opening a pipe does not wait. */
const flags = constants.O_RDONLY | constants.O_NONBLOCK;

/** @throws Error if it is not a regular file, is longer than `most` bytes, or cannot be read. */
export async function readSmallFile(path: string, most = usual): Promise<string> {
  const file = await open(path, flags);
  try {
    check(await file.stat(), path, most);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

/** The same at once, as bytes. */
export function readSmallFileSync(path: string, most = usual): Buffer {
  const file = openSync(path, flags);
  try {
    check(fstatSync(file), path, most);
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}

function check(stats: Stats, path: string, most: number): void {
  if (!stats.isFile()) throw new Error(`${path} is not a regular file`);
  if (stats.size > most) throw new Error(`${path} has ${stats.size} bytes, more than ${most}`);
}
