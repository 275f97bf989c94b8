// The parameters of all routes that answer with a part of the graph: one schema, one parser.

import { absences } from '../../src/absence.ts';
import { fault } from '../../src/errors.ts';
import { notOneOf } from '../../src/nearest.ts';
import { Type } from '../../src/schema.ts';
import { selectableFields } from '../graph/model/fields.ts';
import { compileSelector } from '../graph/model/label-selector.ts';
import { parseLabelSelector } from '../graph/model/parse-label-selector.ts';
import { FieldMatches } from '../graph/questions/field-matches.ts';
import { parseFieldSelector } from '../graph/questions/field-selector.ts';
import type { Query, ResourceTest, Trim, Walk } from '../graph/questions/query.ts';
import { parseWildcards, type Wildcards } from '../graph/questions/wildcard.ts';
import { healthStates } from '../health/health.ts';
import { idNamed, type Named } from './ids-named.ts';
import { narrowingParameters, relationsNamed, withTypeNames } from './narrowing.ts';
import type { RouteContext } from './route.ts';

const text = (description: string, example: string, maxLength = 4096) =>
  Type.Optional(Type.String({ description, examples: [example], minLength: 1, maxLength }));

const flags = ['true', 'false', '1', '0'] as const;
export const flag = (description: string) => Type.Optional(Type.Enum([...flags], { description, examples: ['true'] }));
export type Flag = (typeof flags)[number];

export const deepest = 64;
/** Steps from `root` where nothing is said. */
export const usualDepth = 1;
const mostRoots = 100;
const mostPointers = 64;

export const resourceParameters = {
  type: narrowingParameters.type,
  namespace: narrowingParameters.namespace,
  labelSelector: text('Labels to keep, in the grammar of `kubectl get -l`', 'app in (frontend,redis),!canary'),
  fieldSelector: text(`Fields to keep: ${selectableFields.join(', ')}, with =, == or !=`, 'status.phase=Running'),
  health: text(
    `States of health to keep: ${healthStates.join(', ')}; \`!\` leaves out, and what has no health is left out, too`,
    '!ok,!done',
    256,
  ),
  q: text('Text that id, name or label contain, in any case', 'redis', 256),
  missing: flag(
    'Only what something names and needs, and does not exist; `false` leaves it out, and what is `absent` for a reason, too',
  ),
  absent: text(
    `Only what something names and does not exist, for one of these reasons why it is not missed: ${absences.join(', ')}; \`*\` is any`,
    'optional,pending',
    256,
  ),
  stale: flag('Only what is shown as it was last seen, its source being out of reach; `false` leaves it out'),
};

export const walkParameters = {
  root: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 2048 }), {
      description:
        'Ids to start from, or TYPE/NAME: what they are connected to is kept. Several by repeating it, or separated by commas',
      examples: [['Deployment:shop/frontend']],
      minItems: 1,
      maxItems: mostRoots,
    }),
  ),
  direction: Type.Optional(
    Type.Enum(['up', 'down', 'both'], {
      description: 'From `root`: `down` follows relations from source to target, `up` the other way; both if left out',
      examples: ['down'],
    }),
  ),
  depth: Type.Optional(
    Type.Integer({
      description: 'From `root`: most steps; one if left out',
      examples: [2],
      minimum: 0,
      maximum: deepest,
    }),
  ),
};

export const graphParameters = {
  ...resourceParameters,
  relation: narrowingParameters.relation,
  neighbours: flag('Also includes direct neighbours and the relations to them'),
  ...walkParameters,
};

export const trimParameters = {
  reasons: flag(
    '`false` leaves of relations type, ends and label (no rule, field or timestamp), and of what is noted about a resource no createdBy, field or from',
  ),
  properties: flag('`false` leaves the properties of resources out'),
  fields: text(
    'JSON pointers, separated by commas: of the properties only what they name; `*` is every element',
    '/properties/metadata/labels,/properties/spec/containers/*/image',
  ),
};

/** Of answers that have relations; a stream's are made of the same parts. */
export const relationIdsParameter = {
  ids: flag('`true` gives each relation an `id`, made of its source, type and target'),
};

export interface GraphParameters {
  readonly type?: string;
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly q?: string;
  readonly missing?: Flag;
  readonly absent?: string;
  readonly stale?: Flag;
  readonly health?: string;
  readonly relation?: string;
  readonly neighbours?: Flag;
  readonly root?: readonly string[];
  readonly direction?: Walk['direction'];
  readonly depth?: number;
}

export interface TrimParameters {
  readonly reasons?: Flag;
  readonly properties?: Flag;
  readonly fields?: string;
}

type Names = Pick<RouteContext, 'typesNamed' | 'graph'>;

/** @throws Fault `bad_parameter`. */
export function queryOf(parameters: GraphParameters, names: Names): Query {
  const { relation, neighbours } = parameters;
  return {
    resource: resourceTestOf(parameters, names),
    relation: relation === undefined ? undefined : relationsNamed(relation, names),
    neighbours: isSet(neighbours),
    walk: walkOf(parameters, names),
  };
}

/** Undefined without conditions. */
export function resourceTestOf(parameters: GraphParameters, names: Names): ResourceTest | undefined {
  const { type, namespace, labelSelector, fieldSelector, q, missing, absent, stale, health } = parameters;
  const test: ResourceTest = {
    type: type === undefined ? undefined : parseWildcards(withTypeNames(type, names), 'type'),
    namespace: namespace === undefined ? undefined : parseWildcards(namespace, 'namespace'),
    labels: labelSelector === undefined ? undefined : compileSelector(parseLabelSelector(labelSelector)),
    fields: fieldSelector === undefined ? undefined : parseFieldSelector(fieldSelector),
    text: q?.toLowerCase(),
    missing: missing === undefined ? undefined : isSet(missing),
    absent: absent === undefined ? undefined : wordsOf(absent, 'absent', absences),
    stale: stale === undefined ? undefined : isSet(stale),
    health: health === undefined ? undefined : wordsOf(health, 'health', healthStates),
  };
  return Object.values(test).every((each) => each === undefined) ? undefined : test;
}

/** A list in any case. @throws Fault `bad_parameter` for an unknown word, which would match or exclude nothing. */
export function wordsOf(list: string, parameter: string, words: readonly string[]): Wildcards {
  const small = list.toLowerCase();
  const matches = parseWildcards(small, parameter);
  for (const word of small.split(',').map((each) => each.trim().replace(/^!/, ''))) {
    if (word.includes('*') || words.includes(word)) continue;
    throw fault('bad_parameter', { parameter, reason: notOneOf(word, words) });
  }
  return matches;
}

function walkOf({ root, direction, depth, namespace }: GraphParameters, names: Names): Walk | undefined {
  if (root === undefined) {
    const alone = depth !== undefined ? 'depth' : direction !== undefined ? 'direction' : undefined;
    if (alone)
      throw fault('bad_parameter', {
        parameter: alone,
        reason: 'it needs root=, the resource to start from',
      });
    return undefined;
  }
  return {
    roots: idsNamed(root, { parameter: 'root', namespace }, names),
    direction: direction ?? 'both',
    depth: depth ?? usualDepth,
  };
}

/** Names of users and hosts may hold commas: what is an id as it stands is not taken apart. */
export function idsNamed(texts: readonly string[], { parameter, namespace }: Named, names: Names): string[] {
  const named = (text: string) => idNamed(text, { parameter, namespace }, names);
  const ids = texts.flatMap((each) => {
    if (!each.includes(',')) return [named(each)];
    const whole = /^[^/,]*:/.test(each) ? named(each) : undefined;
    return whole !== undefined && names.graph.get(whole) ? [whole] : each.split(',').map((part) => named(part.trim()));
  });
  if (ids.length <= mostRoots) return [...new Set(ids)];
  throw fault('bad_parameter', { parameter, reason: `it names more than ${mostRoots} resources` });
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

export function isSet(flag: Flag | undefined): boolean {
  return flag === 'true' || flag === '1';
}
