// Lays over a resource what agents saw it connect to, as its property `observedConnections`. Either may come first and change
// alone.
import type { Steps } from '../../src/steps.ts';
import type { GraphReader, GraphWriter, Item } from '../graph/engine/engine.ts';
import { itemOf } from '../graph/replication/item-of-vertex.ts';
import type { ItemMaker } from './item.ts';

export interface ObservedConnectionsOptions {
  readonly graph: GraphReader;
  /** Writes to `graph`. */
  readonly writer: GraphWriter;
  readonly items: ItemMaker;
}

/** What is written in one transaction. */
const slice = 50;

export class ObservedConnections {
  readonly #options: ObservedConnectionsOptions;
  readonly #said = new Map<string, { readonly connections: readonly object[]; readonly text: string }>();

  constructor(options: ObservedConnectionsOptions) {
    this.#options = options;
  }

  /** Replaces everything. Run it to its end before the next call. */
  *say(now: ReadonlyMap<string, readonly object[]>): Steps<void> {
    const changed: string[] = [];
    for (const id of [...this.#said.keys()]) {
      if (now.has(id)) continue;
      this.#said.delete(id);
      changed.push(id);
    }
    for (const [id, connections] of now) {
      const text = JSON.stringify(connections);
      if (this.#said.get(id)?.text === text) continue;
      this.#said.set(id, { connections, text });
      changed.push(id);
    }
    for (let at = 0; at < changed.length; at += slice) {
      yield;
      this.#options.writer.transact(() => changed.slice(at, at + slice).forEach((id) => this.#show(id)));
    }
  }

  /** The item with what was seen of it. */
  laidOver(item: Item): Item {
    const said = this.#said.get(item.id);
    return said ? this.#options.items.with(item, { observedConnections: said.connections }) : item;
  }

  #show(id: string): void {
    const { graph, writer, items } = this.#options;
    const vertex = graph.get(id);
    if (!vertex?.present) return;
    const connections = this.#said.get(id)?.connections;
    writer.put(items.with(itemOf(graph, vertex), { observedConnections: connections }));
  }
}
