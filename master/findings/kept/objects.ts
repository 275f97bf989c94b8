// Parsed objects, shared by all rules: rules on neighbouring resources read the same ones.
import { isRecord } from '../../../src/fields.ts';
import type { GraphReader } from '../../graph/contract.ts';
import type { Version, Vertex } from '../../graph/model/vertex.ts';
import type { ObjectFields } from '../finding-rule.ts';

/**
 * Number of cached objects. Few suffice, because neighbours are examined one after another. Longer-lived objects would leave the
 * young generation: they were half of what was promoted under constant change.
 */
const most = 64;
const nothing: ObjectFields = {};
const noText = Buffer.alloc(0);

interface Read {
  readonly version: Version | undefined;
  readonly object: ObjectFields;
}

export class Objects {
  readonly #graph: GraphReader;
  readonly #read = new Map<Vertex, Read>();

  constructor(graph: GraphReader) {
    this.#graph = graph;
  }

  /** Must not be modified. Empty if there is none. */
  of(vertex: Vertex): ObjectFields {
    const known = this.#read.get(vertex);
    if (known && known.version === vertex.version) return known.object;
    const read: unknown = JSON.parse(this.#graph.propertiesOf(vertex));
    const object = isRecord(read) ? read : nothing;
    if (this.#read.size >= most) this.#read.clear();
    this.#read.set(vertex, { version: vertex.version, object });
    return object;
  }

  /** Whether the stored text contains these letters, which must not need escaping in JSON. Parses nothing. */
  mention(vertex: Vertex, letters: string): boolean {
    return this.text(vertex).includes(letters, 0, 'latin1');
  }

  /** The stored text in place, to be read at once; empty if there is none. */
  text({ version }: Vertex): Buffer {
    if (!version) return noText;
    const { slab, offset, from, to } = version;
    return slab.peek().subarray(offset + from, offset + to);
  }

  clear(): void {
    this.#read.clear();
  }
}
