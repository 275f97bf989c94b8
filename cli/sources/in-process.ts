// A graph in this process, queried through a master's routes without a listening socket.
import { Registry } from 'prom-client';
import { createApp } from '../../master/app.ts';
import type { FindingBook } from '../../master/findings/book.ts';
import type { GraphReader } from '../../master/graph/contract.ts';
import type { TypeNames } from '../../master/type-names.ts';
import { silentLogger } from '../../src/logger.ts';
import type { Source } from './source.ts';

export interface InProcessOptions {
  readonly name: string;
  readonly namespace: string | undefined;
  readonly version: string;
  readonly graph: { readonly engine: GraphReader; readonly names: TypeNames };
  /** False if it never changes. */
  readonly watched?: boolean;
  /** The rules for findings. */
  readonly findingBook?: FindingBook | undefined;
}

export function sourceOfGraph({ name, namespace, version, graph, watched, findingBook }: InProcessOptions): Source {
  const app = createApp({
    graph: graph.engine,
    typesNamed: graph.names.meant,
    live: [],
    ready: [],
    metrics: new Registry(),
    build: { version },
    epoch: 'here',
    ...(watched === undefined ? {} : { watched }),
    findingBook,
    server: { logger: silentLogger },
  });
  return {
    name,
    namespace,
    names: graph.names,
    async ask(path) {
      const answer = await app.inject({ method: 'GET', url: path, payloadAsStream: true });
      return { status: answer.statusCode, body: answer.stream() };
    },
    async post(path, body, headers, signal) {
      const answer = await app.inject({
        method: 'POST',
        url: path,
        payload: body,
        headers,
        payloadAsStream: true,
        signal,
      });
      return { status: answer.statusCode, body: answer.stream() };
    },
    close: () => app.close(),
  };
}
