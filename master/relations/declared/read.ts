// Parses declarations from YAML or JSON. An invalid one is skipped and reported with its place.
import type { Node, YAMLMap } from 'yaml';
import { yaml } from '../../../src/yaml.ts';
import { ruleOf } from './compile.ts';
import { freeName } from './compile-all.ts';
import type { Declaration } from './declaration.ts';
import { faultIn } from './fault.ts';
import { nameOfRule } from './words.ts';

export interface RuleFault {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly message: string;
}

export interface ReadRules {
  /** With their names. */
  readonly declarations: readonly Declaration[];
  readonly faults: readonly RuleFault[];
}

export interface RuleText {
  readonly file: string;
  readonly text: string;
}

/** Maximum rules per set. */
const mostRules = 2000;

/** `taken`: names of other rules. */
export function readRules(texts: readonly RuleText[], taken: Iterable<string>): ReadRules {
  const names = new Set(taken);
  const declarations: Declaration[] = [];
  const faults: RuleFault[] = [];
  for (const text of texts) {
    for (const read of declarationsIn(text)) {
      if ('message' in read) faults.push(read);
      else if (declarations.length >= mostRules) faults.push({ ...read.at, message: `more than ${mostRules} rules` });
      else take(read, names, declarations, faults);
    }
  }
  return { declarations, faults };
}

interface Found {
  readonly value: unknown;
  readonly at: { readonly file: string; readonly line: number };
  /** The line of one of its keys. */
  lineOf(key: string): number;
}

function take(
  { value, at, lineOf }: Found,
  names: Set<string>,
  declarations: Declaration[],
  faults: RuleFault[],
): void {
  const fault = faultIn(value);
  if (fault) return void faults.push({ file: at.file, line: lineOf(fault.key), message: fault.message });
  const said = value as Declaration;
  if (said.rule !== undefined && names.has(said.rule))
    return void faults.push({
      file: at.file,
      line: lineOf('rule'),
      message: `rule: another rule is called ${said.rule}`,
    });
  const declaration = { ...said, rule: said.rule ?? freeName(nameOfRule(said), names) };
  try {
    ruleOf(declaration);
  } catch (error) {
    return void faults.push({ ...at, message: (error as Error).message });
  }
  names.add(declaration.rule);
  declarations.push(declaration);
}

function* declarationsIn({ file, text }: RuleText): Generator<Found | RuleFault> {
  const { isMap, isScalar, isSeq, LineCounter, parseAllDocuments } = yaml();
  const counter = new LineCounter();
  const lineAt = (offset: number) => counter.linePos(offset).line;
  const documents = parseAllDocuments(text, { lineCounter: counter, logLevel: 'silent', prettyErrors: false });
  if (!Array.isArray(documents)) return;
  for (const { contents, errors } of documents) {
    const [error] = errors;
    if (error) {
      yield { file, line: lineAt(error.pos[0]), message: `neither YAML nor JSON: ${error.message}` };
      continue;
    }
    if (contents === null || (isScalar(contents) && contents.value === null)) continue;
    const list = isMap(contents) ? (contents.get('rules', true) as unknown) : contents;
    // The file may contain only findings.
    if (list === undefined && isMap(contents) && contents.has('findings')) continue;
    if (!isSeq(list)) {
      yield {
        file,
        line: lineAt(contents.range[0]),
        message: 'no list of rules: write "- from: …", or "rules:" with a list below it',
      };
      continue;
    }
    for (const item of list.items) yield foundIn(item as Node, file, lineAt);
  }
}

function foundIn(item: Node, file: string, lineAt: (offset: number) => number): Found | RuleFault {
  const line = lineAt(item.range?.[0] ?? 0);
  let value: unknown;
  try {
    value = item.toJSON() as unknown;
  } catch (error) {
    return { file, line, message: (error as Error).message };
  }
  return { value, at: { file, line }, lineOf: (key) => lineOfKey(item, key, lineAt) ?? line };
}

function lineOfKey(item: Node, key: string, lineAt: (offset: number) => number): number | undefined {
  const { isMap, isPair, isScalar } = yaml();
  if (!isMap(item)) return undefined;
  const pair = (item as YAMLMap).items.find((each) => isPair(each) && isScalar(each.key) && each.key.value === key);
  const node = pair?.key as Node | undefined;
  return node?.range ? lineAt(node.range[0]) : undefined;
}
