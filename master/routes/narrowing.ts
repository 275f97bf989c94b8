// The narrowing that a change can be tested by on its own: type, namespace, relation. Wildcards as everywhere.
import { Type } from 'typebox';
import { fault } from '../../src/errors.ts';
import { parseWildcards } from '../graph/questions/wildcard.ts';
import type { Narrowing } from '../graph/revisions/feed.ts';
import { typesLike } from './did-you-mean.ts';
import type { RouteContext } from './route.ts';

const list = (description: string, example: string) =>
  Type.Optional(Type.String({ description, examples: [example], minLength: 1, maxLength: 4096 }));

export const narrowingParameters = {
  type: list(
    'Types to keep: kinds, plurals or short names, separated by commas; `*` stands for anything, `!` leaves out',
    'pod,svc',
  ),
  namespace: list('Namespaces to keep; `*` and `!` as in `type`', 'shop,!kube-*'),
  relation: list('Relation types to keep; `*` and `!` as in `type`', 'runs,contains'),
};

export interface NarrowingQuery {
  readonly type?: string;
  readonly namespace?: string;
  readonly relation?: string;
}

const all = () => true;

export function narrowingOf({ type, namespace, relation }: NarrowingQuery, context: Names): Narrowing {
  const types = type === undefined ? all : parseWildcards(withTypeNames(type, context), 'type');
  const namespaces = namespace === undefined ? all : parseWildcards(namespace, 'namespace');
  const relations = relation === undefined ? all : parseWildcards(relation, 'relation');
  return {
    key: JSON.stringify([type, namespace, relation]),
    resource: (resource) => types(resource.type) && namespaces(resource.namespace),
    relation: relations,
  };
}

type Names = Pick<RouteContext, 'typeNamed' | 'graph'>;

/** The list with each name replaced by the type that is meant by it. */
export function withTypeNames(names: string, context: Names): string {
  return names
    .split(',')
    .map((each) => {
      const text = each.trim();
      return text.startsWith('!') ? `!${typeMeant(text.slice(1).trim(), context)}` : typeMeant(text, context);
    })
    .join(',');
}

function typeMeant(name: string, context: Names): string {
  if (name === '' || name.includes('*')) return name;
  const type = knownType(name, context);
  if (type !== undefined) return type;
  const like = typesLike(name, context.graph);
  const hint = like.length > 0 ? `; did you mean ${like.join(', ')}?` : '';
  throw fault('bad_parameter', { parameter: 'type', reason: `no type is called ${JSON.stringify(name)}${hint}` });
}

/** A kind that no discovery told of may still be in the graph, since something names it. */
export function knownType(name: string, { typeNamed, graph }: Names): string | undefined {
  return typeNamed(name) ?? graph.order.types().find(({ type }) => type === name)?.type;
}
