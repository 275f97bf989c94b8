// Parses `fieldSelector`, the text form of `kubectl get --field-selector`, for the few fields stored for every resource. As
// in the API, an absent field is the empty string, and `\` escapes `,`, `=` and itself.
import { fault } from '../../../src/errors.ts';
import { type SelectableField, selectableFields } from '../model/fields.ts';
import type { Vertex } from '../model/vertex.ts';

export interface FieldRequirement {
  readonly field: SelectableField;
  readonly operator: '=' | '!=';
  readonly value: string;
}

/** Throws `bad_parameter` with `parameter` and the requirement. Empty text requires nothing. */
export function parseFieldSelector(text: string, parameter = 'fieldSelector'): readonly FieldRequirement[] {
  if (text.trim() === '') return [];
  return splitUnescaped(text).map((part) => requirement(part, parameter));
}

/** Whether the resource meets all requirements. */
export function matchesFields(
  requirements: readonly FieldRequirement[],
  resource: Pick<Vertex, 'name' | 'namespace' | 'fields'>,
): boolean {
  return requirements.every(
    ({ field, operator, value }) => (fieldOf(resource, field) === value) === (operator === '='),
  );
}

function fieldOf({ name, namespace, fields }: Pick<Vertex, 'name' | 'namespace' | 'fields'>, field: string): string {
  if (field === 'metadata.name') return name;
  if (field === 'metadata.namespace') return namespace;
  return fields[field] ?? '';
}

function requirement(part: string, parameter: string): FieldRequirement {
  const refuse = (reason: string) =>
    fault('bad_parameter', { parameter, reason: `${JSON.stringify(part)}: ${reason}` });
  const at = part.search(/!=|=/);
  if (at < 0) throw refuse('expected field=value, field==value or field!=value');
  const sign = part[at] === '!' ? '!=' : part.startsWith('==', at) ? '==' : '=';
  const field = part.slice(0, at).trim() as SelectableField;
  if (!selectableFields.includes(field))
    throw refuse(`this field cannot be selected by; take one of ${selectableFields.join(', ')}`);
  const value = unescaped(part.slice(at + sign.length).trim());
  if (value === undefined) throw refuse('a "\\" may stand only before ",", "=" and "\\", and "=" only after one');
  return { field, operator: sign === '!=' ? '!=' : '=', value };
}

function splitUnescaped(text: string): string[] {
  const parts: string[] = [];
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === ',') {
      parts.push(text.slice(from, i));
      from = i + 1;
    }
  }
  return [...parts, text.slice(from)];
}

function unescaped(text: string): string | undefined {
  if (!/^(?:[^\\=]|\\[\\,=])*$/.test(text)) return undefined;
  return text.replace(/\\([\\,=])/g, '$1');
}
