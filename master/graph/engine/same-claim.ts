// Whether a claim equals a reference, so that a repeated reference keeps its relation and timestamp.
import { resourceId } from '../../../src/ids.ts';
import type { End, Reference } from '../../relations/relation.ts';
import type { SourcedReference } from '../contract.ts';
import { flagsOf } from '../model/flags.ts';
import type { Notes, Reason, Vertex } from '../model/vertex.ts';
import type { ClaimRow } from './claim-table.ts';
import type { EdgeTable } from './edge-table.ts';

export type SaysThe = (claim: ClaimRow, said: SourcedReference) => boolean;

export function createSaysThe(clusterId: string, edges: EdgeTable): SaysThe {
  const { claims } = edges;

  /** A claim with fixed ends stores only its edge: compare with the edge's vertices. */
  function sameEnds(claim: ClaimRow, { source, target, states, when }: Reference): boolean {
    const ends = claims.endsOf(claim);
    if (!sameJson(ends?.states, states) || !sameJson(ends?.when, when)) return false;
    if (ends) return sameEnd(ends.source, source) && sameEnd(ends.target, target);
    const edge = claims.edgeOf(claim);
    const speaker = claims.speakerOf(claim);
    return edges.sourceOf(edge).id === fixedId(source, speaker) && edges.targetOf(edge).id === fixedId(target, speaker);
  }

  function fixedId(end: End | undefined, speaker: Vertex): string | undefined {
    if (!end) return speaker.id;
    if (end.by === 'cluster') return clusterId;
    return end.by === 'name' ? (end.id ?? resourceId(end.type, end.name, end.namespace)) : undefined;
  }

  return (claim, { rule, reference }) => {
    const reason = claims.reasonOf(claim);
    return (
      reason.rule === rule &&
      reason.field === reference.field &&
      reason.flags === flagsOf(reference) &&
      sameEnds(claim, reference) &&
      sameNotes(reason.notes, reference.notes)
    );
  };
}

export function isFixed(end: End | undefined): boolean {
  return end === undefined || end.by === 'name' || end.by === 'cluster';
}

export function keyOfReason(reason: Reason): string {
  return `${reason.rule.name} ${reason.field}`;
}

export function keyOfSaid({ rule, reference }: SourcedReference): string {
  return `${rule.name} ${reference.field}`;
}

function sameEnd(a: End | undefined, b: End | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && a.by === b.by && JSON.stringify(a) === JSON.stringify(b));
}

function sameNotes(a: Notes | undefined, b: Reference['notes']): boolean {
  return sameJson(a, b);
}

function sameJson(a: object | undefined, b: object | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && JSON.stringify(a) === JSON.stringify(b));
}
