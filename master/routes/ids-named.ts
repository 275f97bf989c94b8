// Resources as people name them in a URL, made into the ids that the graph knows: `Pod:shop/redis-0`, `po:shop/redis-0`,
// `deploy/frontend` beside `namespace=shop`.
import { fault } from '../../src/errors.ts';
import { clusterPart, decodedId, parseId, resourceId } from '../../src/ids.ts';
import { Type } from '../../src/schema.ts';
import { typeOfPath } from './narrowing.ts';
import type { RouteContext } from './route.ts';

type Names = Pick<RouteContext, 'typesNamed' | 'graph'>;

/** The origin of a name, for messages. */
export interface Named {
  /** The parameter, for errors. */
  readonly parameter: string;
  /** For names without a namespace; a list or pattern gives none. */
  readonly namespace?: string | undefined;
}

/** Of routes whose other parameters are ids alone. */
export const namespaceOfNames = Type.Optional(
  Type.String({
    description: 'Namespace of names that say none, such as deploy/frontend',
    examples: ['shop'],
    minLength: 1,
    maxLength: 253,
  }),
);

/** Of routes that tell of everything where no id is given. */
export const namespacesKept = Type.Optional(
  Type.String({
    description:
      'Namespaces to keep, separated by commas; `*` stands for anything, `!` leaves out. A single one is also that of names that say none, such as deploy/frontend',
    examples: ['shop'],
    minLength: 1,
    maxLength: 4096,
  }),
);

/** Resources that one parameter names. */
export const mostNames = 100;
/** Ids that an error names where there are several. */
const mostNamed = 3;

/** Names of users and hosts may hold commas: what is an id as it stands is not taken apart. */
export function idsNamed(texts: readonly string[], { parameter, namespace }: Named, names: Names): string[] {
  const named = (text: string) => idNamed(text, { parameter, namespace }, names);
  const ids = texts.flatMap((each) => {
    if (!each.includes(',')) return [named(each)];
    const whole = /^[^/,]*:/.test(each) ? named(each) : undefined;
    return whole !== undefined && names.graph.get(whole) ? [whole] : each.split(',').map((part) => named(part.trim()));
  });
  if (ids.length <= mostNames) return [...new Set(ids)];
  throw fault('bad_parameter', { parameter, reason: `it names more than ${mostNames} resources` });
}

/** @throws Fault `bad_parameter`, `ambiguous_type`, `unknown_type`, `unknown_id`. */
export function idNamed(said: string, named: Named, names: Names): string {
  const text = decodedId(said);
  const cluster = clusterPart(text);
  const rest = text.slice(cluster.length);
  const mark = /[/:]/.exec(rest)?.[0];
  if (mark === '/') return idOfName(rest, { ...named, cluster }, names);
  const { type, path } = parseId(text);
  if (path === '' || type === '') {
    const reason = `${JSON.stringify(text)} is not an id: write Type:namespace/name, or TYPE/NAME`;
    throw fault('bad_parameter', { parameter: named.parameter, reason, name: text });
  }
  return `${cluster}${typeOfPath(type, path, names) ?? type}:${path}`;
}

interface Place extends Named {
  readonly cluster: string;
}

/** `deploy/frontend`: in the namespace that is given, in none, or wherever the only one is that is called so. */
function idOfName(text: string, { parameter, namespace, cluster }: Place, names: Names): string {
  const slash = text.indexOf('/');
  const [said, name] = [text.slice(0, slash), text.slice(slash + 1)];
  if (said === '' || name === '') {
    const reason = `${JSON.stringify(text)} is not TYPE/NAME`;
    throw fault('bad_parameter', { parameter, reason });
  }
  const where = namespace !== undefined && !/[,*!]/.test(namespace) ? namespace : undefined;
  const path = where === undefined ? name : `${where}/${name}`;
  const type = typeOfPath(said, path, names);
  if (type === undefined) throw fault('unknown_type', { type: said });
  const isThere = (id: string) => names.graph.get(cluster + id)?.version !== undefined;
  const own = [resourceId(type, name, where), resourceId(type, name)].find(isThere);
  if (own !== undefined) return cluster + own;
  const others = where === undefined ? elsewhere(type, name, names).filter(isThere) : [];
  const [only, ...more] = others;
  if (only !== undefined && more.length === 0) return cluster + only;
  if (only === undefined) throw fault('unknown_id', { type, id: path });
  const reason = `${JSON.stringify(text)} is in several namespaces: add namespace=, or give an id such as ${others.slice(0, mostNamed).join(', ')}`;
  throw fault('bad_parameter', { parameter, reason });
}

function elsewhere(type: string, name: string, { graph }: Names): string[] {
  return [...graph.namespacesOf(type)].map((namespace) => resourceId(type, name, namespace));
}
