// The text of one resource and of one relation as `/cluster` serves them: one a line, keys in one order always.
import type { Rule } from '../relations/relation.ts';
import type { Claim, Edge, Vertex } from './vertex.ts';
import { notReadyFlag, optionalFlag, readyFlag, templateFlag } from './vertex.ts';

/** What follows each element; whoever writes an array leaves it out after the last. */
export const separator = ',\n';

/** Beyond this the reasons of one relation are counted, not listed: a Pod may name one Secret a thousand times. */
const mostReasons = 20;

export type Standing = '' | 'missing' | 'unverified';

export interface Writer {
  /** Up to and with `"properties":`. */
  head(vertex: Vertex, timestamp: string): string;
  /** From behind the properties to the end, separator included. */
  tail(vertex: Vertex, standing: Standing, extra: ReadonlyMap<string, string> | undefined): string;
  edge(edge: Edge): string;
}

const plain = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;

/** JSON of a string; the common case without asking the serializer. */
function quote(text: string): string {
  return plain.test(text) ? `"${text}"` : JSON.stringify(text.toWellFormed());
}

export function createWriter(
  createdBy: string,
  orderOf: ReadonlyMap<Rule, number>,
  standingOf: (vertex: Vertex) => Standing,
): Writer {
  const by = `"annotations":{"createdBy":${quote(createdBy)},"label":`;

  function compareClaims(a: Claim, b: Claim): number {
    const byRule = (orderOf.get(a.rule) ?? 0) - (orderOf.get(b.rule) ?? 0);
    if (byRule !== 0) return byRule;
    if (a.field !== b.field) return a.field < b.field ? -1 : 1;
    return a.speaker.id < b.speaker.id ? -1 : a.speaker.id > b.speaker.id ? 1 : 0;
  }

  function reason({ rule, field }: Claim): string {
    return `{"rule":${quote(rule.name)},"field":${quote(field)}}`;
  }

  function reasons(sorted: readonly Claim[]): string {
    const distinct = [...new Set(sorted.map(reason))];
    if (distinct.length < 2) return '';
    const listed = distinct.slice(0, mostReasons).join(',');
    const more = distinct.length - mostReasons;
    return `,"reasons":[${listed}]${more > 0 ? `,"moreReasons":${more}` : ''}`;
  }

  function notes(first: Claim): string {
    if (!first.notes) return '';
    let text = '';
    for (const name in first.notes) text += `,${quote(name)}:${JSON.stringify(first.notes[name])}`;
    return text;
  }

  function flags(claims: readonly Claim[]): string {
    let text = '';
    if (claims.every((claim) => claim.flags & optionalFlag)) text += ',"optional":true';
    if (claims.every((claim) => claim.flags & templateFlag)) text += ',"template":true';
    if (claims.some((claim) => claim.flags & readyFlag)) text += ',"ready":true';
    else if (claims.some((claim) => claim.flags & notReadyFlag)) text += ',"ready":false';
    return text;
  }

  return {
    head: (vertex, timestamp) =>
      `{"id":${quote(vertex.id)},"type":${quote(vertex.type)},"timestamp":"${timestamp}","properties":`,
    tail(vertex, standing, extra) {
      const alternate = vertex.alternateLabel ? `,"alternateLabel":${quote(vertex.alternateLabel)}` : '';
      const gap = standing ? `,"${standing}":true` : '';
      return `,${by}${quote(vertex.label)}${alternate}${gap}${extra ? further(extra) : ''}}}${separator}`;
    },
    edge(edge) {
      const claims = claimsOf(edge);
      const sorted = claims.length > 1 ? claims.slice().sort(compareClaims) : claims;
      const first = sorted[0] as Claim;
      const standing = standingOf(edge.target) || standingOf(edge.source);
      return (
        `{"type":${quote(edge.type)},"timestamp":"${edge.timestamp}","source":${quote(edge.source.id)},` +
        `"target":${quote(edge.target.id)},${by}${quote(edge.type)},"rule":${quote(first.rule.name)},` +
        `"field":${quote(first.field)}${flags(claims)}${standing ? `,"${standing}":true` : ''}${notes(first)}` +
        `${claims.length > 1 ? reasons(sorted) : ''}}}${separator}`
      );
    },
  };
}

/** Annotations in the order of their names, whoever added them when. */
function further(extra: ReadonlyMap<string, string>): string {
  return [...extra]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `,${quote(name)}:${value}`)
    .join('');
}

export function claimsOf(edge: Edge): readonly Claim[] {
  if (edge.claims === undefined) return [];
  return Array.isArray(edge.claims) ? edge.claims : [edge.claims];
}
