// Makes records of changes and of a whole graph, their texts copied into one buffer that is given away to the thread.
import { separator } from '../graph/engine/json.ts';
import { bytesOf } from '../graph/model/bytes.ts';
import type { Version } from '../graph/model/vertex.ts';
import type { Change } from '../graph/revisions/changes.ts';
import type { ReadView } from '../graph/revisions/read-view.ts';
import { entriesOf } from '../graph/revisions/snapshot.ts';
import { extraOf } from './extra.ts';
import type {
  Completeness,
  KeyName,
  KeyRecord,
  RelationRecord,
  Relist,
  ResourceRecord,
  RevisionRecord,
} from './records.ts';
import { blockSize } from './schema.ts';

/** What was known of a version when it was made, as JSON. */
export type ExtraOf = (version: Version) => string;

export interface Noted {
  readonly relists?: readonly Relist[] | undefined;
  readonly names?: readonly KeyName[] | undefined;
  readonly completeness?: Completeness | undefined;
}

export interface Packed<R> {
  readonly records: readonly R[];
  readonly texts: ArrayBuffer;
}

/** Texts one behind the other. */
class Texts {
  readonly #pieces: Version[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Where it will lie. */
  add(version: Version): Pick<ResourceRecord, 'from' | 'to'> {
    const from = this.#length;
    this.#pieces.push(version);
    this.#length += version.length - separator.length;
    return { from, to: this.#length };
  }

  joined(): ArrayBuffer {
    const memory = new ArrayBuffer(this.#length);
    const bytes = new Uint8Array(memory);
    let at = 0;
    for (const piece of this.#pieces) {
      const text = bytesOf(piece).subarray(0, -separator.length);
      bytes.set(text, at);
      at += text.length;
    }
    return memory;
  }
}

export function packChanges(
  changes: readonly Change[],
  extra: ExtraOf,
  notedOf: (revision: number) => Noted,
): Packed<RevisionRecord> {
  const texts = new Texts();
  const records = changes.map(
    (change): RevisionRecord => ({
      revision: change.revision,
      timestamp: change.timestamp,
      resources: change.resources.map(({ id, type, namespace, version }) => ({
        id,
        type,
        namespace,
        ...texts.add(version),
        extra: extra(version),
      })),
      gone: change.removedResources.map(({ id }) => id),
      relations: [
        ...change.removedRelations.map((ends): RelationRecord => [ends.type, ends.source.id, ends.target.id, null]),
        ...change.relations.map(
          ({ type, source, target, text }): RelationRecord => [type, source.id, target.id, withoutSeparator(text)],
        ),
      ],
      ...notedOf(change.revision),
    }),
  );
  return { records, texts: texts.joined() };
}

/** Bytes of a keyframe that are handed over at once. */
const portion = 512 << 10;

/** The whole graph of a view, in the order of ids, in portions; undefined ones are places to be interrupted at. */
export function* packWhole(view: ReadView, references: boolean): Generator<Packed<KeyRecord> | undefined> {
  let records: KeyRecord[] = [];
  let texts = new Texts();
  for (const entry of entriesOf(view.snapshot)) {
    const vertex = view.undoLog.of(entry.vertex);
    const { version } = entry;
    const { id, type, namespace } = vertex;
    const known = { standing: view.undoLog.standingOf(entry.vertex), from: version.from, to: version.to };
    const out: RelationRecord[] = [];
    for (const block of entry.out) {
      out.push(...relationsIn(view, block));
      if (view.pause()) yield undefined;
    }
    records.push({ id, type, namespace, ...texts.add(version), extra: extraOf(vertex, known, references), out });
    if (view.pause()) yield undefined;
    // Blocks are full but for the last.
    if (texts.length < portion || records.length % blockSize > 0) continue;
    yield { records, texts: texts.joined() };
    records = [];
    texts = new Texts();
  }
  yield { records, texts: texts.joined() };
}

type Block = Parameters<ReadView['graph']['edgeLists']['pieceOf']>[0];

/** Elements are one a line. */
function relationsIn({ graph }: ReadView, block: Block): RelationRecord[] {
  const lines = bytesOf(graph.edgeLists.pieceOf(block)).toString().split(separator);
  return block.edges.map(({ type, source, target }, i) => [type, source.id, target.id, lines[i] ?? '']);
}

function withoutSeparator(text: string): string {
  return text.slice(0, -separator.length);
}
