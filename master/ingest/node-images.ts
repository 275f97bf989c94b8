// Adds a runtime's report about a node's disk to the Node as property `runtime`. Either may arrive first and change alone.
import { resourceId } from '../../src/ids.ts';
import type { GraphReader, GraphWriter, Item } from '../graph/engine/engine.ts';
import { itemOf } from '../graph/replication/item-of-vertex.ts';
import type { OnNode } from '../sources/runtime/convert.ts';
import type { ItemMaker } from './item.ts';

export interface NodeImagesOptions {
  readonly graph: GraphReader;
  /** Writes to `graph`. */
  readonly writer: GraphWriter;
  readonly items: ItemMaker;
}

export class NodeImages {
  readonly #options: NodeImagesOptions;
  /** By node. */
  readonly #said = new Map<string, { readonly onNode: OnNode; readonly text: string }>();

  constructor(options: NodeImagesOptions) {
    this.#options = options;
  }

  /** Replaces a runtime's report; undefined if it is no longer queried. Call inside a transaction. */
  say(node: string, onNode: OnNode | undefined): void {
    const text = JSON.stringify(onNode);
    if (this.#said.get(node)?.text === text) return;
    if (onNode === undefined) this.#said.delete(node);
    else this.#said.set(node, { onNode, text });
    const { graph, writer, items } = this.#options;
    const vertex = graph.get(resourceId('Node', node));
    if (vertex?.present) writer.put(items.with(itemOf(graph, vertex), { runtime: onNode }));
  }

  /** The item of an API object, with the runtime's report if it is a Node. */
  laidOver(item: Item): Item {
    const said = item.type === 'Node' ? this.#said.get(item.name) : undefined;
    return said ? this.#options.items.with(item, { runtime: said.onNode }) : item;
  }

  /** Marks the Node of an unreachable runtime. */
  mark(node: string, stale: Parameters<GraphWriter['annotate']>[2]): void {
    if (stale !== undefined && !this.#said.has(node)) return;
    this.#options.writer.annotate(resourceId('Node', node), 'runtimeStale', stale);
  }
}
