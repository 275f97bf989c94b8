// Folders for unix sockets: their paths end at 107 bytes, which a temporary folder below another temporary folder uses up.
import { mkdtempSync } from 'node:fs';
import { markName } from '../leftovers.ts';

/** A new folder right below /tmp, with the mark of the run in its name, so that one that stays behind is found. */
export function shortFolder(name: string): string {
  const mark = process.env[markName];
  return mkdtempSync(`/tmp/${name}-${mark === undefined ? '' : `${mark}-`}`);
}
