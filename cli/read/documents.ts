// Splits a text into the documents it holds: JSON (one value, or several after one another, as `kubectl cluster-info dump`
// and `jq` write them) or YAML. Bounded against input that is made to hurt: aliases that multiply, depth without end.
import { parseDocument } from 'yaml';
import { isRecord } from '../../src/fields.ts';

/** Aliases of one YAML document may stand for this many nodes; the `yaml` package counts what they multiply to. */
const mostAliases = 100;
/** The deepest objects of the API, schemas of custom resources, stay far below. */
const deepest = 200;

/**
 * Each document as a fresh value that nobody else holds.
 * @throws Error in one line, with the place where that is known.
 */
export function* documentsOf(text: string): Generator<unknown> {
  const plain = withoutLogs(text.startsWith('\uFEFF') ? text.slice(1) : text);
  const first = /\S/.exec(plain)?.[0];
  if (first === undefined) return;
  for (const value of first === '{' || first === '[' ? jsonValues(plain) : yamlValues(plain)) {
    if (isTooDeep(value)) throw new Error(`an object is nested more than ${deepest} levels deep`);
    yield value;
  }
}

/** `kubectl cluster-info dump` writes the logs of containers between the objects. */
function withoutLogs(text: string): string {
  if (!text.includes('==== START logs for container ')) return text;
  let inLog = false;
  const kept: string[] = [];
  for (const line of text.split('\n')) {
    if (line.startsWith('==== START logs for container ')) inLog = true;
    if (!inLog) kept.push(line);
    if (line.startsWith('==== END logs for container ')) inLog = false;
  }
  return kept.join('\n');
}

function* jsonValues(text: string): Generator<unknown> {
  let whole: unknown;
  try {
    whole = JSON.parse(text);
  } catch (error) {
    yield* valuesOneByOne(text, error as Error);
    return;
  }
  yield whole;
}

/** A flow mapping of YAML begins like JSON, so YAML has the last word on what is neither one value nor several. */
function* valuesOneByOne(text: string, problem: Error): Generator<unknown> {
  const pieces = splitJson(text);
  if (pieces === undefined || pieces.length < 2) {
    if (text.length > mostYamlFlow) throw problem;
    try {
      yield* [...yamlValues(text)];
      return;
    } catch {
      throw problem;
    }
  }
  for (const piece of pieces) yield JSON.parse(piece) as unknown;
}

const mostYamlFlow = 1 << 20;

/** The texts of the objects and arrays that stand after one another; undefined where something else stands between them. */
export function splitJson(text: string): string[] | undefined {
  const pieces: string[] = [];
  let depth = 0;
  let from = 0;
  const marks = /"(?:[^"\\]|\\.)*"|[{}[\]]|[^\s"{}[\]]/gs;
  for (let match = marks.exec(text); match !== null; match = marks.exec(text)) {
    const [mark] = match;
    if (mark === '{' || mark === '[') {
      if (depth++ === 0) from = match.index;
    } else if (mark === '}' || mark === ']') {
      if (--depth < 0) return undefined;
      if (depth === 0) pieces.push(text.slice(from, marks.lastIndex));
    } else if (depth === 0 && mark !== ',') return undefined;
  }
  return depth === 0 ? pieces : undefined;
}

function* yamlValues(text: string): Generator<unknown> {
  for (const piece of yamlPieces(text)) {
    const value = yamlValue(piece);
    if (value !== null && value !== undefined) yield value;
  }
}

/** At the beginning of a line, `---` ends a document wherever it stands. */
function yamlPieces(text: string): string[] {
  return text.split(/^---(?=\s|$)/m).flatMap(itemsApart);
}

/**
 * A List as kubectl writes it, as a document for each item: the parser keeps a tree of the whole of what it is given, many
 * times the size of the text.
 */
function itemsApart(text: string): string[] {
  const head = /^\s*apiVersion: \S+\nitems:\n(?=- )/.exec(text)?.[0];
  const tail = head === undefined ? -1 : text.search(/^kind: \w*List$/m);
  if (head === undefined || tail < 0 || /^\s*(?:- )?\S+:\s+[&*]/m.test(text)) return [text];
  const kind = /^kind: (\w+)$/m.exec(text.slice(tail))?.[1] ?? 'List';
  const version = /apiVersion: (\S+)/.exec(head)?.[1] ?? 'v1';
  const items = text.slice(head.length, tail).split(/^(?=- )/m);
  return items.map((item) => `apiVersion: ${version}\nkind: ${kind}\nitems:\n${item}`);
}

function yamlValue(text: string): unknown {
  const document = parseDocument(text, { logLevel: 'silent', prettyErrors: true, uniqueKeys: true });
  const [problem] = document.errors;
  if (problem) throw new Error(reasonOf(problem.message));
  const value: unknown = document.toJS({ maxAliasCount: mostAliases });
  // What an alias stands for would be one object in several places, or hold itself.
  return text.includes('*') ? (JSON.parse(JSON.stringify(value ?? null)) as unknown) : value;
}

/** The parser calls itself for each level, and says where its stack ended. */
function reasonOf(message: string): string {
  if (message.includes('call stack')) return `something is nested far more than ${deepest} levels deep`;
  return message.split('\n')[0]?.replace(/:$/, '') ?? '';
}

/** Level by level: a walk that calls itself would be what it guards against. */
function isTooDeep(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > deepest) return true;
    const below: unknown[] = [];
    for (const each of level) {
      if (Array.isArray(each)) for (const item of each) below.push(item);
      else if (isRecord(each)) for (const key in each) below.push(each[key]);
    }
    level = below.filter((each) => typeof each === 'object' && each !== null);
  }
  return false;
}
