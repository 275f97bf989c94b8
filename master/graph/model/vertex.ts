// The engine's data: vertices, edges and the claims that make edges. Types only; see engine.ts.
import type { Application, ApplicationMark } from '../../applications/application.ts';
import type { Health } from '../../health/health.ts';
import type { Condition, End, Fact, Rule } from '../../relations/relation.ts';
import type { Block, Blocks } from '../engine/edges.ts';
import type { Annotations } from './annotation.ts';
import type { Piece } from './bytes.ts';
import type { Few } from './compact.ts';
import type { Fields } from './fields.ts';

/** Immutable state of a resource at one moment: its whole text as in `/cluster`, with the separator after it. */
export interface Version extends Piece {
  readonly timestamp: string;
  /** Start and end of `properties` in the piece. */
  readonly from: number;
  readonly to: number;
  /** Number of captures at its creation. */
  readonly generation: number;
}

export interface Vertex {
  /** Row in the tables of the graph; unique among existing vertices. */
  readonly row: number;
  readonly id: string;
  readonly type: string;
  readonly namespace: string;
  name: string;
  /** Whether a source reports it as existing. */
  present: boolean;
  uid: string;
  /** From the API; equal versions mean equal content. */
  resourceVersion: string;
  label: string;
  alternateLabel: string;
  labels: Labels | undefined;
  /** True if it has an owner reference with `controller: true`. */
  controlled: boolean;
  /** Values that field selectors match. */
  fields: Fields;
  /** Values added by `annotate`. */
  annotations: Annotations | undefined;
  /** From the object itself: its health and its application. */
  ownHealth: Health | undefined;
  mark: ApplicationMark | undefined;
  /** Derived from these and from its relations: see engine/derivations.ts. */
  health: Health | undefined;
  application: Application | undefined;
  /** Number of the last list of its kind that contained it. */
  seen: number;
  /** Hash of its searchable texts when last added to the index; 0 if not in it. */
  searched: number;
  version: Version | undefined;
  /** Outgoing relations, sorted by type and target. */
  out: readonly Block[];
  /** The stored form: equal references mean equal content. */
  readonly blocks: Blocks;
  /** Incoming relations, unordered. */
  readonly in: EdgeList;
  /** Its claims, in the order of the rules. */
  readonly claims: readonly SpokenClaim[];
  /** The same of rules of these names alone: the others cost next to nothing. */
  claimsBy(rules: ReadonlySet<string>): readonly SpokenClaim[];
  /** Rows of the UID claims that name it, whether or not they mean this incarnation. */
  awaited: Few<number>;
}

export type Labels = { readonly [key: string]: string };

/** A relation, created on demand: two reads give two equal objects. */
export interface Edge {
  /** Its row: identifies it among the relations of one moment. */
  readonly row: number;
  readonly type: string;
  readonly source: Vertex;
  readonly target: Vertex;
  readonly timestamp: string;
  /** The claims that make it: usually one; none for a removed relation. */
  readonly claims: readonly Claim[];
  /** The flags of its claims, without creating these: those that all have, and those that any has. */
  readonly flags: EdgeFlags;
}

export interface EdgeFlags {
  readonly all: number;
  readonly any: number;
}

/** Iterates without creating all edges first. */
export interface EdgeList extends Iterable<Edge> {
  readonly length: number;
  /** `isMeant` may pass over relations by their type: of these nothing is made. */
  some(test: (edge: Edge) => boolean, isMeant?: (edge: Pick<Edge, 'type'>) => boolean): boolean;
  /** Those whose type is meant: of the others nothing is made. */
  filter(test: (edge: Pick<Edge, 'type'>) => boolean): readonly Edge[];
  /** By the source and the type alone: no relation is created. */
  someSource(test: (source: Vertex, type: string) => boolean): boolean;
}

/** Why something is claimed. Reasons without notes are shared by thousands of claims. */
export interface Reason {
  readonly rule: Rule;
  readonly field: string;
  readonly flags: number;
  readonly notes: Notes | undefined;
}

/** An assertion of a relation and its reason; created on demand, like a relation. */
export interface Claim {
  readonly speaker: Vertex;
  readonly reason: Reason;
}

/** One reference of an object, kept resolved. */
export interface SpokenClaim extends Claim {
  /** Ends that must be resolved again after changes, or that say more than the edge; undefined for plain fixed ends. */
  readonly ends: Ends | undefined;
  /** Its edge, if any; edges of a claim about a set are stored elsewhere. */
  readonly edge: Edge | undefined;
}

export type Notes = { readonly [name: string]: string | number | boolean };

export interface Ends {
  readonly source: End | undefined;
  readonly target: End | undefined;
  readonly states?: Fact | undefined;
  readonly when?: Condition | undefined;
}

/** Bits of `Reason.flags`. */
export const optionalFlag = 1;
export const templateFlag = 2;
export const readyFlag = 4;
export const notReadyFlag = 8;
export const defaultedFlag = 16;
export const guessFlag = 32;
export const halfFlag = 64;
export const wishFlag = 128;
export const blocksFlag = 256;
export const sourceDependsFlag = 512;
export const targetDependsFlag = 1024;
export const noneDependsFlag = 2048;
export const expectedFlag = 4096;
export const pendingFlag = 8192;
