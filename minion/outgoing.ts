// What may leave the node of a runtime's answer: secrets are redacted and unbounded lists become counts. Every answer about
// a container, image or process passes here, from any runtime. Works in place on a fresh parse.
import type { ContainerInspect, ContainerSummary, ImageInspect } from '../src/docker-api.ts';
import { type Process, type StoredImage, snapshotLimits } from '../src/minion-api.ts';
import { redactInspect, redactProcess } from '../src/redact.ts';

/** Maximum entries of lists and maps; the rest is counted. */
const longestList = 500;

export interface Outgoing {
  container(inspect: ContainerInspect): ContainerInspect;
  summaries(list: ContainerSummary[]): ContainerSummary[];
  processes(list: readonly Process[]): Process[];
  image(inspect: ImageInspect): ImageInspect;
  stored(image: StoredImage): StoredImage;
}

/** `keepValues` keeps environment, arguments and labels; lists are cut anyway. */
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

/** `ExecIDs` with 100,000 entries has been seen, and a health check's log contains its command's output. */
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

/** Deeper nesting than in any real inspect is dropped. */
const deepest = 16;

/** Runs on every answer: allocates nothing if nothing is too long. */
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

/** After redaction: half a secret does not look like one. */
function cutCommand(process: Process): Process {
  const { command } = process;
  if (command === undefined || command.length <= snapshotLimits.command) return process;
  return { ...process, command: command.slice(0, snapshotLimits.command) };
}
