// The parameters of all routes that answer with a part of the graph: one schema, one parser.

import { absences } from '../../src/absence.ts';
import { fault } from '../../src/errors.ts';
import { notOneOf } from '../../src/nearest.ts';
import { Type } from '../../src/schema.ts';
import { selectableFields } from '../graph/model/fields.ts';
import { compileSelector } from '../graph/model/label-selector.ts';
import { parseLabelSelector } from '../graph/model/parse-label-selector.ts';
import { parseFieldSelector } from '../graph/questions/field-selector.ts';
import type { Query, ResourceTest, Walk } from '../graph/questions/query.ts';
import { parseWildcards, type Wildcards } from '../graph/questions/wildcard.ts';
import { healthStates } from '../health/health.ts';
import { type Flag, flag, isSet } from './flag.ts';
import { idsNamed, mostNames } from './ids-named.ts';
import { narrowingParameters, relationsNamed, withTypeNames } from './narrowing.ts';
import type { RouteContext } from './route.ts';

const text = (description: string, example: string, maxLength = 4096) =>
  Type.Optional(Type.String({ description, examples: [example], minLength: 1, maxLength }));

export const deepest = 64;
/** Steps from `root` where nothing is said. */
export const usualDepth = 1;

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
      maxItems: mostNames,
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
