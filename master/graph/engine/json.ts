// The JSON text of one resource and one relation in `/cluster`: one per line, keys always in the same order.
import type { Absence } from '../../../src/absence.ts';
import type { Application } from '../../applications/application.ts';
import type { Health } from '../../health/health.ts';
import type { Dependence, Rule } from '../../relations/relation.ts';
import type { Annotations } from '../model/annotation.ts';
import { dependenceOf } from '../model/flags.ts';
import type { Claim, Edge, Reason, Vertex } from '../model/vertex.ts';
import {
  blocksFlag,
  defaultedFlag,
  expectedFlag,
  guessFlag,
  halfFlag,
  notReadyFlag,
  optionalFlag,
  pendingFlag,
  readyFlag,
  templateFlag,
  wishFlag,
} from '../model/vertex.ts';

/** Follows each element; writers of an array omit the last one. */
export const separator = ',\n';

/** Further reasons of a relation are counted only: a Pod may name one Secret a thousand times. */
const mostReasons = 20;

/** Empty for present; known to be absent; or not known. */
export type Presence = '' | 'missing' | 'unverified';

/** The same, or the reason why its absence is expected. */
export type Standing = Presence | Absence;

/** The parts of a relation's text that may change during its life. */
export interface EdgeState {
  readonly claims: Edge['claims'];
  readonly standing: Presence;
  readonly timestamp: string;
}

/** Text parts shared by all relations of a rule. */
interface Frame {
  /** Up to the timestamp. */
  readonly head: string;
  /** Between the target's id and the field. */
  readonly middle: string;
}

export interface Writer {
  /** Up to and including `"properties":`. */
  head(vertex: Vertex, timestamp: string): string;
  /** After the properties to the end, with separator. */
  tail(vertex: Vertex, standing: Standing): string;
  /** The current text, or the text for `state`. */
  edge(edge: Edge, state?: EdgeState): string;
  stateOf(edge: Edge): EdgeState;
}

const plain = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;

/** A string as JSON; plain strings skip the serializer. */
function quote(text: string): string {
  return `"${escaped(text)}"`;
}

/** The same without quotes. */
function escaped(text: string): string {
  return plain.test(text) ? text : JSON.stringify(text.toWellFormed()).slice(1, -1);
}

export function createWriter(createdBy: string, presenceOf: (vertex: Vertex) => Presence): Writer {
  const by = `"annotations":{"createdBy":${quote(createdBy)},"label":`;
  const frames = new WeakMap<Rule, Frame>();

  /** Few concatenations: until it is read, each one costs 32 bytes. */
  function frameOf(rule: Rule): Frame {
    const known = frames.get(rule);
    if (known) return known;
    const type = quote(rule.relation);
    const frame = {
      head: `{"type":${type},"timestamp":"`,
      middle: `",${by}${type},"rule":${quote(rule.name)},"field":"`,
    };
    frames.set(rule, frame);
    return frame;
  }

  function flags(claims: readonly Claim[], standing: Presence): string {
    let all = -1;
    let any = 0;
    for (const { reason } of claims) {
      all &= reason.flags;
      any |= reason.flags;
    }
    // Most relations have none of these.
    if (any === 0) return '';
    let text = '';
    if (all & optionalFlag) text += ',"optional":true';
    if (all & templateFlag) text += ',"template":true';
    if (any & readyFlag) text += ',"ready":true';
    else if (any & notReadyFlag) text += ',"ready":false';
    if (all & defaultedFlag) text += ',"defaulted":true';
    if (all & guessFlag) text += ',"guess":true';
    if (any & (halfFlag | wishFlag) && isWanted(claims, standing)) text += ',"wanted":true';
    if (standing === 'missing') {
      if (all & expectedFlag) text += ',"absent":"expected"';
      else if (all & pendingFlag) text += ',"absent":"pending"';
    }
    if (any & blocksFlag) text += ',"blocksOwnerDeletion":true';
    const [depends, usual] = [
      endsThatDepend(claims, dependenceOf),
      endsThatDepend(claims, ({ rule }) => rule.dependence),
    ];
    if (depends !== usual) text += `,"depends":"${depends}"`;
    return text;
  }

  function stateOf(edge: Edge): EdgeState {
    const standing = presenceOf(edge.target) || presenceOf(edge.source);
    return { claims: edge.claims, standing, timestamp: edge.timestamp };
  }

  return {
    head: (vertex, timestamp) =>
      `{"id":${quote(vertex.id)},"type":${quote(vertex.type)},"timestamp":"${timestamp}","properties":`,
    tail(vertex, standing) {
      const alternate = vertex.alternateLabel ? `,"alternateLabel":${quote(vertex.alternateLabel)}` : '';
      const gap = gapOf(standing);
      return `,${by}${quote(vertex.label)}${alternate}${gap}${derived(vertex)}${further(vertex.annotations)}}}${separator}`;
    },
    stateOf,
    edge(edge, state = stateOf(edge)) {
      const { claims, standing } = state;
      const sorted = claims.length > 1 ? claims.toSorted(compareClaims) : claims;
      const first = (sorted[0] as Claim).reason;
      const { head, middle } = frameOf(first.rule);
      const ends = `","source":"${escaped(edge.source.id)}","target":"${escaped(edge.target.id)}`;
      const gap = standing ? `,"${standing}":true` : '';
      const rest = flags(claims, standing) + gap + notesOf(first) + (claims.length > 1 ? reasons(sorted, edge) : '');
      const field = `${escaped(first.field)}","fieldOf":"${holderOf(sorted[0] as Claim, edge)}"`;
      return `${head}${state.timestamp}${ends}${middle}${field}${rest}}}${separator}`;
    },
  };
}

function compareClaims(a: Claim, b: Claim): number {
  const [ruleA, ruleB] = [a.reason.rule.name, b.reason.rule.name];
  if (ruleA !== ruleB) return ruleA < ruleB ? -1 : 1;
  if (a.reason.field !== b.reason.field) return a.reason.field < b.reason.field ? -1 : 1;
  return a.speaker.id < b.speaker.id ? -1 : a.speaker.id > b.speaker.id ? 1 : 0;
}

function reason(claim: Claim, edge: Edge): string {
  const { rule, field } = claim.reason;
  return `{"rule":${quote(rule.name)},"field":${quote(field)},"fieldOf":"${holderOf(claim, edge)}"}`;
}

function reasons(sorted: readonly Claim[], edge: Edge): string {
  const distinct = [...new Set(sorted.map((claim) => reason(claim, edge)))];
  if (distinct.length < 2) return '';
  const listed = distinct.slice(0, mostReasons).join(',');
  const more = distinct.length - mostReasons;
  return `,"reasons":[${listed}]${more > 0 ? `,"moreReasons":${more}` : ''}`;
}

function notesOf({ notes }: Reason): string {
  if (!notes) return '';
  let text = '';
  for (const name in notes) text += `,${quote(name)}:${JSON.stringify(notes[name])}`;
  return text;
}

/**
 * Whose field a reason names: an end's, or that of a third object, which is identified by type only. An EndpointSlice
 * between a Service and a Pod may be replaced by another without a visible change.
 */
function holderOf({ speaker }: Pick<Claim, 'speaker'>, { source, target }: Pick<Edge, 'source' | 'target'>): string {
  if (speaker === source) return 'source';
  return speaker === target ? 'target' : escaped(speaker.type);
}

/** Whether a relation that both ends must assert is asserted by one only, as far as the other was asked. */
function isWanted(claims: readonly Claim[], standing: Presence): boolean {
  const asserting = claims.filter(({ reason }) => !(reason.flags & wishFlag));
  if (standing === 'unverified' && asserting.length > 0) return false;
  if (asserting.some(({ reason }) => !(reason.flags & halfFlag))) return false;
  return new Set(asserting.map(({ speaker }) => speaker)).size < 2;
}

/** Which ends depend on the other, over all claims: `both` if the claims differ. */
function endsThatDepend(claims: readonly Claim[], of: (reason: Reason) => Dependence): Dependence | 'both' {
  let [source, target] = [false, false];
  for (const { reason } of claims) {
    const dependence = of(reason);
    if (dependence === 'source') source = true;
    if (dependence === 'target') target = true;
  }
  if (source) return target ? 'both' : 'source';
  return target ? 'target' : 'none';
}

function gapOf(standing: Standing): string {
  if (standing === '') return '';
  return standing === 'missing' || standing === 'unverified' ? `,"${standing}":true` : `,"absent":"${standing}"`;
}

/** Text made once for equal parts of thousands of relations. */
const texts = new WeakMap<object, string>();

function textOf<T extends object>(value: T, write: (value: T) => string): string {
  let text = texts.get(value);
  if (text === undefined) texts.set(value, (text = write(value)));
  return text;
}

function derived({ application, health }: Vertex): string {
  const of = application ? applicationText(application) : '';
  return health ? of + textOf(health, healthText) : of;
}

function healthText({ state, reason, field, ready, from }: Health): string {
  const more = (ready ? `,"ready":${quote(ready)}` : '') + (from ? `,"from":${quote(from)}` : '');
  return `,"health":{"state":"${state}","reason":${quote(reason)},"field":${quote(field)}${more}}`;
}

function applicationText({ name, shared, field, from }: Application): string {
  const more = (shared ? ',"shared":true' : '') + (from ? `,"from":${quote(from)}` : '');
  return `,"application":{"name":${quote(name)},"field":${quote(field)}${more}}`;
}

function further(annotations: Annotations | undefined): string {
  if (!annotations) return '';
  let text = '';
  for (const [name, value] of annotations) text += `,${quote(name)}:${value.text}`;
  return text;
}

export function sameState(a: EdgeState, b: EdgeState): boolean {
  return (
    a.standing === b.standing &&
    a.timestamp === b.timestamp &&
    a.claims.length === b.claims.length &&
    a.claims.every(saysAs, b.claims)
  );
}

function saysAs(this: readonly Claim[], { speaker, reason }: Claim, i: number): boolean {
  return this[i]?.speaker === speaker && this[i]?.reason === reason;
}
