// Whether a claim says what a reference says, so that what is said again keeps its relation and its timestamp.
import { resourceId } from '../../../src/ids.ts';
import type { End, Reference } from '../../relations/relation.ts';
import type { SourcedReference } from '../contract.ts';
import type { Claim, Edge, Notes, Vertex } from '../model/vertex.ts';
import { notReadyFlag, optionalFlag, readyFlag, templateFlag } from '../model/vertex.ts';

export type SaysThe = (claim: Claim, said: SourcedReference) => boolean;

export function createSaysThe(clusterId: string): SaysThe {
  /** Claims with fixed ends keep no ends but the edge they made: its vertices say what they were. */
  function sameEnds(claim: Claim, { source, target }: Reference): boolean {
    if (claim.ends) return sameEnd(claim.ends.source, source) && sameEnd(claim.ends.target, target);
    const edge = claim.edge as Edge;
    return edge.source.id === fixedId(source, claim.speaker) && edge.target.id === fixedId(target, claim.speaker);
  }

  function fixedId(end: End | undefined, speaker: Vertex): string | undefined {
    if (!end) return speaker.id;
    if (end.by === 'cluster') return clusterId;
    return end.by === 'name' ? resourceId(end.type, end.name, end.namespace) : undefined;
  }

  return (claim, { rule, reference }) => {
    const { reason } = claim;
    return (
      reason.rule === rule &&
      reason.field === reference.field &&
      reason.flags === flagsOf(reference) &&
      sameEnds(claim, reference) &&
      sameNotes(reason.notes, reference.notes)
    );
  };
}

export function flagsOf({ optional, template, ready }: Reference): number {
  const readiness = ready === undefined ? 0 : ready ? readyFlag : notReadyFlag;
  return (optional ? optionalFlag : 0) | (template ? templateFlag : 0) | readiness;
}

export function isFixed(end: End | undefined): boolean {
  return end === undefined || end.by === 'name' || end.by === 'cluster';
}

export function keyOfClaim({ reason }: Claim): string {
  return `${reason.rule.name} ${reason.field}`;
}

export function keyOfSaid({ rule, reference }: SourcedReference): string {
  return `${rule.name} ${reference.field}`;
}

function sameEnd(a: End | undefined, b: End | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && a.by === b.by && JSON.stringify(a) === JSON.stringify(b));
}

function sameNotes(a: Notes | undefined, b: Reference['notes']): boolean {
  return a === b || (a !== undefined && b !== undefined && JSON.stringify(a) === JSON.stringify(b));
}
