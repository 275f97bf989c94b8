// Splits a text into documents: JSON (one or several values, as from `kubectl cluster-info dump` and `jq`) or YAML, parsed
// like kubectl does. An unreadable document is reported with its line; the others are kept.
import { parseAllDocuments } from 'yaml';
import { isRecord } from '../../src/fields.ts';
import { equalKeysInJson } from './json-keys.ts';
import { deepest, valueOfYaml, YamlProblem } from './yaml-values.ts';

/** A document, or its error. Lines count from 1. */
export type Read =
  | { readonly line: number; readonly value: unknown; readonly warnings?: readonly Told[] }
  | { readonly line: number; readonly problem: string };

interface Told {
  readonly line: number;
  readonly words: string;
}

/** A part of a text and its first line. */
interface Piece {
  readonly text: string;
  readonly line: number;
}

/** Each document as a fresh value; empty ones are skipped. */
export function* documentsOf(text: string): Generator<Read> {
  const plain = withoutLogs(text);
  // Helm templates start with two braces, and only YAML separates documents with dashes.
  const isJson = /^\s*(?:\{(?!\{)|\[)/.test(plain) && !/^---/m.test(plain);
  for (const read of isJson ? jsonValues(plain) : yamlValues(plain)) {
    if ('value' in read && isTooDeep(read.value))
      yield { line: read.line, problem: `an object is nested more than ${deepest} levels deep` };
    else yield read;
  }
}

/** `kubectl cluster-info dump` mixes container logs with objects. Their lines are blanked, to keep line numbers. */
function withoutLogs(text: string): string {
  if (!text.includes('==== START logs for container ')) return text;
  let inLog = false;
  const kept: string[] = [];
  for (const line of text.split('\n')) {
    if (line.startsWith('==== START logs for container ')) inLog = true;
    kept.push(inLog ? '' : line);
    if (line.startsWith('==== END logs for container ')) inLog = false;
  }
  return kept.join('\n');
}

function* jsonValues(text: string): Generator<Read> {
  let whole: unknown;
  try {
    whole = JSON.parse(text);
  } catch (error) {
    yield* valuesOneByOne(text, error as Error);
    return;
  }
  yield withWarnings(text, lineAt(text, text.search(/\S/)), 1, whole);
}

/** A YAML flow mapping starts like JSON, so other text is tried as YAML. */
function* valuesOneByOne(text: string, problem: Error): Generator<Read> {
  const { pieces, rest } = splitJson(text);
  const isStream = pieces.length > 1 || (pieces.length === 1 && rest !== undefined);
  const asYaml = isStream && pieces.every(isJson) ? undefined : flowOf(text);
  if (asYaml) return yield* asYaml;
  let line = 1;
  let from = 0;
  for (const piece of pieces) {
    line += newlines(text, from, piece.at);
    from = piece.at;
    yield jsonValue(piece.text, line);
  }
  if (rest !== undefined || pieces.length === 0)
    yield {
      line: lineAt(text, rest ?? 0),
      problem: reasonOf(rest === undefined || rest === 0 ? problem.message : restWords),
    };
}

const restWords = 'what follows is not whole JSON: is it cut off?';

function isJson({ text }: { readonly text: string }): boolean {
  return !('problem' in jsonValue(text, 1));
}

function jsonValue(text: string, line: number): Read {
  try {
    return withWarnings(text, line, line, JSON.parse(text) as unknown);
  } catch (error) {
    return { line, problem: reasonOf((error as Error).message) };
  }
}

/** Longer texts are generated and have no duplicate keys. */
const mostChecked = 1 << 20;

/** `first`: line of the start of the text. */
function withWarnings(text: string, line: number, first: number, value: unknown): Read {
  const equal = text.length > mostChecked ? [] : equalKeysInJson(text);
  if (equal.length === 0) return { line, value };
  return {
    line,
    value,
    warnings: equal.map(({ key, offset }) => ({ line: first + newlines(text, 0, offset), words: twice(key) })),
  };
}

function twice(key: string): string {
  return `the key ${JSON.stringify(key)} is given twice, and the last one counts`;
}

/** Longer texts of this form are broken JSON. */
const mostYamlFlow = 1 << 20;

function flowOf(text: string): Read[] | undefined {
  if (text.length > mostYamlFlow) return undefined;
  const read = [...yamlValues(text)];
  return read.some((each) => 'problem' in each) ? undefined : read;
}

/** Splits concatenated objects and arrays, and finds the position of the first other text. */
export function splitJson(text: string): { pieces: { text: string; at: number }[]; rest: number | undefined } {
  const pieces: { text: string; at: number }[] = [];
  let depth = 0;
  let from = 0;
  const marks = /"(?:[^"\\]|\\.)*"|[{}[\]]|[^\s"{}[\]]|"/gs;
  for (let match = marks.exec(text); match !== null; match = marks.exec(text)) {
    const [mark] = match;
    if (mark === '{' || mark === '[') {
      if (depth++ === 0) from = match.index;
    } else if (mark === '}' || mark === ']') {
      if (--depth < 0) return { pieces, rest: match.index };
      if (depth === 0) pieces.push({ text: text.slice(from, marks.lastIndex), at: from });
    } else if (depth === 0 && mark !== ',') return { pieces, rest: match.index };
  }
  return { pieces, rest: depth === 0 ? undefined : from };
}

function* yamlValues(text: string): Generator<Read> {
  for (const piece of yamlPieces(text)) yield* yamlValuesOf(piece);
}

/** At the start of a line `---` always ends a document. */
function* yamlPieces(text: string): Generator<Piece> {
  let line = 1;
  let directives = '';
  for (const between of text.split(/^---(?=\s|$)/m)) {
    const { body, handles } = withoutDirectives(between);
    const begin = directives === '' ? '' : `${directives}---`;
    yield* itemsApart({ text: begin + body, line: line - newlines(begin) });
    directives = handles;
    line += newlines(between);
  }
}

/**
 * Directives precede the `---` of their document, so they end the previous piece. Their version is ignored: kubectl parses
 * all documents alike.
 */
function withoutDirectives(text: string): { body: string; handles: string } {
  if (!/^%/m.test(text)) return { body: text, handles: '' };
  const lines = text.split('\n');
  let at = lines.length;
  while (at > 0 && /^(?:%.*|\s*(?:#.*)?)$/.test(lines[at - 1] ?? '')) at--;
  if (at > 0 && !/^\.\.\.(?:\s|$)/.test(lines[at - 1] ?? '')) return { body: text, handles: '' };
  const handles = lines.slice(at).filter((line) => line.startsWith('%TAG'));
  return { body: lines.slice(0, at).join('\n'), handles: handles.map((line) => `${line}\n`).join('') };
}

/**
 * Splits a List as printed by kubectl into one document per item: the parser's tree takes many times the size of its text.
 */
function* itemsApart(piece: Piece): Generator<Piece> {
  const { text, line } = piece;
  const head = /^\s*apiVersion: \S+\nitems:\n(?=- )/.exec(text)?.[0];
  const tail = head === undefined ? -1 : text.search(/^kind: \w*List$/m);
  if (head === undefined || tail < 0 || /^\s*(?:- )?\S+:\s+[&*]/m.test(text)) return void (yield piece);
  const kind = /^kind: (\w+)$/m.exec(text.slice(tail))?.[1] ?? 'List';
  const version = /apiVersion: (\S+)/.exec(head)?.[1] ?? 'v1';
  const before = `apiVersion: ${version}\nkind: ${kind}\nitems:\n`;
  let at = line + newlines(head);
  for (const item of text.slice(head.length, tail).split(/^(?=- )/m)) {
    yield { text: before + item, line: at - newlines(before) };
    at += newlines(item);
  }
}

function* yamlValuesOf({ text, line }: Piece): Generator<Read> {
  const start = text.search(/\S/);
  if (start < 0) return;
  const at = (offset: number) => line + newlines(text, 0, offset);
  if (text[start] === '{' && !text.includes('#')) {
    const json = jsonValue(text, at(start));
    if ('value' in json) return void (yield json);
  }
  yield* parsedYaml(text, at);
}

/** We resolve tags ourselves, like kubectl. */
const options = {
  schema: 'failsafe',
  resolveKnownTags: false,
  logLevel: 'silent',
  prettyErrors: false,
  uniqueKeys: false,
} as const;

function* parsedYaml(text: string, at: (offset: number) => number): Generator<Read> {
  const documents = parseAllDocuments(text, options);
  if (!Array.isArray(documents)) return;
  for (const document of documents) {
    const line = at(document.contents?.range[0] ?? document.range[0]);
    const [error] = document.errors;
    if (error)
      yield { line: at(Math.min(error.pos[0], text.trimEnd().length)), problem: yamlReason(error.message, text) };
    else yield valueOr(line, at, () => valueOfYaml(document), text);
  }
}

function valueOr(
  line: number,
  at: (offset: number) => number,
  read: () => ReturnType<typeof valueOfYaml>,
  text: string,
): Read {
  try {
    const { value, equalKeys } = read();
    const warnings = equalKeys.map(({ key, offset }) => ({
      line: at(offset),
      words: twice(key),
    }));
    return warnings.length > 0 ? { line, value, warnings } : { line, value };
  } catch (error) {
    const offset = error instanceof YamlProblem ? error.offset : 0;
    return { line: at(offset), problem: yamlReason((error as Error).message, text) };
  }
}

/** The parser is recursive and reports where its stack overflowed. */
function yamlReason(message: string, text: string): string {
  if (message.includes('call stack')) return `something is nested far more than ${deepest} levels deep`;
  return /\{\{.*\}\}/.test(text) ? templateWords : reasonOf(message);
}

export const templateWords = 'it looks like a Helm template: pipe the output of helm template in';

function reasonOf(message: string): string {
  return message.split('\n')[0]?.replace(/:$/, '') ?? '';
}

function newlines(text: string, from = 0, to = text.length): number {
  let count = 0;
  for (let i = text.indexOf('\n', from); i >= 0 && i < to; i = text.indexOf('\n', i + 1)) count++;
  return count;
}

function lineAt(text: string, offset: number): number {
  return 1 + newlines(text, 0, offset);
}

/** Iterative: recursion would overflow on exactly these values. */
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
