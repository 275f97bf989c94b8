// Ends of a reference that mean every object of which something holds.
import type { End, KindEnd, LabelsEnd } from '../../relations/relation.ts';

export type SetEnd = LabelsEnd | KindEnd;

export function isSetEnd(end: End | undefined): end is SetEnd {
  return end?.by === 'labels' || end?.by === 'kind';
}

/** At most one of the two is a set. */
export function setEndOf(source: End | undefined, target: End | undefined): SetEnd | undefined {
  if (isSetEnd(source)) return source;
  return isSetEnd(target) ? target : undefined;
}

/** Whether it means holders of templates, not objects of its type. */
export function isOfTemplates(end: SetEnd): boolean {
  return end.by === 'labels' && end.templates === true;
}
