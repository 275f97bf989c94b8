// What of a runtime's answer may leave the node: secret values are redacted and lists without bound are cut to a count.
// Every answer about a container, an image or a process passes here, whichever runtime gave it. Works in place on a
// fresh parse.
import type { ContainerInspect, ContainerSummary, ImageInspect } from '../src/docker-api.ts';
import { type Process, type StoredImage, snapshotLimits } from '../src/minion-api.ts';
import { redactInspect, redactProcess } from '../src/redact.ts';

/** Lists and maps keep this many entries; the rest is counted. */
const longestList = 500;

export interface Outgoing {
  container(inspect: ContainerInspect): ContainerInspect;
  summaries(list: ContainerSummary[]): ContainerSummary[];
  processes(list: readonly Process[]): Process[];
  image(inspect: ImageInspect): ImageInspect;
  stored(image: StoredImage): StoredImage;
}

/** `keepValues` leaves the values of environment, arguments and labels in; lists are cut all the same. */
export function createOutgoing({ keepValues }: { readonly keepValues: boolean }): Outgoing {
  const redact = keepValues ? () => undefined : redactInspect;
  return {
    container(inspect) {
      countOnly(inspect);
      redact(inspect);
      return cut(inspect);
    },
    summaries(list) {
      for (const summary of list) {
        redact(summary);
        cut(summary);
      }
      return list;
    },
    processes: (list) => list.map((process) => cutCommand(keepValues ? process : redactProcess(process))),
    image(inspect) {
      redact(inspect);
      return cut(inspect);
    },
    stored(image) {
      redact(image);
      return cut(image);
    },
  };
}

type Fields = { [key: string]: unknown };

/** `ExecIDs` has been seen with 100,000 entries, and a health check's log holds what its command printed. */
function countOnly(inspect: ContainerInspect): void {
  const fields = inspect as unknown as Fields;
  replaceByCount(fields, 'ExecIDs');
  const health = (fields.State as Fields | undefined)?.Health;
  if (typeof health === 'object' && health !== null) replaceByCount(health as Fields, 'Log');
}

function replaceByCount(fields: Fields, key: string): void {
  const list = fields[key];
  if (Array.isArray(list) && list.length > 0) fields[key] = `omitted list of ${list.length} elements`;
}

/** Below each other, objects nest no deeper than this in any inspect; what does is nothing that a runtime says. */
const deepest = 16;

/** Runs over every answer: it allocates nothing where nothing is too long. */
function cut<T>(value: T, depth = 0): T {
  if (Array.isArray(value)) cutList(value, depth);
  else if (typeof value === 'object' && value !== null) cutMap(value as Fields, depth);
  return value;
}

function cutList(list: unknown[], depth: number): void {
  const more = list.length - longestList;
  if (more > 0) {
    list.length = longestList;
    list.push(typeof list[0] === 'string' ? `omitted ${more} more elements` : { omitted: `${more} more elements` });
  }
  for (let i = 0; i < list.length; i++) {
    const item = list[i];
    if (typeof item !== 'object' || item === null) continue;
    if (depth >= deepest) list[i] = null;
    else cut(item, depth + 1);
  }
}

function cutMap(fields: Fields, depth: number): void {
  let count = 0;
  for (const key in fields) {
    const value = fields[key];
    if (++count > longestList) delete fields[key];
    else if (typeof value !== 'object' || value === null) continue;
    else if (depth >= deepest) fields[key] = null;
    else cut(value, depth + 1);
  }
  if (count > longestList) fields.omitted = `${count - longestList} more entries`;
}

/** After the redaction: half a secret no longer looks like one. */
function cutCommand(process: Process): Process {
  const { command } = process;
  if (command === undefined || command.length <= snapshotLimits.command) return process;
  return { ...process, command: command.slice(0, snapshotLimits.command) };
}
