// Writes the input log of an engine: a keyframe of its whole input, taken while it continues, then each transaction as it ends. A
// keyframe in parts is still complete: changes during it are written in between, and repeated statements have no effect.
// Timestamps, which cannot be derived from the input, come last.
import type { Kind } from '../../kinds/kind.ts';
import type { Rule } from '../../relations/relation.ts';
import type { Engine } from '../contract.ts';
import { cutAnnotation, cutFamily } from '../engine/cut-relations.ts';
import type { RelationLimit } from '../engine/relation-limit.ts';
import type { StateSaid } from '../engine/states.ts';
import type { Annotations } from '../model/annotation.ts';
import type { Vertex } from '../model/vertex.ts';
import { itemOf } from './item-of-vertex.ts';
import { writeLine } from './log-lines.ts';
import type { Mirror } from './mirror.ts';
import { isSameLimit, kindSaid, type LimitSaid, limitSaid, type Origin, ruleSaid } from './origin.ts';
import type { Told } from './tee.ts';

export interface InputLogOptions {
  readonly engine: Engine;
  readonly mirror: Pick<Mirror, 'follow'>;
  readonly clusterUid?: string | undefined;
  readonly demo?: boolean | undefined;
  readonly createdBy: string;
  readonly virtualTypes: ReadonlySet<string>;
  readonly namespaces?: ReadonlySet<string> | undefined;
  readonly limit: RelationLimit;
  /** All known kinds, discovered ones included. */
  readonly kinds: ReadonlyMap<string, Kind>;
  /** Resources per slice. */
  readonly slice?: number;
}

/** Receives the lines. */
export interface LogSink {
  /** Lines that belong together and the revision after them; from the keyframe or from a change. */
  write(lines: string, revision: number, of: 'keyframe' | 'change'): void;
  /** Resolves, in a later turn, when it accepts more of a keyframe. */
  ready(): Promise<void>;
  /** Runs `work`, which writes the end of the keyframe, when that is allowed; default: at once. */
  last?(work: () => void): Promise<void>;
}

/** Takes some milliseconds. */
const usualSlice = 200;
/** Every engine computes these itself. */
const ownAnnotations: ReadonlySet<string> = new Set(['ambiguous', cutAnnotation]);

export class InputLog {
  readonly #options: InputLogOptions;
  readonly #sink: LogSink;
  readonly #closing = new AbortController();
  #told: readonly Told[] = [];
  #revision: number;
  #lastRules: readonly Rule[] = [];
  #lastLimit: LimitSaid | undefined;
  readonly #kinds = new Set<string>();
  /** Everything was written, so that what changed can be written alone. */
  #whole = false;
  readonly #leave: readonly (() => void)[];

  /** Collects from now on; `start` begins to write. No change after construction is lost. */
  constructor(options: InputLogOptions, sink: LogSink) {
    const { engine, mirror } = options;
    this.#options = options;
    this.#sink = sink;
    this.#revision = engine.revision;
    sink.write(this.#begin(), engine.revision, 'keyframe');
    this.#leave = [
      mirror.follow((told) => {
        this.#told = told;
      }),
      engine.afterCommit(() => this.#commit()),
    ];
  }

  /** Writes the keyframe. True when complete, false if closed before. */
  async keyframe(): Promise<boolean> {
    const { engine } = this.#options;
    await this.#inSlices(verticesOf(engine), (vertex) => this.#resource(vertex));
    if (!this.#closing.signal.aborted) this.#slice(restOf(engine));
    await this.#inSlices(verticesOf(engine), (vertex) => this.#stamps(vertex));
    if (this.#closing.signal.aborted) return false;
    if (this.#sink.last) await this.#sink.last(() => this.#synced());
    else this.#synced();
    return true;
  }

  #synced(): void {
    const { engine } = this.#options;
    const { revision, timestamp } = engine;
    const synced = { revision, timestamp, states: statesOf(engine), outOfStepSince: engine.outOfStepSince() };
    this.#sink.write(this.#news() + writeLine({ what: 'synced', synced }), revision, 'keyframe');
    this.#whole = true;
  }

  close(): void {
    this.#closing.abort();
    for (const leave of this.#leave) leave();
  }

  #begin(): string {
    const { engine, createdBy, clusterUid, demo, virtualTypes, namespaces, limit, kinds } = this.#options;
    for (const type of kinds.keys()) this.#kinds.add(type);
    this.#lastRules = [...engine.rules];
    this.#lastLimit = limitSaid(limit);
    const origin: Origin = {
      clusterName: engine.clusterName,
      ...(clusterUid === undefined ? {} : { clusterUid }),
      ...(demo ? { demo } : {}),
      createdBy,
      virtualTypes: [...virtualTypes],
      ...(namespaces ? { namespaces: [...namespaces] } : {}),
      rules: engine.rules.map(ruleSaid),
      kinds: [...kinds.values()].map(kindSaid),
      limit: this.#lastLimit,
    };
    return writeLine({ what: 'begin', origin });
  }

  /** Kinds, rules and limits that changed since and that a copy needs before the next lines. */
  #news(): string {
    return this.#newKinds() + this.#newRules() + this.#newLimit();
  }

  #newKinds(): string {
    const { kinds } = this.#options;
    if (kinds.size === this.#kinds.size) return '';
    let text = '';
    for (const [type, kind] of kinds) {
      if (this.#kinds.has(type)) continue;
      this.#kinds.add(type);
      text += writeLine({ what: 'kind', kind: kindSaid(kind) });
    }
    return text;
  }

  #newRules(): string {
    const { rules } = this.#options.engine;
    if (areSame(rules, this.#lastRules)) return '';
    this.#lastRules = [...rules];
    return writeLine({ what: 'rules', rules: rules.map(ruleSaid) });
  }

  #newLimit(): string {
    const limit = limitSaid(this.#options.limit);
    if (this.#lastLimit && isSameLimit(limit, this.#lastLimit)) return '';
    this.#lastLimit = limit;
    return writeLine({ what: 'limit', limit });
  }

  #commit(): void {
    const told = this.#told.filter((each) => this.#isNews(each));
    this.#told = [];
    const { revision, timestamp } = this.#options.engine;
    if (told.length === 0 && revision === this.#revision) return;
    this.#revision = revision;
    // Even input without a visible change may affect the meaning of later input.
    const lines = told.map((one) => this.#written(one)).join('');
    this.#sink.write(
      this.#news() + lines + writeLine({ what: 'commit', commit: { revision, timestamp } }),
      revision,
      'change',
    );
  }

  /** With each change of a Pod its containers are put once more: most are what they were. */
  #isNews(told: Told): boolean {
    if (told.what !== 'put' || told.unless === undefined) return true;
    return this.#options.engine.get(told.item.id)?.version !== told.unless;
  }

  #written(told: Told): string {
    if (told.what !== 'put' || told.steady !== true || !this.#whole) return written(told);
    const { item } = told;
    return String(item.properties).includes('\n') ? written(told) : writeLine({ what: 'renew', renewal: item });
  }

  async #inSlices<T>(all: readonly T[], write: (one: T) => string): Promise<void> {
    const { slice = usualSlice } = this.#options;
    for (let from = 0; from < all.length; from += slice) {
      await this.#sink.ready();
      if (this.#closing.signal.aborted) return;
      const some = all.slice(from, from + slice);
      this.#slice(some.map(write).join(''));
    }
  }

  #slice(lines: string): void {
    if (lines === '') return;
    const { revision, timestamp } = this.#options.engine;
    this.#sink.write(this.#news() + lines + writeLine({ what: 'slice', timestamp }), revision, 'keyframe');
  }

  /** The current state: it may have changed or gone since. */
  #resource(vertex: Vertex): string {
    const { engine } = this.#options;
    if (!vertex.present || engine.get(vertex.id) !== vertex) return '';
    const told: Told = { what: 'put', item: itemOf(engine, vertex) };
    return (
      writeLine({ what: 'told', told, stamp: vertex.version?.timestamp }) + annotated(vertex.id, vertex.annotations)
    );
  }

  #stamps(vertex: Vertex): string {
    if (!vertex.version) return '';
    const relations = relationStamps(vertex);
    const resource = vertex.present ? undefined : vertex.version.timestamp;
    if (relations === undefined && resource === undefined) return '';
    return writeLine({ what: 'stamps', stamps: { id: vertex.id, resource, relations } });
  }
}

/** Compared at each transaction: declared rules are the last, and the others never change. */
function areSame(a: readonly Rule[], b: readonly Rule[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = a.length - 1; i >= 0 && (a[i]?.declared || b[i]?.declared); i--) if (a[i] !== b[i]) return false;
  return true;
}

function written(told: Told): string {
  return writeLine({ what: 'told', told });
}

function annotated(id: string, annotations: Annotations | undefined): string {
  let text = '';
  for (const [name, { data }] of annotations ?? [])
    if (!ownAnnotations.has(name)) text += written({ what: 'annotate', id, name, value: data });
  return text;
}

/** All in one turn: the next turn may change any of it. */
function restOf(engine: Engine): string {
  let text = '';
  for (const { family, name, state } of statesOf(engine))
    if (family !== cutFamily) text += written({ what: 'source', family, name, state });
  for (const { index, key, id } of engine.keys()) {
    // Claims by key are resolved again only when the key changes.
    text += written({ what: 'key', index, key, id: undefined });
    text += written({ what: 'key', index, key, id });
  }
  for (const [id, annotations] of engine.annotations())
    if (!engine.get(id)?.present) text += annotated(id, annotations);
  return text;
}

function verticesOf({ order }: Engine): Vertex[] {
  return order.types().flatMap(({ leaves }) => leaves.flatMap(({ entries }) => entries.map(({ vertex }) => vertex)));
}

function statesOf(engine: Engine): StateSaid[] {
  return [...engine.families()].flatMap((family) =>
    [...engine.sources(family)].map(([name, state]) => ({ family, name, state })),
  );
}

function relationStamps({ out }: Vertex): string | string[] | undefined {
  if (out.length === 0) return undefined;
  const all = out.flatMap(({ edges }) => edges.map(({ timestamp }) => timestamp));
  return all.every((each) => each === all[0]) ? all[0] : all;
}
