// Invented records for the thread that writes history: resources and relations that change as a seed says, with the state at each
// revision, to compare with what is read back.
import { createHash } from 'node:crypto';
import type { KeyframeStart, KeyPortion, RevisionRecord } from '../../master/history/records.ts';

const separator = ',\n';
const completeness = { short: '{"complete":true}', full: '{"complete":true,"kinds":{}}' };

/** Returns random numbers from 0 below a bound, determined by the seed. */
export function randomFrom(seed: number): (below: number) => number {
  let state = (seed * 2654435761 + 1) >>> 0;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state = (state ^ (state << 5)) >>> 0;
    return state % below;
  };
}

interface Written {
  readonly id: string;
  readonly namespace: string;
  readonly text: string;
}

export interface Step {
  readonly record: RevisionRecord;
  readonly texts: Buffer;
}

const extraOf = (id: string) => JSON.stringify({ name: id, label: id, there: true, properties: [0, 0] });
const bytesOf = (texts: readonly string[]) => Buffer.from(texts.join(''));

/** Pods and Nodes with relations and texts. Each step gives the time in milliseconds. */
export class LivingRecords {
  readonly #random: (below: number) => number;
  readonly #epoch: string;
  readonly #pods = new Map<string, Written>();
  /** Texts by source, then by target. */
  readonly #relations = new Map<string, Map<string, string>>();
  readonly #size: number;
  readonly #detail: string;
  #revision = 1;

  /** `detail`: a text that is part of each resource's text. */
  constructor(epoch: string, seed: number, { size = 40, detail = 'x'.repeat(200) } = {}) {
    this.#random = randomFrom(seed + 1);
    this.#epoch = epoch;
    this.#size = size;
    this.#detail = detail;
    for (let i = 0; i < size; i++) this.#put(i, '2026-11-20T00:00:00.000Z');
  }

  get revision(): number {
    return this.#revision;
  }

  start(time: number, gap: KeyframeStart['gap']): KeyframeStart {
    const timestamp = new Date(time).toISOString();
    return { epoch: this.#epoch, revision: this.#revision, timestamp, completeness, names: [], gap };
  }

  /** Everything, in order of ids. */
  key(): KeyPortion {
    const stretches = this.#sorted().flatMap(({ id, namespace, text }) => [
      id,
      id.slice(0, id.indexOf(':')),
      namespace,
      text,
      `\n${extraOf(id)}`,
      this.#relationsOf(id)
        .map((each) => each + separator)
        .join(''),
    ]);
    let end = 0;
    const ends = Uint32Array.from(stretches, (each) => (end += Buffer.byteLength(each)));
    const texts = Uint8Array.from(bytesOf(stretches));
    return { texts: texts.buffer, ends: ends.buffer };
  }

  /** The next revision: something is added, changed or removed. */
  step(time: number): Step {
    const timestamp = new Date(time).toISOString();
    this.#revision++;
    const i = this.#random(this.#size);
    const id = idOf(i);
    const node = nodeOf(i);
    if (this.#random(5) === 0 && this.#pods.delete(id)) {
      this.#relations.get(node)?.delete(id);
      return this.#recorded(timestamp, [], [id], [['runs', node, id, null]]);
    }
    const isNew = !this.#pods.has(id);
    const written = this.#put(i, timestamp);
    const text = this.#relations.get(node)?.get(id) ?? null;
    return this.#recorded(timestamp, [written], [], isNew ? [['runs', node, id, text]] : []);
  }

  /** Hash of everything, as `/cluster` would serve it. */
  hash(): string {
    const all = this.#sorted();
    const texts = [...all.map(({ text }) => text), ...all.flatMap(({ id }) => this.#relationsOf(id))];
    return createHash('sha256')
      .update(texts.map((each) => each + separator).join(''))
      .digest('hex');
  }

  #put(i: number, timestamp: string): Written {
    const id = idOf(i);
    const properties = { spec: this.#detail, status: `${this.#random(1 << 30)}` };
    const text = JSON.stringify({ id, type: 'Pod', timestamp, properties, annotations: { label: id } });
    const written = { id, namespace: `n${i % 4}`, text };
    this.#pods.set(id, written);
    const node = nodeOf(i);
    if (!this.#pods.has(node))
      this.#pods.set(node, { id: node, namespace: '', text: JSON.stringify({ id: node, type: 'Node', timestamp }) });
    const relations = this.#relations.get(node) ?? new Map<string, string>();
    this.#relations.set(node, relations);
    const ends = { type: 'runs', timestamp, source: node, target: id };
    if (!relations.has(id)) relations.set(id, JSON.stringify({ ...ends, annotations: { label: 'runs' } }));
    return written;
  }

  #sorted(): readonly Written[] {
    return [...this.#pods.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  #relationsOf(source: string): readonly string[] {
    return [...(this.#relations.get(source) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text);
  }

  #recorded(
    timestamp: string,
    changed: readonly Written[],
    gone: readonly string[],
    relations: RevisionRecord['relations'],
  ): Step {
    const texts = bytesOf(changed.map(({ id, text }) => `${text}\n${extraOf(id)}`));
    const resources = changed.map(({ id, namespace, text }) => ({
      id,
      type: 'Pod',
      namespace,
      from: 0,
      to: Buffer.byteLength(text),
      end: texts.length,
    }));
    return { record: { revision: this.#revision, timestamp, resources, gone, relations }, texts };
  }
}

const idOf = (i: number) => `Pod:n${i % 4}/p${String(i).padStart(4, '0')}`;
const nodeOf = (i: number) => `Node:node-${i % 3}`;
