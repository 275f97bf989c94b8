// Ends of a reference that stand for all objects with some property.
import type { End, KindEnd, LabelsEnd } from '../../relations/relation.ts';

export type SetEnd = LabelsEnd | KindEnd;

export function isSetEnd(end: End | undefined): end is SetEnd {
  return end?.by === 'labels' || end?.by === 'kind';
}

/** At most one end is a set. */
export function setEndOf(source: End | undefined, target: End | undefined): SetEnd | undefined {
  if (isSetEnd(source)) return source;
  return isSetEnd(target) ? target : undefined;
}

/** Whether it selects objects by their template instead of objects of its type. */
export function isOfTemplates(end: SetEnd): boolean {
  return end.by === 'labels' && end.templates === true;
}
