// Takes secret values out of what a container runtime answers, and of what a minion sends. In place, on a fresh parse.
import { redactText } from './command.ts';
import { fieldsOf, listOf, redactTree } from './tree.ts';

/** What Docker or Podman says of a container or an image, whole. Ids, digests, names and paths look like no secret and stay. */
export function redactInspect(inspect: unknown): void {
  redactTree(inspect);
}

/** `{ Titles, Processes }` of Docker's `top`: the columns that hold a command line, or all of them unsplit. */
export function redactProcesses(top: unknown): void {
  const titles = listOf(fieldsOf(top)?.Titles);
  const columns = titles.flatMap((title, index) => (/\b(?:COMMAND|CMD|ARGS)\b/i.test(String(title)) ? [index] : []));
  for (const row of listOf(fieldsOf(top)?.Processes)) {
    if (!Array.isArray(row)) continue;
    for (const column of columns) {
      const cell: unknown = row[column];
      if (typeof cell === 'string') row[column] = redactText(cell, true);
    }
  }
}

/** What CRI says of a container or a sandbox; the values of a verbose `info` are themselves JSON. */
export function redactCri(answer: unknown): void {
  redactTree(answer);
}
