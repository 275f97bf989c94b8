// Reads the texts for `-f`: files, `-` for standard input, folders with all manifests, and archives.
import { createReadStream, readdirSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { Failure, failed, reasonOf } from '../failure.ts';
import { membersOf } from './archives.ts';
import { textOfBytes } from './text.ts';

export interface Text {
  /** As given on the command line, or below that. */
  readonly path: string;
  readonly text: string;
  /** Time of modification in milliseconds; 0 for standard input. */
  readonly modified: number;
  /** Found in a folder or archive, which may also contain other files. */
  readonly found: boolean;
}

/** A part of a folder or archive that could not be read. */
export interface Unread {
  readonly path: string;
  readonly problem: string;
}

/** Maximum length of a V8 string. */
const mostBytes = 512 * 2 ** 20 - 64;
const endings = new Set(['.json', '.yaml', '.yml']);
const archiveEnding = /\.(?:tar|tgz|tar\.gz)$/i;

/** @throws Failure with the path if a given path cannot be read. */
export async function* textsOf(paths: readonly string[], input: AsyncIterable<Buffer>): AsyncGenerator<Text | Unread> {
  for (const path of paths) {
    if (path === '-') yield* textsIn(input, { path: 'standard input', modified: 0, found: false });
    else yield* textsAt(path);
  }
}

async function* textsAt(path: string): AsyncGenerator<Text | Unread> {
  const stats = statOf(path);
  if (!stats.isDirectory()) return yield* textsInFile(path, false);
  let some = false;
  for (const entry of entriesBelow(path)) {
    some = true;
    if ('problem' in entry) yield entry;
    else yield* textsInFile(entry.path, true);
  }
  if (!some) throw failed(`${path}: no .json, .yaml or .yml file is in this folder`);
}

/** Sorted; does not follow links to folders, which could form cycles. */
function* entriesBelow(folder: string): Generator<{ readonly path: string } | Unread> {
  for (const entry of namesIn(folder)) {
    const path = join(folder, entry.name);
    if ('problem' in entry) yield { path: folder, problem: entry.problem };
    else if (entry.isDirectory()) {
      if (!entry.name.startsWith('.') && entry.name !== 'node_modules') yield* entriesBelow(path);
    } else if (isManifest(entry.name)) {
      if (isFile(path)) yield { path };
      else yield { path, problem: 'it leads to no file' };
    } else if (archiveEnding.test(entry.name))
      yield { path, problem: 'it is an archive in a folder: give it with an -f of its own' };
  }
}

function namesIn(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    return [{ name: '', problem: reasonOf(error) }];
  }
}

function isManifest(name: string): boolean {
  return endings.has(extname(name.replace(/\.gz$/i, '')).toLowerCase());
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function statOf(path: string): ReturnType<typeof statSync> & object {
  try {
    return statSync(path);
  } catch (error) {
    throw failed(`${path} cannot be read: ${reasonOf(error)}`, error);
  }
}

async function* textsInFile(path: string, found: boolean): AsyncGenerator<Text | Unread> {
  try {
    yield* textsIn(createReadStream(path), { path, modified: Number(statOf(path).mtimeMs), found });
  } catch (error) {
    if (!found) throw error;
    yield { path, problem: reasonOf(error) };
  }
}

type Place = Omit<Text, 'text'>;

async function* textsIn(chunks: AsyncIterable<Buffer>, place: Place): AsyncGenerator<Text | Unread> {
  const { path, modified } = place;
  try {
    for await (const member of membersOf(chunks, isManifest)) {
      const inside = member.name === undefined ? place : { path: join(path, member.name), modified, found: true };
      yield await textOf(member.chunks, inside);
    }
  } catch (error) {
    throw error instanceof Failure ? error : failed(`${path}: ${reasonOf(error)}`, error);
  }
}

async function textOf(chunks: AsyncIterable<Uint8Array>, place: Place): Promise<Text | Unread> {
  const bytes = await whole(chunks);
  if (bytes === undefined) {
    if (!place.found) throw failed(`${place.path} ${tooLong}`);
    return { path: place.path, problem: `it ${tooLong}` };
  }
  return { ...place, text: textOfBytes(bytes) };
}

const tooLong = 'is longer than 512 MB: write one file for each namespace, and give them all with -f';

/** Undefined if too long. */
async function whole(chunks: AsyncIterable<Uint8Array>): Promise<Buffer | undefined> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of chunks) {
    length += part.length;
    if (length > mostBytes) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts, length);
}
