// The page's data: a graphology graph, loaded from an answer and updated by the stream, one whole revision at a time. It is
// `stale` after a change to something it does not contain.
import { MultiDirectedGraph } from 'graphology';
import type { Relation, Resource } from '../src/model.ts';
import { isEqual } from './equal.ts';

/** A part of the graph as answered by the master; groups, impact and paths have the same form. */
export interface Answer {
  readonly revision: number | string;
  readonly timestamp: string;
  readonly resources: readonly Resource[];
  readonly relations?: readonly Relation[];
  readonly completeness?: CompletenessSummary;
  readonly distances?: { readonly [id: string]: number };
  readonly paths?: readonly (readonly string[])[];
  readonly allPaths?: boolean;
  readonly more?: { readonly next?: string };
  /** What some routes tell besides. */
  readonly [name: string]: unknown;
}

/** The exceptions in every answer. */
export interface CompletenessSummary {
  readonly complete: boolean;
  readonly reason?: string;
  readonly [family: string]: unknown;
}

interface Ends {
  readonly type: string;
  readonly source: string;
  readonly target: string;
}

/** Data of a `change` event. */
export interface Change {
  readonly revision: number;
  readonly timestamp: string;
  readonly resources?: Delta<Resource, string>;
  readonly relations?: Delta<Relation, Ends>;
  /** New timestamps by id. */
  readonly touched?: { readonly [id: string]: string };
  readonly completeness?: CompletenessSummary;
}

interface Delta<T, Gone> {
  readonly added?: readonly T[];
  readonly changed?: readonly T[];
  readonly removed?: readonly Gone[];
}

export class ClusterModel {
  readonly graph = new MultiDirectedGraph<Resource, Relation>();
  #revision: number | string = 0;
  #timestamp = '';
  #completeness: CompletenessSummary | undefined;
  #distances: ReadonlyMap<string, number> = new Map();
  #paths: readonly (readonly string[])[] = [];
  #rest: { readonly [name: string]: unknown } = {};
  #stale = false;
  #version = 0;

  /** Another one when anything but timestamps changed: a picture of the same version is the same picture. */
  get version(): number {
    return this.#version;
  }

  get revision(): number | string {
    return this.#revision;
  }

  get timestamp(): string {
    return this.#timestamp;
  }

  get completeness(): CompletenessSummary | undefined {
    return this.#completeness;
  }

  /** Distances from the resource of an impact. */
  get distances(): ReadonlyMap<string, number> {
    return this.#distances;
  }

  get paths(): readonly (readonly string[])[] {
    return this.#paths;
  }

  /** What the last answer held besides the graph, such as findings. */
  get rest(): { readonly [name: string]: unknown } {
    return this.#rest;
  }

  /** A change concerned something not loaded: only a new answer helps. */
  get stale(): boolean {
    return this.#stale;
  }

  /** Replaces everything by the answer. */
  load(answer: Answer): void {
    const ids = new Set(answer.resources.map(({ id }) => id));
    for (const id of this.graph.nodes()) if (!ids.has(id)) this.#drop(id);
    const relations = answer.relations ?? [];
    const keys = new Set(relations.map(keyOf));
    for (const key of this.graph.edges()) if (!keys.has(key)) this.#part(key);
    for (const resource of answer.resources) this.#put(resource);
    for (const relation of relations) this.#relate(relation);
    const { resources: _, relations: __, ...rest } = answer;
    if (this.#timestamp === '' || !isSame(rest, this.#rest)) this.#version++;
    this.#revision = answer.revision;
    this.#timestamp = answer.timestamp;
    this.#completeness = answer.completeness ?? this.#completeness;
    this.#distances = new Map(Object.entries(answer.distances ?? {}));
    this.#paths = answer.paths ?? [];
    this.#rest = rest;
    this.#stale = false;
  }

  /** Applies one revision, or several merged by the master. */
  apply({ revision, timestamp, resources, relations, touched, completeness }: Change): void {
    for (const ends of relations?.removed ?? []) {
      const key = keyOf(ends);
      if (this.graph.hasEdge(key)) this.#part(key);
    }
    for (const id of resources?.removed ?? []) if (this.graph.hasNode(id)) this.#drop(id);
    for (const resource of resources?.added ?? []) this.#put(resource);
    for (const resource of resources?.changed ?? []) this.#put(resource);
    for (const [id, moment] of Object.entries(touched ?? {}))
      if (this.graph.hasNode(id)) this.graph.setNodeAttribute(id, 'timestamp', moment);
    for (const relation of relations?.added ?? []) this.#relate(relation);
    for (const relation of relations?.changed ?? []) this.#relate(relation);
    this.#revision = revision;
    this.#timestamp = timestamp;
    this.#completeness = completeness ?? this.#completeness;
  }

  resource(id: string): Resource | undefined {
    return this.graph.hasNode(id) ? this.graph.getNodeAttributes(id) : undefined;
  }

  resources(): Resource[] {
    return this.graph.mapNodes((_id, resource) => resource);
  }

  relations(): Relation[] {
    return this.graph.mapEdges((_key, relation) => relation);
  }

  /** Relations of a resource, sorted as in the master. */
  relationsOf(id: string): Relation[] {
    if (!this.graph.hasNode(id)) return [];
    return this.graph.mapEdges(id, (_key, relation) => relation).sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  }

  #drop(id: string): void {
    this.graph.dropNode(id);
    this.#version++;
  }

  #part(key: string): void {
    this.graph.dropEdge(key);
    this.#version++;
  }

  #put(resource: Resource): void {
    const known = this.resource(resource.id);
    if (known) this.graph.replaceNodeAttributes(resource.id, resource);
    else this.graph.addNode(resource.id, resource);
    if (!known || !isSame(known, resource)) this.#version++;
  }

  #relate(relation: Relation): void {
    const { source, target } = relation;
    const key = keyOf(relation);
    if (this.graph.hasEdge(key)) {
      if (!isSame(this.graph.getEdgeAttributes(key), relation)) this.#version++;
      this.graph.replaceEdgeAttributes(key, relation);
    } else if (this.graph.hasNode(source) && this.graph.hasNode(target)) {
      this.graph.addDirectedEdgeWithKey(key, source, target, relation);
      this.#version++;
    } else this.#stale = true;
  }
}

/** Ids contain no line break. */
export function keyOf({ source, type, target }: Ends): string {
  return `${source}\n${type}\n${target}`;
}

/** Timestamps and revisions aside. */
function isSame(a: object, b: object): boolean {
  return isEqual({ ...a, ...untimed }, { ...b, ...untimed });
}

const untimed = { revision: 0, timestamp: '', completeness: 0 };
