// Builds a graph from files: objects go through the same store and sinks as those listed by a master.
import { buildGraph, type Graph } from '../../master/build-graph.ts';
import { kinds } from '../../master/kinds/index.ts';
import { typeOfKind } from '../../master/kinds/lookup.ts';
import type { Declaration } from '../../master/relations/declared/declaration.ts';
import type { Logger } from '../../src/logger.ts';
import { failed } from '../failure.ts';
import type { GraphAnswer } from '../forms.ts';
import { documentsOf, type Read, templateWords } from './documents.ts';
import { formOfDrawing, graphOfDrawing } from './drawing.ts';
import { type Text, textsOf } from './files.ts';
import { LeftOut } from './left-out.ts';
import { type Document, type Found, namespacesOf, sortOut } from './objects.ts';

export interface FilesOptions {
  readonly paths: readonly string[];
  /** For objects without one. */
  readonly namespace: string;
  readonly input: AsyncIterable<Buffer>;
  readonly version: string;
  /** User-defined rules with their names. */
  readonly declarations?: readonly Declaration[];
  readonly logger: Logger;
  /** Receives a message for each omission. */
  readonly warn: (line: string) => void;
}

export interface Documents {
  readonly documents: readonly Document[];
  readonly drawings: readonly GraphAnswer[];
  /** Modification time of the newest file, in milliseconds. */
  readonly newest: number;
  readonly leftOut: LeftOut;
}

/** @throws Failure if there is no object at all. */
export async function graphOfDocuments(read: Documents, options: FilesOptions): Promise<Graph> {
  const { paths, warn } = options;
  const found = sortOut(read.documents, options.namespace, read.leftOut);
  const lines = read.leftOut.lines();
  if (found.objects.size === 0)
    throw failed(
      `${paths.join(', ')}: no Kubernetes object is in it; -f takes manifests, what kubectl get -o json writes, and saved answers and drawings of a graph${lines[0] ? `; ${lines[0]}` : ''}`,
    );
  for (const line of lines) warn(line);
  return graphOf(found, read.newest, options);
}

/** @throws Failure if a given file is unreadable or empty. */
export async function documentsIn({ paths, input }: FilesOptions): Promise<Documents> {
  const documents: Document[] = [];
  const drawings: GraphAnswer[] = [];
  const leftOut = new LeftOut();
  let newest = 0;
  for await (const text of textsOf(paths, input)) {
    if ('problem' in text) leftOut.say(`left out: ${text.path}: ${text.problem}`);
    else {
      newest = Math.max(newest, text.modified);
      const form = formOfDrawing(text.text);
      if (form) drawings.push(await graphOfDrawing(text.text, form, text.path));
      else for (const document of parsed(text, leftOut)) documents.push(document);
    }
  }
  return { documents, drawings, newest, leftOut };
}

/** Skips an unreadable document, but fails if a given file has nothing else. */
function parsed({ path, text, found }: Text, leftOut: LeftOut): Document[] {
  if (text.includes('\uFFFD')) leftOut.say(`${path}: some of it is not UTF-8, and is shown as \uFFFD`);
  const read = [...documentsOf(text)];
  const documents = read.flatMap((each) => ('problem' in each ? [] : [{ value: each.value, path, line: each.line }]));
  const [bad] = read.flatMap((each) => ('problem' in each ? [each] : []));
  if (!found && bad && documents.length === 0)
    throw failed(`${path}:${bad.line}: it is neither JSON nor YAML: ${bad.problem}`);
  for (const each of read) tell(each, path, leftOut);
  return documents;
}

function tell(read: Read, path: string, leftOut: LeftOut): void {
  if ('value' in read) for (const { line, words } of read.warnings ?? []) leftOut.say(`${path}:${line}: ${words}`);
  else if (read.problem === templateWords) leftOut.add(templateWords, `${path}:${read.line}`);
  else leftOut.say(`left out: ${path}:${read.line}: it is neither JSON nor YAML: ${read.problem}`);
}

async function graphOf(found: Found, newest: number, { version, logger, declarations }: FilesOptions): Promise<Graph> {
  // The same files give the same graph, timestamps included.
  const clock = () => Math.trunc(newest);
  const namespaces = namespacesOf(found);
  const about = { clusterName: 'files', version, namespaces, keepValues: false, logger, clock };
  const graph = buildGraph({ ...about, declarations });
  for (const [type, kind] of found.kinds) {
    graph.names.add(kind);
    const sink = graph.store.sinkOf(kind);
    const list = sink.list();
    await list.page([...(found.objects.get(type) ?? [])]);
    await list.commit('');
    sink.state('synced');
  }
  for (const kind of kinds) {
    if (!found.kinds.has(typeOfKind(kind))) graph.store.sinkOf(kind).state('excluded', 'not among the files given');
  }
  return graph;
}
