// The graph at a past moment, or a part of it, rebuilt from the texts served then. It answers all questions like the
// present graph, and never changes.
import type { SourceState } from '../../src/model.ts';
import { every, type Steps } from '../../src/steps.ts';
import type { GraphReader } from '../graph/contract.ts';
import { EdgeTable } from '../graph/engine/edge-table.ts';
import { createEdgeLists, type EdgeLists } from '../graph/engine/edges.ts';
import { type Standing, separator } from '../graph/engine/json.ts';
import { createOrder, Entry, type Order } from '../graph/engine/order.ts';
import { isSure } from '../graph/engine/states.ts';
import { VertexRows } from '../graph/engine/vertex-rows.ts';
import { createVertices, type Vertices } from '../graph/engine/vertices.ts';
import { type Annotations, annotationOf } from '../graph/model/annotation.ts';
import { type Bytes, createBytes, textIn } from '../graph/model/bytes.ts';
import { sharedFields } from '../graph/model/fields.ts';
import { flagsOf } from '../graph/model/flags.ts';
import { listOf } from '../graph/model/sets.ts';
import type { Edge, Reason, SpokenClaim, Version, Vertex } from '../graph/model/vertex.ts';
import { type Changes, createChanges } from '../graph/revisions/changes.ts';
import { createOpenSnapshots, type OpenSnapshots } from '../graph/revisions/open-snapshots.ts';
import type { Retention } from '../graph/revisions/retention.ts';
import { createUndoLogs, type UndoLogs } from '../graph/revisions/undo-log.ts';
import type { Reference, Rule } from '../relations/relation.ts';
import type { Moment } from './archive-reader.ts';
import { type Extra, parseExtra } from './extra.ts';
import type { Completeness, KeyName } from './records.ts';
import { annotationsIn, putTogether } from './relation-text.ts';
import type { Chunk, ChunkRow } from './segment-load.ts';
import type { Touching } from './segment-walk.ts';
import { stampOf } from './stamp.ts';

export interface PastGraphOptions {
  readonly moment: Pick<Moment, 'revision' | 'timestamp'>;
  readonly completeness: Completeness;
  readonly names: readonly KeyName[];
  readonly clusterName: string;
  readonly rules: readonly Rule[];
  readonly virtualTypes: ReadonlySet<string>;
  readonly retention: Retention;
}

/** Keys of the full completeness that are not families. */
const notFamilies: ReadonlySet<string> = new Set(['complete', 'reason', 'since', 'counts']);

type Sources = { readonly [name: string]: SourceState };

/**
 * Log2 of the rows that a graph begins with: most are parts of a few resources, and memory outside of the heap makes V8 look through all
 * of it.
 */
const shift = 8;

export class PastGraph implements GraphReader {
  readonly revision: number;
  readonly timestamp: string;
  readonly clusterName: string;
  readonly rules: readonly Rule[];
  readonly bytes: Bytes = createBytes();
  readonly openSnapshots: OpenSnapshots;
  readonly order: Order;
  readonly edgeLists: EdgeLists;
  readonly undoLogs: UndoLogs;
  readonly changes: Changes = createChanges(0);
  readonly #edges = new EdgeTable(new VertexRows(shift));
  /** By row: the text of a relation after its ends. */
  readonly #tails: string[] = [];
  readonly #vertices: Vertices;
  readonly #standings = new Map<Vertex, Standing>();
  readonly #rulesByName: ReadonlyMap<string, Rule>;
  readonly #reasons = new Map<string, readonly Told[]>();
  readonly #completeness: Completeness;
  readonly #names: readonly KeyName[];
  readonly #relationCounts = new Map<string, number>();
  /** Claims by speaker, while relations are added. */
  readonly #said = new Map<Vertex, number[]>();
  /** Relations whose ends may not be loaded yet. */
  #unlinked: { readonly source: Vertex; readonly row: ChunkRow; readonly words: readonly string[] }[] = [];
  #relations = 0;
  #parsed: { readonly [family: string]: boolean | Sources } | undefined;

  constructor({ moment, completeness, names, clusterName, rules, virtualTypes, retention }: PastGraphOptions) {
    this.revision = moment.revision;
    this.timestamp = moment.timestamp;
    this.clusterName = clusterName;
    this.rules = rules;
    this.#rulesByName = new Map(rules.map((rule) => [rule.name, rule]));
    this.#completeness = completeness;
    this.#names = names;
    this.openSnapshots = createOpenSnapshots(retention);
    this.order = createOrder(this.openSnapshots);
    this.edgeLists = createEdgeLists(this.#edges, this.bytes, this.openSnapshots, (edges) =>
      edges.map((edge) => this.edgeText(edge)).join(''),
    );
    this.undoLogs = createUndoLogs(this.#edges, (vertex) => this.standingOf(vertex));
    this.#vertices = createVertices(virtualTypes, this.#edges, () => undefined);
  }

  /** Add all chunks in order, then call `link`. */
  *add({ rows, words }: Chunk): Steps<void> {
    const pause = every(32);
    for (const row of rows) {
      const source = this.#enter(row);
      if (row.out.length > 0) this.#unlinked.push({ source, row, words });
      if (pause()) yield;
    }
  }

  *link(): Steps<void> {
    const pause = every(64);
    for (const { source, row, words } of this.#unlinked) {
      for (let i = 0; i < row.out.length; i += 4) {
        const [type, target, tail, at] = row.out.slice(i, i + 4) as [number, number, number, number];
        this.#connect(source, words[type] ?? '', words[target] ?? '', words[tail] ?? '', at);
        if (pause()) yield;
      }
      this.#order(source);
      if (pause()) yield;
    }
    this.#unlinked = [];
    this.#settleSaid();
  }

  /** Adds relations whose ends are loaded. Each relation must be added only once. */
  *relate({ words, edges }: Touching): Steps<void> {
    const pause = every(64);
    const sources = new Set<Vertex>();
    for (let i = 0; i < edges.length; i += 5) {
      const [from, type, to, tail, at] = edges.slice(i, i + 5) as [number, number, number, number, number];
      const source = this.#vertices.get(words[from] ?? '');
      if (!source) continue;
      this.#connect(source, words[type] ?? '', words[to] ?? '', words[tail] ?? '', at);
      sources.add(source);
      if (pause()) yield;
    }
    for (const source of sources) this.#order(source);
    this.#settleSaid();
  }

  /** Stores the claims of each speaker: each list is written once. */
  #settleSaid(): void {
    const { claims } = this.#edges;
    for (const [speaker, said] of this.#said) claims.setSaid(speaker, [...claims.saidBy(speaker), ...said]);
    this.#said.clear();
  }

  #enter({ place: { id, type, namespace }, text, extra: written }: ChunkRow): Vertex {
    const extra = parseExtra(written);
    const vertex = this.#vertices.named(id, type, namespace, extra.name);
    describe(vertex, extra, (references) => references.flatMap((each) => this.#claimOf(vertex, each)));
    if (extra.there) this.#vertices.enter(vertex);
    if (extra.standing) this.#standings.set(vertex, extra.standing);
    const [from, to] = extra.properties;
    const piece = this.bytes.write(text, separator);
    vertex.version = { ...piece, timestamp: stampOf(text), from, to, generation: 0 } satisfies Version;
    this.#order(vertex);
    return vertex;
  }

  #order(vertex: Vertex): void {
    const { type, version } = vertex;
    if (version) this.order.set(type, new Entry(vertex, version));
  }

  #connect(source: Vertex, type: string, to: string, tail: string, at: number): void {
    const target = this.#vertices.get(to);
    if (!target) return;
    const timestamp = new Date(at).toISOString();
    const row = this.#edges.add({ type, source, target, timestamp });
    const { claims } = this.#edges;
    for (const { reason, fieldOf } of this.#reasonsOf(type, tail)) {
      const speaker = fieldOf === 'target' ? target : source;
      const claim = claims.add(speaker, reason, undefined);
      claims.makes(claim, row);
      claims.setEdge(claim, row);
      listOf(this.#said, speaker).push(claim);
    }
    this.#tails[row] = tail;
    this.edgeLists.insert(row);
    this.#relations++;
    this.#relationCounts.set(type, (this.#relationCounts.get(type) ?? 0) + 1);
  }

  /** From the relation's text. A rule that no longer exists is represented by the relation type alone. */
  #reasonsOf(type: string, tail: string): readonly Told[] {
    const known = this.#reasons.get(`${type}${tail}`);
    if (known) return known;
    const annotations = annotationsIn(tail);
    const { depends } = annotations;
    const { rule: first = '', field: firstField = '', fieldOf: firstOf } = annotations;
    const said = annotations.reasons ?? [{ rule: first, field: firstField, fieldOf: firstOf }];
    const reasons = said.flatMap(({ rule: name, field, fieldOf }): Told[] => {
      const rule = this.#rulesByName.get(name) ?? this.rules.find(({ relation }) => relation === type);
      if (!rule) return [];
      // If both ends depend, each has its own reason.
      const dependences = depends === 'both' ? (['source', 'target'] as const) : [depends ?? rule.dependence];
      return dependences.map((dependence) => {
        const flags = flagsOf({ ...annotations, field, dependence });
        return { reason: { rule, field, flags, notes: undefined }, fieldOf };
      });
    });
    this.#reasons.set(`${type}${tail}`, reasons);
    return reasons;
  }

  #claimOf(speaker: Vertex, [name, reference]: readonly [string, Reference]): SpokenClaim[] {
    const rule = this.#rulesByName.get(name);
    if (!rule) return [];
    const { field, notes, source, target, states, when } = reference;
    return [
      {
        speaker,
        reason: { rule, field, flags: flagsOf(reference), notes },
        ends: { source, target, states, when },
        edge: undefined,
      },
    ];
  }

  // --- reading -----------------------------------------------------------------------------------------------------------

  get(id: string): Vertex | undefined {
    return this.#vertices.get(id);
  }

  members(type: string, namespace: string): Iterable<Vertex> {
    return this.#vertices.in(type, namespace);
  }

  namespacesOf(type: string): Iterable<string> {
    return this.#vertices.namespacesOf(type);
  }

  counts(): Map<string, number> {
    return this.#vertices.counts();
  }

  standingOf(vertex: Vertex): Standing {
    return this.#standings.get(vertex) ?? '';
  }

  isKnown(type: string): boolean {
    return isSure(this.sources('kinds').get(type)?.state);
  }

  *annotations(): Iterable<readonly [string, Annotations]> {
    for (const { leaves } of this.order.types())
      for (const { entries } of leaves)
        for (const { id, vertex } of entries) if (vertex.annotations) yield [id, vertex.annotations];
  }

  *keys(): Iterable<{ readonly index: string; readonly key: string; readonly id: string }> {
    for (const [name, id] of this.#names) {
      const space = name.indexOf(' ');
      if (id !== null) yield { index: name.slice(0, space), key: name.slice(space + 1), id };
    }
  }

  completeness(form: 'short' | 'full' = 'short'): string {
    return this.#completeness[form];
  }

  outOfStepSince(): undefined {
    return undefined;
  }

  families(): Iterable<string> {
    return Object.keys(this.#states()).filter((family) => !notFamilies.has(family));
  }

  sources(family: string): ReadonlyMap<string, SourceState> {
    const of = this.#states()[family];
    return new Map(typeof of === 'object' ? Object.entries(of) : []);
  }

  #states(): { readonly [family: string]: boolean | Sources } {
    this.#parsed ??= JSON.parse(this.#completeness.full) as { readonly [family: string]: boolean | Sources };
    return this.#parsed;
  }

  edgeText({ row, type, source, target, timestamp }: Edge): string {
    const tail = this.#tails[row] ?? '';
    return putTogether(type, source.id, target.id, { at: Date.parse(timestamp), tail }) + separator;
  }

  propertiesOf({ version }: Vertex): string {
    return version ? textIn(version, version.from, version.to) : '{}';
  }

  bytesByType(): ReadonlyMap<string, number> {
    return new Map();
  }

  healthCounts(): ReadonlyMap<string, ReadonlyMap<string, number>> {
    return new Map();
  }

  relationCounts(): ReadonlyMap<string, number> {
    return this.#relationCounts;
  }

  get relations(): number {
    return this.#relations;
  }
}

/** A reason and the end that states it. A third object that states it is unknown. */
interface Told {
  readonly reason: Reason;
  readonly fieldOf: string | undefined;
}

type Said = NonNullable<Extra['references']>;

/** Its references are built on demand: most questions do not need them. */
function describe(vertex: Vertex, extra: Extra, claimsOf: (references: Said) => SpokenClaim[]): void {
  const { label, uid = '', alternateLabel = '', labels, controlled = false, fields, annotations, references } = extra;
  vertex.label = label;
  vertex.uid = uid;
  vertex.alternateLabel = alternateLabel;
  vertex.labels = labels;
  vertex.controlled = controlled;
  vertex.fields = sharedFields(fields);
  vertex.annotations = annotations && new Map(annotations.map(([name, value]) => [name, annotationOf(value)]));
  vertex.health = extra.health;
  vertex.application = extra.application;
  vertex.ownHealth = extra.ownHealth;
  vertex.mark = extra.mark;
  if (!references) return;
  let claims: readonly SpokenClaim[] | undefined;
  Object.defineProperty(vertex, 'claims', { enumerable: true, get: () => (claims ??= claimsOf(references)) });
}
