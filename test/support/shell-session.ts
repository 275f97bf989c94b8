// Runs the console examples of a page: a line with `$` is a command, what follows it up to the next is what it shows.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './source-tree.ts';

export interface Example {
  readonly command: string;
  readonly shows: string;
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
        return { command: part.slice(0, end), shows: part.slice(end + 1) };
      }),
  );
}
