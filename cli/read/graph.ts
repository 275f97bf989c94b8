// Makes a graph of files: their objects go into the same store, by the same sinks, as those that a master lists.
import { buildGraph, type Graph } from '../../master/build-graph.ts';
import { kinds } from '../../master/kinds/index.ts';
import { typeOfKind } from '../../master/kinds/lookup.ts';
import type { Logger } from '../../src/logger.ts';
import { failed, reasonOf } from '../failure.ts';
import { documentsOf } from './documents.ts';
import { type Text, textsOf } from './files.ts';
import { type Found, namespacesOf, sortOut } from './objects.ts';

export interface FilesOptions {
  readonly paths: readonly string[];
  /** Of objects that name none. */
  readonly namespace: string;
  readonly input: AsyncIterable<Buffer>;
  readonly version: string;
  readonly logger: Logger;
  /** Told, for a person, of what was left out. */
  readonly warn: (line: string) => void;
}

/** @throws Failure when a file cannot be read, or nothing in any of them is an object. */
export async function graphOfFiles(options: FilesOptions): Promise<Graph> {
  return graphOfDocuments(await documentsIn(options), options);
}

export interface Documents {
  readonly documents: readonly unknown[];
  /** When the youngest file was last written, in milliseconds. */
  readonly newest: number;
}

export async function graphOfDocuments({ documents, newest }: Documents, options: FilesOptions): Promise<Graph> {
  const { paths, warn } = options;
  const found = sortOut(documents, options.namespace);
  if (found.objects.size === 0)
    throw failed(
      `${paths.join(', ')}: no Kubernetes object is in it; -f takes manifests and what kubectl get -o json writes`,
    );
  if (found.skipped > 0) warn(`${found.skipped} documents are no named Kubernetes objects, and were left out`);
  return graphOf(found, newest, options);
}

/** @throws Failure when a file cannot be read. */
export async function documentsIn({ paths, input, warn }: FilesOptions): Promise<Documents> {
  const documents: unknown[] = [];
  let newest = 0;
  for await (const text of textsOf(paths, input)) {
    newest = Math.max(newest, text.modified);
    for (const document of parsed(text, warn)) documents.push(document);
  }
  return { documents, newest };
}

/** A folder holds templates and values beside its manifests: one that cannot be parsed costs itself. */
function parsed(text: Text, warn: FilesOptions['warn']): unknown[] {
  try {
    return [...documentsOf(text.text)];
  } catch (error) {
    const line = `${text.path} is neither JSON nor YAML: ${reasonOf(error)}`;
    if (!text.found) throw failed(line, error);
    warn(`left out: ${line}`);
    return [];
  }
}

async function graphOf(found: Found, newest: number, { version, logger }: FilesOptions): Promise<Graph> {
  // The same files give the same graph, timestamps included.
  const clock = () => Math.trunc(newest);
  const namespaces = namespacesOf(found);
  const graph = buildGraph({ clusterName: 'files', version, namespaces, keepValues: false, logger, clock });
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
