// Packs changes and whole graphs into records; their texts share one buffer that is transferred to the thread.
import { separator } from '../graph/engine/json.ts';
import { bytesIn, mostBytesOf, peekAt, type Text, writeText } from '../graph/model/bytes.ts';
import type { Version } from '../graph/model/vertex.ts';
import type { Change } from '../graph/revisions/changes.ts';
import type { ReadView } from '../graph/revisions/read-view.ts';
import { entriesOf } from '../graph/revisions/snapshot.ts';
import { extraOf } from './extra.ts';
import {
  type Completeness,
  type KeyName,
  type KeyPortion,
  keyStretches,
  type RelationRecord,
  type Relist,
  type ResourceRecord,
  type RevisionRecord,
} from './records.ts';
import { blockSize } from './schema.ts';

/** Additional data of a version at its creation, as JSON. */
export type ExtraOf = (version: Version) => string;

export interface Noted {
  readonly relists?: readonly Relist[] | undefined;
  readonly names?: readonly KeyName[] | undefined;
  readonly completeness?: Completeness | undefined;
}

export interface Packed {
  readonly records: readonly RevisionRecord[];
  readonly texts: ArrayBuffer;
}

/** Concatenated texts, each followed by its additional data. */
class Texts {
  readonly #parts: (Version | string)[] = [];
  #length = 0;

  /** Its position in the buffer. */
  add(version: Version, extra: string): Pick<ResourceRecord, 'from' | 'to' | 'end'> {
    const from = this.#length;
    const to = from + version.length - separator.length;
    const line = `\n${extra}`;
    this.#parts.push(version, line);
    this.#length = to + bytesIn(line);
    return { from, to, end: this.#length };
  }

  joined(): ArrayBuffer {
    const memory = new ArrayBuffer(this.#length);
    const bytes = Buffer.from(memory);
    let at = 0;
    for (const part of this.#parts) at += copied(part, bytes, at);
    return memory;
  }
}

/** Returns its number of bytes. */
function copied(part: Version | string, into: Buffer, at: number): number {
  if (typeof part === 'string') return writeText(part, into, at);
  const length = part.length - separator.length;
  return peekAt(part).copy(into, at, 0, length);
}

export function packChanges(changes: readonly Change[], extra: ExtraOf, notedOf: (revision: number) => Noted): Packed {
  const texts = new Texts();
  const records = changes.map(
    (change): RevisionRecord => ({
      revision: change.revision,
      timestamp: change.timestamp,
      resources: change.resources.map(({ id, type, namespace, version }) => ({
        id,
        type,
        namespace,
        ...texts.add(version, extra(version)),
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

/** Size of the parts of a keyframe in bytes. */
const portion = 512 << 10;

/** Concatenated stretches, written into memory that is reused for the next portion. */
class Stretches {
  #memory = Buffer.allocUnsafeSlow(portion * 2);
  #length = 0;
  #ends: number[] = [];

  get length(): number {
    return this.#length;
  }

  /** Number of finished stretches. */
  get count(): number {
    return this.#ends.length;
  }

  /** Continues a stretch. */
  write(text: Text): void {
    const most = this.#length + mostBytesOf(text);
    if (most > this.#memory.length) this.#grow(most);
    this.#length += writeText(text, this.#memory, this.#length);
  }

  /** Ends the current stretch. */
  end(): void {
    this.#ends.push(this.#length);
  }

  add(text: Text): void {
    this.write(text);
    this.end();
  }

  take(): KeyPortion {
    const { buffer } = this.#memory;
    const taken = { texts: buffer.slice(0, this.#length) as ArrayBuffer, ends: Uint32Array.from(this.#ends).buffer };
    this.#length = 0;
    this.#ends = [];
    return taken;
  }

  #grow(least: number): void {
    const memory = Buffer.allocUnsafeSlow(least * 2);
    this.#memory.copy(memory, 0, 0, this.#length);
    this.#memory = memory;
  }
}

/** The whole graph of a view in portions, sorted by id; undefined items are pauses. */
export function* packWhole(view: ReadView, references: boolean): Generator<KeyPortion | undefined> {
  const { graph, snapshot, undoLog, pause } = view;
  const stretches = new Stretches();
  for (const entry of entriesOf(snapshot)) {
    const vertex = undoLog.of(entry.vertex);
    const { version } = entry;
    const known = { standing: undoLog.standingOf(entry.vertex), from: version.from, to: version.to };
    stretches.add(vertex.id);
    stretches.add(vertex.type);
    stretches.add(vertex.namespace);
    stretches.add(peekAt(version).subarray(0, -separator.length));
    stretches.add(`\n${extraOf(vertex, known, references)}`);
    for (const block of entry.out) {
      stretches.write(graph.edgeLists.textOf(block));
      if (pause()) yield undefined;
    }
    stretches.end();
    if (pause()) yield undefined;
    // Blocks are full except the last.
    if (stretches.length >= portion && stretches.count % (blockSize * keyStretches) === 0) yield stretches.take();
  }
  yield stretches.take();
}

function withoutSeparator(text: string): string {
  return text.slice(0, -separator.length);
}
