// What a drawing writes on a resource, by the rule of 2015: a name that a person reads goes before a hexadecimal one.
import type { Relation, Resource, ResourceAnnotations } from '../../../src/model.ts';

const hexadecimal = /^[0-9a-f]*$/i;

/** The first of: an alternate label that is no hexadecimal number, such a label, the alternate label, the label. */
export function displayLabel({ label, alternateLabel }: ResourceAnnotations): string {
  const labels = [alternateLabel, label].filter((text) => typeof text === 'string' && text !== '') as string[];
  return labels.find((text) => !hexadecimal.test(text)) ?? labels[0] ?? '<unknown>';
}

/** `TYPE:LABEL`. */
export function titleOf({ type, annotations }: Resource): string {
  return `${type}:${displayLabel(annotations)}`;
}

/** The field that says it, and whose it is where it is not the source's. */
export function fieldOf({ target, annotations: { field, fieldOf: holder = 'source' } }: Relation): string {
  if (holder === 'source') return field;
  return `${field} of ${holder === 'target' ? target : `the ${holder}`}`;
}
