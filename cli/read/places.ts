// Locations of objects and fields in files, for findings shown next to the text.
import { isMap, isSeq, LineCounter, type Node, parseAllDocuments } from 'yaml';
import { isName, isRecord } from '../../src/fields.ts';
import { resourceId, typeOfReference } from '../../src/ids.ts';
import type { FilePlace } from '../print/sarif.ts';
import { type Text, textsOf } from './files.ts';

export interface Places {
  /** Of an object, or of the innermost existing part of `field`. */
  of(id: string, field?: string): FilePlace | undefined;
}

interface Standing {
  readonly path: string;
  readonly node: Node;
  readonly lines: LineCounter;
}

/** Larger files are not read again for locations. */
const largest = 8 << 20;

/** `namespace`: for objects without one. */
export async function placesIn(
  paths: readonly string[],
  input: AsyncIterable<Buffer>,
  namespace: string,
): Promise<Places> {
  const standings = new Map<string, Standing>();
  // Standard input was consumed already.
  const named = paths.filter((path) => path !== '-');
  if (named.length > 0)
    for await (const text of textsOf(named, input)) if (!('problem' in text)) note(text, namespace, standings);
  return {
    of(id, field) {
      const found = standings.get(id);
      return found && { path: found.path, line: lineOf(found, field) };
    },
  };
}

function note(
  { path, text }: Exclude<Text, { problem: unknown }>,
  namespace: string,
  into: Map<string, Standing>,
): void {
  if (text.length > largest) return;
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, logLevel: 'silent', prettyErrors: false });
  if (!Array.isArray(documents)) return;
  for (const document of documents)
    if (document.errors.length === 0 && document.contents)
      noteNode(document.contents as Node, { path, lines }, namespace, into);
}

function noteNode(node: Node, at: Omit<Standing, 'node'>, namespace: string, into: Map<string, Standing>): void {
  if (isSeq(node)) for (const item of node.items) noteNode(item as Node, at, namespace, into);
  if (!isMap(node)) return;
  const items = node.get('items', true);
  if (isSeq(items)) return noteNode(items, at, namespace, into);
  const id = idOf(node.toJSON() as unknown, namespace);
  for (const each of id) if (!into.has(each)) into.set(each, { ...at, node });
}

/** The scope of its kind is unknown here: returns the ids for both. */
function idOf(value: unknown, namespace: string): string[] {
  if (!isRecord(value) || !isName(value['kind']) || !isRecord(value['metadata']) || !isName(value['metadata']['name']))
    return [];
  const { name, namespace: own } = value['metadata'] as { readonly name: string; readonly namespace?: unknown };
  const apiVersion = isName(value['apiVersion']) ? value['apiVersion'] : undefined;
  const type = typeOfReference(apiVersion, value['kind']);
  return isName(own) ? [resourceId(type, name, own)] : [resourceId(type, name, namespace), resourceId(type, name)];
}

function lineOf({ node, lines }: Standing, field = ''): number {
  let at: Node = node;
  for (const step of field.match(/[^.[\]"]+/g) ?? []) {
    const next: unknown = isMap(at) || isSeq(at) ? at.get(isSeq(at) ? Number(step) : step, true) : undefined;
    if (typeof next !== 'object' || next === null || !('range' in next)) break;
    at = next as Node;
  }
  return lines.linePos(at.range?.[0] ?? 0).line;
}
