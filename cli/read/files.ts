// Reads the texts behind `-f`: files, `-` for standard input, and folders with all manifests below them.
import { createReadStream, readdirSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { failed, reasonOf } from '../failure.ts';

export interface Text {
  /** As said on the command line, or below it. */
  readonly path: string;
  readonly text: string;
  /** When it was last written, in milliseconds; 0 for standard input. */
  readonly modified: number;
  /** It was found in a folder: what else lies there may be anything. */
  readonly found: boolean;
}

/** V8 cannot make a longer string. */
const mostBytes = 512 * 2 ** 20 - 64;
const endings = new Set(['.json', '.yaml', '.yml']);

/** @throws Failure that names the path. */
export async function* textsOf(paths: readonly string[], input: AsyncIterable<Buffer>): AsyncGenerator<Text> {
  for (const path of paths) {
    if (path === '-')
      yield { path: 'standard input', text: await whole(input, 'standard input'), modified: 0, found: false };
    else yield* textsAt(path);
  }
}

async function* textsAt(path: string): AsyncGenerator<Text> {
  const stats = statOf(path);
  if (!stats.isDirectory()) return yield await textOf(path, false);
  const files = filesBelow(path);
  if (files.length === 0) throw failed(`${path}: no .json, .yaml or .yml file is in this folder`);
  for (const file of files) yield await textOf(file, true);
}

/** Sorted; links to folders are not followed, so none leads round in a circle. */
function filesBelow(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name.startsWith('.') || entry.name === 'node_modules' ? [] : filesBelow(path);
    return endings.has(extname(entry.name)) && statOf(path).isFile() ? [path] : [];
  });
}

function statOf(path: string): ReturnType<typeof statSync> & object {
  try {
    return statSync(path);
  } catch (error) {
    throw failed(`${path} cannot be read (${(error as NodeJS.ErrnoException).code}): check the path`, error);
  }
}

async function textOf(path: string, found: boolean): Promise<Text> {
  const { size, mtimeMs } = statOf(path);
  if (Number(size) > mostBytes) throw tooLong(path);
  return { path, text: await whole(createReadStream(path), path), modified: Number(mtimeMs), found };
}

async function whole(chunks: AsyncIterable<Buffer | string>, path: string): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of chunks) {
      const part = Buffer.from(chunk);
      length += part.length;
      if (length > mostBytes) throw tooLong(path);
      parts.push(part);
    }
  } catch (error) {
    throw error instanceof Error && error.name === 'Failure' ? error : failed(`${path}: ${reasonOf(error)}`, error);
  }
  return Buffer.concat(parts, length).toString();
}

function tooLong(path: string): Error {
  return failed(`${path} is longer than 512 MB: write one file for each namespace, and give them all with -f`);
}
