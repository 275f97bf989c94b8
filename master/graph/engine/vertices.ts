// The table of vertices: present ones by type and namespace, and placeholders for resources that are only named.
import { clusterPart, parseId } from '../../../src/ids.ts';
import type { Annotations } from '../model/annotation.ts';
import { noFields } from '../model/fields.ts';
import { drop, setOf } from '../model/sets.ts';
import { noRow } from '../model/table.ts';
import type { EdgeList, SpokenClaim, Vertex } from '../model/vertex.ts';
import type { SaidList } from './claim-table.ts';
import type { EdgeTable } from './edge-table.ts';
import { type Block, type Blocks, keptBlocks, listedBlocks, noBlocks } from './edges.ts';

export interface Vertices {
  get(id: string): Vertex | undefined;
  /** The vertex of that id; creates a placeholder if unknown. */
  named(id: string, type: string, namespace: string, name: string): Vertex;
  forget(vertex: Vertex): void;
  /** Marks it as present. */
  enter(vertex: Vertex): void;
  /** Marks it as absent. */
  leave(vertex: Vertex): void;
  /** Present vertices of a type in a namespace. */
  in(type: string, namespace: string): Iterable<Vertex>;
  namespacesOf(type: string): Iterable<string>;
  counts(): Map<string, number>;
  placeholders(type: string): Iterable<Vertex>;
  all(): Iterator<Vertex>;
}

/** Resources of `virtualTypes` exist by being named. A resource may be annotated before it is named. */
export function createVertices(
  virtualTypes: ReadonlySet<string>,
  edges: EdgeTable,
  annotationsOf: (id: string) => Annotations | undefined,
): Vertices {
  const vertices = new Map<string, StoredVertex>();
  const present = new Map<string, Map<string, Set<Vertex>>>();
  const placeholders = new Map<string, Set<Vertex>>();

  function named(id: string, type: string, namespace: string, name: string): Vertex {
    const known = vertices.get(id);
    if (known) return known;
    const place = { id, type, namespace, name };
    const vertex = edges.rows.add((row) => new StoredVertex(edges, row, place, annotationsOf(id)));
    vertices.set(id, vertex);
    if (!virtualTypes.has(type)) setOf(placeholders, type).add(vertex);
    return vertex;
  }

  return {
    get: (id) => vertices.get(id),
    named,
    forget(vertex) {
      const forgotten = vertices.get(vertex.id);
      if (forgotten !== vertex) return;
      vertices.delete(vertex.id);
      edges.rows.retire(forgotten);
      forgotten.row = noRow;
      drop(placeholders, vertex.type, vertex);
    },
    enter(vertex) {
      vertex.present = true;
      drop(placeholders, vertex.type, vertex);
      let byNamespace = present.get(vertex.type);
      if (!byNamespace) present.set(vertex.type, (byNamespace = new Map()));
      setOf(byNamespace, vertex.namespace).add(vertex);
    },
    leave(vertex) {
      vertex.present = false;
      if (!virtualTypes.has(vertex.type)) setOf(placeholders, vertex.type).add(vertex);
      const byNamespace = present.get(vertex.type);
      if (!byNamespace) return;
      drop(byNamespace, vertex.namespace, vertex);
      if (byNamespace.size === 0) present.delete(vertex.type);
    },
    in: (type, namespace) => present.get(type)?.get(namespace) ?? [],
    namespacesOf: (type) => present.get(type)?.keys() ?? [],
    counts: () =>
      new Map([...present].map(([type, by]) => [type, by.values().reduce((sum, each) => sum + each.size, 0)])),
    placeholders: (type) => placeholders.get(type) ?? [],
    all: () => vertices.values(),
  };
}

class StoredVertex implements Vertex {
  /** `noRow` for a forgotten vertex. */
  row: number;
  readonly id: string;
  readonly type: string;
  readonly namespace: string;
  name: string;
  present = false;
  uid = '';
  resourceVersion = '';
  label: string;
  alternateLabel = '';
  labels: Vertex['labels'] = undefined;
  controlled = false;
  fields = noFields;
  annotations: Annotations | undefined;
  ownHealth: Vertex['ownHealth'] = undefined;
  mark: Vertex['mark'] = undefined;
  health: Vertex['health'] = undefined;
  application: Vertex['application'] = undefined;
  seen = 0;
  searched = 0;
  version: Vertex['version'] = undefined;
  blocks: Blocks = noBlocks;
  awaited: Vertex['awaited'] = undefined;
  readonly #edges: EdgeTable;

  constructor(edges: EdgeTable, row: number, { id, type, namespace, name }: Named, annotations: Vertex['annotations']) {
    this.#edges = edges;
    this.row = row;
    this.id = id;
    this.type = type;
    this.namespace = namespace;
    this.name = name;
    this.label = isWhole(id, type, namespace, name) ? name : placeholderLabel({ id, namespace });
    this.annotations = annotations;
  }

  get out(): readonly Block[] {
    return listedBlocks(this.blocks);
  }

  set out(blocks: readonly Block[]) {
    this.blocks = keptBlocks(blocks);
  }

  get in(): EdgeList {
    return this.#edges.incomingOf(this);
  }

  get claims(): readonly SpokenClaim[] {
    return this.#edges.claims.spokenIn(this.#edges.claims.listSaidBy(this));
  }

  claimsBy(rules: ReadonlySet<string>): readonly SpokenClaim[] {
    return this.#edges.claims.spokenBy(this.#edges.claims.listSaidBy(this), rules);
  }
}

/** A snapshot of the current vertex: only valid for readers entered in the epochs. */
export class PastVertex extends StoredVertex {
  readonly #edges: EdgeTable;
  readonly #in: EdgeList;
  readonly #said: SaidList;

  constructor(edges: EdgeTable, vertex: Vertex) {
    super(edges, vertex.row, vertex, vertex.annotations);
    Object.assign(this, vertex);
    this.#edges = edges;
    this.#in = vertex.in;
    this.#said = edges.claims.listSaidBy(vertex);
  }

  override get in(): EdgeList {
    return this.#in;
  }

  override get claims(): readonly SpokenClaim[] {
    return this.#edges.claims.spokenIn(this.#said);
  }

  override claimsBy(rules: ReadonlySet<string>): readonly SpokenClaim[] {
    return this.#edges.claims.spokenBy(this.#said, rules);
  }
}

type Named = Pick<Vertex, 'id' | 'type' | 'namespace' | 'name'>;

/** Whether the id consists of type, namespace and name only. */
function isWhole(id: string, type: string, namespace: string, name: string): boolean {
  const plain = id.length - clusterPart(id).length;
  return plain === type.length + 1 + (namespace ? namespace.length + 1 : 0) + name.length && id.endsWith(name);
}

/** Label of a placeholder: the id without type and namespace. */
export function placeholderLabel({ id, namespace }: { readonly id: string; readonly namespace: string }): string {
  const { path } = parseId(id);
  return namespace && path.startsWith(`${namespace}/`) ? path.slice(namespace.length + 1) : path;
}
