// Runs the console examples of a page: a line with `$` is a command, what follows it up to the next is what it shows.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './source-tree.ts';

export interface Example {
  readonly page: string;
  readonly command: string;
  readonly shows: string;
}

/** With WRITE_EXAMPLES=1 the page is given what the command says now; look at each difference before you commit it. */
export function keepExample({ page, command, shows }: Example, out: string): boolean {
  if (process.env['WRITE_EXAMPLES'] !== '1') return false;
  const path = join(root, page);
  const text = readFileSync(path, 'utf8');
  const at = text.indexOf(command) + command.length;
  const old = text.indexOf(shows, at);
  if (shows !== '' && old >= 0) writeFileSync(path, text.slice(0, old) + out + text.slice(old + shows.length));
  return true;
}

/** In the order of the page: a later command may use what an earlier one wrote. */
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
