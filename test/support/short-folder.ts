// Folders for unix sockets. Their paths are limited to 107 bytes, which nested temporary folders exceed.
import { mkdtempSync } from 'node:fs';
import { markName } from '../leftovers.ts';

/** A new folder directly below /tmp. Its name contains the mark of the run, so that leftovers are found. */
export function shortFolder(name: string): string {
  const mark = process.env[markName];
  return mkdtempSync(`/tmp/${name}-${mark === undefined ? '' : `${mark}-`}`);
}
