// The filters that apply to a single change: type, namespace, relation. With the usual wildcards.

import { fault } from '../../src/errors.ts';
import { didYouMean } from '../../src/nearest.ts';
import { Type } from '../../src/schema.ts';
import { parseWildcards, type Wildcards } from '../graph/questions/wildcard.ts';
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
  const relations = relation === undefined ? all : relationsNamed(relation, context);
  return {
    key: JSON.stringify([type, namespace, relation]),
    resource: (resource) => types(resource.type) && namespaces(resource.namespace),
    relation: relations,
  };
}

/** The same as texts, types by their names: for those who make tests of them elsewhere. */
export function narrowingNames({ type, namespace, relation }: NarrowingQuery, context: Names) {
  return { types: type === undefined ? undefined : withTypeNames(type, context), namespaces: namespace, relation };
}

type Names = Pick<RouteContext, 'typesNamed' | 'graph'>;

/**
 * The relations of a list, in any case.
 * @throws Fault `bad_parameter` for a name or pattern that none has: it would keep nothing, or leave out nothing.
 */
export function relationsNamed(list: string, { graph }: Pick<Names, 'graph'>, parameter = 'relation'): Wildcards {
  const known = [...new Set([...graph.rules.map((rule) => rule.relation), ...graph.relationCounts().keys()])];
  const inLowerCase = new Map(known.map((each) => [each.toLowerCase(), each]));
  const meant = list.split(',').map((each) => {
    const text = each.trim();
    const mark = text.startsWith('!') ? '!' : '';
    const name = text.slice(mark.length);
    if (name === '') return text;
    if (name.includes('*') ? known.some(parseWildcards(name, parameter)) : known.includes(name)) return text;
    const relation = inLowerCase.get(name.toLowerCase());
    if (relation !== undefined) return mark + relation;
    const hint = didYouMean(name, known) || '; docs/relations.md lists them';
    throw fault('bad_parameter', { parameter, reason: `there is no relation ${JSON.stringify(name)}${hint}` });
  });
  return parseWildcards(meant.join(','), parameter);
}

/** The list with each name replaced by the type that is meant by it. */
export function withTypeNames(names: string, context: Names): string {
  return names
    .split(',')
    .flatMap((each) => {
      const text = each.trim();
      if (!text.startsWith('!')) return typesMeant(text, context);
      return typesMeant(text.slice(1).trim(), context).map((type) => `!${type}`);
    })
    .join(',');
}

/** A name shared by several groups keeps all of them. */
function typesMeant(name: string, context: Names): readonly string[] {
  if (name === '' || name.includes('*')) return [name];
  const types = typesKnown(name, context);
  if (types.length > 0) return types;
  const like = typesLike(name, context);
  const hint = like.length > 0 ? `; did you mean ${like.join(', ')}?` : '';
  throw fault('bad_parameter', { parameter: 'type', reason: `there is no type ${JSON.stringify(name)}${hint}` });
}

/** The types of that name. A type without discovery may still be in the graph because something names it. */
export function typesKnown(name: string, { typesNamed, graph }: Names): readonly string[] {
  const named = typesNamed(name);
  if (named.length > 0) return named;
  return graph.order.types().some(({ type }) => type === name) ? [name] : [];
}

/** Among several, those present in the graph, if any. */
function typesSeen(types: readonly string[], { graph }: Names): readonly string[] {
  if (types.length <= 1) return types;
  const present = new Set(graph.order.types().map(({ type }) => type));
  const seen = types.filter((type) => present.has(type));
  return seen.length > 0 ? seen : types;
}

/**
 * The type of the resource at `path`; undefined if no type has that name. An exact id wins. In the past (`isPast`) types
 * without present resources count too.
 * @throws Fault `ambiguous_type` with the types and what exists at that path.
 */
export function typeOfPath(name: string, path: string, context: Names, isPast = false): string | undefined {
  const known = typesKnown(name, context);
  const types = isPast ? known : typesSeen(known, context);
  if (types.length <= 1) return types[0];
  const isThere = (type: string) => context.graph.get(`${type}:${path}`)?.version !== undefined;
  if (types.includes(name) && isThere(name)) return name;
  const whole = types.find((type) => path.startsWith(`${type}:`));
  if (whole !== undefined) return whole;
  const ids = types.filter(isThere).map((type) => `${type}:${path}`);
  const there = ids.length > 0 ? `; there is ${ids.join(', ')}` : '';
  throw fault('ambiguous_type', { type: name, types: types.join(' or '), there });
}
