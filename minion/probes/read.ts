// Reads small files of the node: undefined if absent or forbidden. The kernel generates files of /proc and cgroups on
// reading, so no read waits for a disk.
import { closeSync, constants, fstatSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from 'node:fs';

export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** What is read by `readStart` becomes text at once, so one is enough. */
let shared = Buffer.alloc(0);

/** At most this many bytes from the start: for files that others can write. */
export function readStart(path: string, most: number): string | undefined {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    if (shared.length < most) shared = Buffer.allocUnsafeSlow(most);
    // The kernel gives /proc in parts.
    let length = 0;
    for (let more = -1; more !== 0 && length < most; length += more)
      more = readSync(file, shared, length, most - length, length);
    return shared.toString('utf8', 0, length);
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** Opens a regular file whose name others may have made: follows no link and waits for no pipe. Undefined if it cannot. */
export function openFile(path: string): number | undefined {
  let file: number | undefined;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    if (fstatSync(file).isFile()) return file;
  } catch {
    // It is not there, is a link, or was removed meanwhile.
  }
  if (file !== undefined) closeSync(file);
  return undefined;
}

export function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

export function readLink(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

/** Whether it is readable now. */
export function isReadable(path: string): boolean {
  return readText(path) !== undefined;
}
