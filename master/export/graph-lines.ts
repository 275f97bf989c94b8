// The graph as lines of JSON, as a master answers them: resources, then relations, then one line about the whole. Bytes pass
// through; of each line only its beginning is looked at.
import { fieldsOf, isRecord } from '../../src/fields.ts';
import type { Choice } from './choice.ts';
import { SendFailure } from './failure.ts';
import { type GraphFilter, isBare, typeName } from './graph-filter.ts';
import type { GraphSource } from './graph-source.ts';
import type { TypeOutcome, TypeState } from './manifest.ts';
import type { Item } from './pages.ts';

/** What the last line says. */
export interface Whole {
  readonly revision: number;
  /** Of the process that answered: what `Last-Event-ID` begins with. */
  readonly epoch: string;
}

export interface Lines extends AsyncIterable<Item> {
  /** Known at the end. */
  whole(): Whole;
  /** Sent so far. */
  readonly counts: { resources: number; relations: number; readonly byType: Map<string, number> };
}

const resourceHead = /^\{"id":("(?:[^"\\]|\\.)*"),"type":("(?:[^"\\]|\\.)*")/;
const relationHead =
  /^\{"type":"(?:[^"\\]|\\.)*","timestamp":"[^"]*","source":("(?:[^"\\]|\\.)*"),"target":("(?:[^"\\]|\\.)*")/;
const marks = ['"missing":true', '"unverified":true'];
/** Ids are shorter by far. */
const headBytes = 8192;

/** @throws SendFailure where the answer is none, or ends before its last line. */
export async function graphLines(source: GraphSource, filter: GraphFilter): Promise<Lines> {
  const answer = await source.ask('/cluster?format=ndjson');
  if (answer.status !== 200) throw await notAnswered(answer);
  const epoch = /^"?(?:W\/)?"?(.+)-\d+"?$/.exec(String(answer.headers['etag'] ?? ''))?.[1] ?? '';
  const counts = { resources: 0, relations: 0, byType: new Map<string, number>() };
  let whole: Whole | undefined;

  async function* items(): AsyncGenerator<Item> {
    for await (const line of linesOf(answer.body)) {
      if (line.subarray(0, 10).toString() === '{"success"') {
        const { success, revision } = JSON.parse(line.toString()) as { success: boolean; revision: number };
        if (success) whole = { revision, epoch };
        continue;
      }
      const item = itemOf(line, filter, counts);
      if (item !== undefined) yield item;
    }
    if (whole === undefined) throw new SendFailure('unreachable', 'the graph ended before its last line');
  }

  return {
    [Symbol.asyncIterator]: items,
    counts,
    whole: () => {
      if (whole === undefined) throw new Error('the graph was not read to its end');
      return whole;
    },
  };
}

async function notAnswered({ status, body }: { readonly status: number; readonly body: AsyncIterable<Buffer> }) {
  let text = '';
  for await (const chunk of body) {
    text += chunk.toString();
    if (text.length > 2000) break;
  }
  const said = /"error_message":"((?:[^"\\]|\\.)*)"/.exec(text)?.[1];
  return new SendFailure(
    status === 401 || status === 403 ? 'unauthorized' : 'unreachable',
    `the graph was answered with status ${status}${said ? `: ${said}` : ''}`,
  );
}

function itemOf(line: Buffer, filter: GraphFilter, counts: Lines['counts']): Item | undefined {
  const head = line.toString('utf8', 0, headBytes);
  const resource = resourceHead.exec(head);
  if (resource !== null) {
    const [id, type] = [JSON.parse(resource[1] ?? '""') as string, JSON.parse(resource[2] ?? '""') as string];
    // Almost no line is: only one that might be is parsed.
    const bare = () => marks.some((mark) => line.includes(mark)) && isBare(JSON.parse(line.toString()));
    if (!filter.resource(id, type, bare)) return undefined;
    counts.resources++;
    if (!bare()) counts.byType.set(type, (counts.byType.get(type) ?? 0) + 1);
    return { id, bytes: line };
  }
  const relation = relationHead.exec(head);
  if (relation === null)
    throw new SendFailure('unreachable', 'the graph has a line that is neither a resource nor a relation');
  const [source, target] = [JSON.parse(relation[1] ?? '""') as string, JSON.parse(relation[2] ?? '""') as string];
  if (!filter.relation(source, target)) return undefined;
  counts.relations++;
  return { id: `${source} to ${target}`, bytes: line };
}

/** Lines that are not empty. */
export async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest: Buffer[] = [];
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      const part = chunk.subarray(start, end);
      const line = rest.length === 0 ? part : Buffer.concat([...rest, part]);
      if (line.length > 0) yield line;
      rest = [];
      start = end + 1;
    }
    if (start < chunk.length) rest.push(chunk.subarray(start));
  }
  if (rest.length > 0) yield Buffer.concat(rest);
}

/** How the types of a graph stand, by `group/resource`. */
export interface Standing {
  readonly types: ReadonlyMap<
    string,
    { readonly name: string; readonly state: TypeState; readonly reason: string | undefined }
  >;
  readonly unknown: { readonly [group: string]: string };
}

const states: { readonly [state: string]: TypeState } = {
  synced: 'complete',
  polled: 'complete',
  partly: 'failed',
  forbidden: 'forbidden',
  stale: 'failed',
  syncing: 'failed',
  unknown: 'failed',
};

/** @throws SendFailure */
export async function standingOf(
  source: GraphSource,
  names: ReadonlyMap<string, string>,
  choice: Choice,
): Promise<Standing> {
  const answer = await source.ask('/cluster/completeness');
  if (answer.status !== 200) throw await notAnswered(answer);
  const parts: Buffer[] = [];
  for await (const part of answer.body) parts.push(part);
  const said = fieldsOf(JSON.parse(Buffer.concat(parts).toString()));
  const completeness = fieldsOf(said?.['completeness']) ?? said ?? {};
  const types = new Map<string, { name: string; state: TypeState; reason: string | undefined }>();
  for (const [type, each] of Object.entries(fieldsOf(completeness['kinds']) ?? {})) {
    const name = typeName(type, names);
    const state = isRecord(each) ? states[String(each['state'])] : undefined;
    if (name === undefined || state === undefined || !isChosen(name, choice)) continue;
    const reason = isRecord(each) && typeof each['reason'] === 'string' ? each['reason'] : undefined;
    types.set(type, { name, state, reason });
  }
  const groups = Object.entries(fieldsOf(completeness['groups']) ?? {}).filter(
    ([name, each]) => isRecord(each) && each['state'] !== 'synced' && choice.group(name.split('/').at(-2) ?? ''),
  );
  return {
    types,
    unknown: Object.fromEntries(groups.map(([name, each]) => [name, String(fieldsOf(each)?.['reason'] ?? '')])),
  };
}

function isChosen(name: string, choice: Choice): boolean {
  const [group = '', resource = ''] = name.split('/');
  return choice.type(group === 'core' ? '' : group, resource);
}

/** What is said of types in the manifest. */
export function outcomesOf({ types }: Standing, byType: ReadonlyMap<string, number>): { [type: string]: TypeOutcome } {
  const all = [...types].map(([type, { name, state, reason }]) => {
    const objects = state === 'complete' ? (byType.get(type) ?? 0) : 0;
    return [name, { state, objects, ...(state === 'complete' || reason === undefined ? {} : { reason }) }] as const;
  });
  return Object.fromEntries(all.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
