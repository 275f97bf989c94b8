// Parsed objects, shared by all rules: rules on neighbouring resources read the same ones.
import { fieldsOf, isRecord } from '../../../src/fields.ts';
import type { GraphReader } from '../../graph/contract.ts';
import type { Version, Vertex } from '../../graph/model/vertex.ts';
import type { ObjectFields } from '../finding-rule.ts';
import { specIn } from './stored-text.ts';

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

/** The text asked for last: several rules search the same one. */
interface Last {
  readonly version: Version;
  /** It as a string of its bytes, from the second search on: searching that costs a quarter. */
  letters: string | undefined;
}

/** Bytes of longer texts are searched in place. */
const longText = 64 << 10;

export class Objects {
  readonly #graph: GraphReader;
  readonly #read = new Map<Vertex, Read>();
  #last: Last | undefined;

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

  /** Its spec. Where the text holds it before its status, only that part is parsed. */
  specOf(vertex: Vertex): ObjectFields {
    const known = this.#read.get(vertex);
    const spec = known?.version === vertex.version ? undefined : specIn(this.text(vertex));
    return spec ?? fieldsOf(this.of(vertex)['spec']) ?? nothing;
  }

  /** Whether the stored text contains these letters, which must not need escaping in JSON. Parses nothing. */
  mention(vertex: Vertex, letters: string): boolean {
    const { version } = vertex;
    const last = this.#last;
    if (!version || last?.version !== version || version.length > longText) {
      this.#last = version && { version, letters: undefined };
      return this.text(vertex).includes(letters, 0, 'latin1');
    }
    last.letters ??= this.text(vertex).toString('latin1');
    return last.letters.includes(letters);
  }

  /** The stored text in place, to be read at once; empty if there is none. */
  text({ version }: Pick<Vertex, 'version'>): Buffer {
    if (!version) return noText;
    const { slab, offset, from, to } = version;
    return slab.peek().subarray(offset + from, offset + to);
  }

  clear(): void {
    this.#read.clear();
    this.#last = undefined;
  }
}
