// What the engine holds in memory: vertices, edges, and the claims that make edges. Types only; see engine.ts.
import type { Application, ApplicationMark } from '../../applications/application.ts';
import type { Health } from '../../health/health.ts';
import type { Condition, End, Fact, Rule } from '../../relations/relation.ts';
import type { Block, Blocks } from '../engine/edges.ts';
import type { Annotations } from './annotation.ts';
import type { Piece } from './bytes.ts';
import type { Few } from './compact.ts';
import type { Fields } from './fields.ts';

/**
 * A resource's state at one moment, never changed once made: the whole resource as it stands in `/cluster`, with the separator
 * that follows it.
 */
export interface Version extends Piece {
  readonly timestamp: string;
  /** Where `properties` begins and ends, within the piece. */
  readonly from: number;
  readonly to: number;
  /** The number of captures there had been when it was made. */
  readonly generation: number;
}

export interface Vertex {
  /** Its number in the tables of its graph; none has it twice at a time. */
  readonly row: number;
  readonly id: string;
  readonly type: string;
  readonly namespace: string;
  name: string;
  /** True while a source says that it exists. */
  present: boolean;
  uid: string;
  /** As the API last told; the same version is the same content. */
  resourceVersion: string;
  label: string;
  alternateLabel: string;
  labels: Labels | undefined;
  /** Has an owner reference with `controller: true`. */
  controlled: boolean;
  /** What field selectors ask of it. */
  fields: Fields;
  /** What is added to it beside its properties. */
  annotations: Annotations | undefined;
  /** What it says itself: of its health, and of the application it belongs to. */
  ownHealth: Health | undefined;
  mark: ApplicationMark | undefined;
  /** What is made of that and of what it is related to: see engine/derivations.ts. */
  health: Health | undefined;
  application: Application | undefined;
  /** The last list of its kind that it stood in. */
  seen: number;
  /** What is searched of it, in short, as it was when it was last added to the index; 0 where it is in none. */
  searched: number;
  version: Version | undefined;
  /** Its relations as a source, sorted by type and target. */
  out: readonly Block[];
  /** The same as they are kept: what is the same here is the same there. */
  readonly blocks: Blocks;
  /** Its relations as a target, in no order. */
  readonly in: EdgeList;
  /** What it says, in the order of the rules. */
  readonly claims: readonly SpokenClaim[];
  /** The same of rules of these names alone: the others cost next to nothing. */
  claimsBy(rules: ReadonlySet<string>): readonly SpokenClaim[];
  /** Rows of claims by UID that name it, whether it is the incarnation they mean or not. */
  awaited: Few<number>;
}

export type Labels = { readonly [key: string]: string };

/** A relation, made for whoever asks for it: who asks twice gets two that say the same. */
export interface Edge {
  /** Its number in the tables of its graph, by which relations are told apart that stood at one moment. */
  readonly row: number;
  readonly type: string;
  readonly source: Vertex;
  readonly target: Vertex;
  readonly timestamp: string;
  /** Who says so now: one claim, mostly; none of a relation that is gone. */
  readonly claims: readonly Claim[];
}

/** Gone through without making all of them first. */
export interface EdgeList extends Iterable<Edge> {
  readonly length: number;
  some(test: (edge: Edge) => boolean): boolean;
  /** Those whose type is meant: of the others nothing is made. */
  filter(test: (edge: Pick<Edge, 'type'>) => boolean): readonly Edge[];
}

/** Why something is said, in the same words by thousands: kept once where it has no notes. */
export interface Reason {
  readonly rule: Rule;
  readonly field: string;
  readonly flags: number;
  readonly notes: Notes | undefined;
}

/** Who says of a relation that it is, and why; made, like a relation, for whoever asks for it. */
export interface Claim {
  readonly speaker: Vertex;
  readonly reason: Reason;
}

/** One reference an object makes, resolved and kept resolved. */
export interface SpokenClaim extends Claim {
  /** Its ends where they must be resolved again when something changes, or it is more than its ends: undefined for plain, fixed ones. */
  readonly ends: Ends | undefined;
  /** The edge it makes, if it makes one; a claim about a set keeps its edges elsewhere. */
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
