// Objects that rules read, parsed once for all of them: rules that are asked about neighbours read the same ones.
import { isRecord } from '../../../src/fields.ts';
import type { GraphReader } from '../../graph/contract.ts';
import { bytesOf } from '../../graph/model/bytes.ts';
import type { Version, Vertex } from '../../graph/model/vertex.ts';
import type { ObjectFields } from '../finding-rule.ts';

/**
 * So many are kept. Neighbours are asked about one after the other; what is kept for longer outlives the young generation, and half
 * of what grew old under steady change were such objects.
 */
const most = 64;
const nothing: ObjectFields = {};

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

  /** To be read only. Empty where there is none. */
  of(vertex: Vertex): ObjectFields {
    const known = this.#read.get(vertex);
    if (known && known.version === vertex.version) return known.object;
    const read: unknown = JSON.parse(this.#graph.propertiesOf(vertex));
    const object = isRecord(read) ? read : nothing;
    if (this.#read.size >= most) this.#read.clear();
    this.#read.set(vertex, { version: vertex.version, object });
    return object;
  }

  /** Whether its text holds these letters, which JSON writes as they are: nothing is read for that. */
  mention({ version }: Vertex, letters: string): boolean {
    if (!version) return false;
    return bytesOf(version).subarray(version.from, version.to).includes(letters, 0, 'latin1');
  }

  clear(): void {
    this.#read.clear();
  }
}
