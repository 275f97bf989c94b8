// Reads small files of the node: what is not there, or may not be read, is undefined. Files of /proc and of cgroups are made
// by the kernel when they are read, so that nothing waits for a disk.
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from 'node:fs';

export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** At most so many bytes from the beginning: of files that somebody else can write to. */
export function readStart(path: string, most: number): string | undefined {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    const buffer = Buffer.allocUnsafe(most);
    return buffer.toString('utf8', 0, readSync(file, buffer, 0, most, 0));
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
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

/** Whether something can be read there now. */
export function isReadable(path: string): boolean {
  return readText(path) !== undefined;
}
