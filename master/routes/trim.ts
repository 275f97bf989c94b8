// What of each resource and relation is answered: the parameters, and the trim that they ask for.
import { fault } from '../../src/errors.ts';
import { Type } from '../../src/schema.ts';
import { FieldMatches } from '../graph/questions/field-matches.ts';
import type { Trim } from '../graph/questions/query.ts';
import { type Flag, flag, isSet } from './flag.ts';

const mostPointers = 64;

export const trimParameters = {
  reasons: flag(
    '`false` leaves of relations type, ends and label (no rule, field or timestamp), and of what is noted about a resource no createdBy, field or from',
  ),
  properties: flag('`false` leaves the properties of resources out'),
  fields: Type.Optional(
    Type.String({
      description: 'JSON pointers, separated by commas: of the properties only what they name; `*` is every element',
      examples: ['/properties/metadata/labels,/properties/spec/containers/*/image'],
      minLength: 1,
      maxLength: 4096,
    }),
  ),
};

/** Of answers that have relations; a stream's are made of the same parts. */
export const relationIdsParameter = {
  ids: flag('`true` gives each relation an `id`, made of its source, type and target'),
};

export interface TrimParameters {
  readonly reasons?: Flag;
  readonly properties?: Flag;
  readonly fields?: string;
}

/** @throws Fault `bad_parameter`. */
export function trimOf(asked: TrimParameters): Trim | undefined {
  const trim: Trim = { ...propertiesOf(asked), ...(isShort(asked) && { reasons: false }) };
  return Object.keys(trim).length > 0 ? trim : undefined;
}

function propertiesOf({ properties, fields }: TrimParameters): Trim {
  const without = properties !== undefined && !isSet(properties);
  if (fields === undefined) return without ? { properties: false } : {};
  if (without) throw fault('bad_parameter', { parameter: 'fields', reason: 'properties=false asks for none of them' });
  const pointers = fields.split(',').map((each) => pointerOf(each.trim()));
  if (pointers.length > mostPointers) {
    throw fault('bad_parameter', { parameter: 'fields', reason: `it names more than ${mostPointers} fields` });
  }
  // Everything outside of the properties is always included.
  const inside = pointers.filter(([first]) => first === 'properties').map(([, ...rest]) => rest);
  return inside.length > 0 ? { pointers: inside, matches: new FieldMatches(inside) } : { properties: false };
}

export function isShort({ reasons }: TrimParameters): boolean {
  return reasons !== undefined && !isSet(reasons);
}

/** Members of a resource, by the first part of a pointer. */
const members: ReadonlySet<string> = new Set(['properties', 'id', 'type', 'timestamp', 'annotations']);

/** @throws Fault `bad_parameter`, also for a pointer that no resource has anything at: it would leave everything out. */
function pointerOf(pointer: string): string[] {
  const parts = pointer
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  const isPointer = pointer.startsWith('/') && !/~(?![01])/.test(pointer);
  if (isPointer && members.has(parts[0] ?? '')) return parts;
  const said = JSON.stringify(pointer);
  const reason = isPointer
    ? `${said} leads nowhere: pointers begin with /properties; did you mean /properties${pointer === '/' ? '' : pointer}?`
    : `${said} is not a JSON pointer, such as /properties/metadata/labels: it begins with "/", and "~" stands before 0 or 1 only${pointerMeant(pointer)}`;
  throw fault('bad_parameter', { parameter: 'fields', reason });
}

/** `.spec.containers[*].image` or `spec.replicas`, as kubectl writes them. */
function pointerMeant(text: string): string {
  const path = text.replace(/^\{?\$?\.?/, '').replace(/\}$/, '');
  if (!/^[\w-]+(?:\.[\w-]+|\[(?:\*|\d+)\])*$/.test(path)) return '';
  const parts = path.split(/[.[\]]+/).filter((part) => part !== '');
  return `; did you mean /${[...(parts[0] === 'properties' ? [] : ['properties']), ...parts].join('/')}?`;
}
