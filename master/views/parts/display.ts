// The label of a resource in drawings, by the rule of 2015: a readable name is preferred to a hexadecimal one.
import type { Relation, Resource, ResourceAnnotations } from '../../../src/model.ts';

const hexadecimal = /^[0-9a-f]*$/i;

/** The first of: a non-hexadecimal alternate label, a non-hexadecimal label, the alternate label, the label. */
export function displayLabel({ label, alternateLabel }: ResourceAnnotations): string {
  const labels = [alternateLabel, label].filter((text) => typeof text === 'string' && text !== '') as string[];
  return labels.find((text) => !hexadecimal.test(text)) ?? labels[0] ?? '<unknown>';
}

/** `TYPE:LABEL`. */
export function titleOf({ type, annotations }: Resource): string {
  return `${type}:${displayLabel(annotations)}`;
}

/** The relation's field, and its owner if that is not the source. */
export function fieldOf({ target, annotations: { field, fieldOf: holder = 'source' } }: Relation): string {
  if (holder === 'source') return field;
  return `${field} of ${holder === 'target' ? target : `the ${holder}`}`;
}
