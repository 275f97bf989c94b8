// Runs the console examples of a page: a line with `$` is a command; the lines up to the next one are its output.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './source-tree.ts';

export interface Example {
  readonly page: string;
  readonly command: string;
  readonly shows: string;
}

/** With WRITE_EXAMPLES=1, writes the current output into the page. Check each difference before committing it. */
export function keepExample({ page, command, shows }: Example, out: string): boolean {
  if (process.env['WRITE_EXAMPLES'] !== '1') return false;
  const path = join(root, page);
  const text = readFileSync(path, 'utf8');
  const at = text.indexOf(command) + command.length;
  const old = text.indexOf(shows, at);
  if (shows !== '' && old >= 0) writeFileSync(path, text.slice(0, old) + out + text.slice(old + shows.length));
  return true;
}

/** In page order: a command may use files of an earlier one. */
export function examplesIn(page: string): Example[] {
  const text = readFileSync(join(root, page), 'utf8');
  return [...text.matchAll(/^```console\n(.*?)^```$/gms)].flatMap(([, session = '']) =>
    session
      .split(/^\$ /m)
      .slice(1)
      .map((part) => {
        const end = part.indexOf('\n');
        return { page, command: part.slice(0, end), shows: part.slice(end + 1) };
      }),
  );
}
