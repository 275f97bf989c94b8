// The starting resources of a question: named ones, or all of some types that match a selector.
import type { Values } from './arguments.ts';
import { notThere, usageFailure } from './failure.ts';
import type { GraphAnswer } from './forms.ts';
import { idOf, readWords, typeOf } from './names.ts';
import { checkLooked } from './sources/gaps.ts';
import { jsonOf, pathOf, type Source } from './sources/source.ts';

/** Maximum number of ids in a URL. */
const most = 100;

/** @throws Failure if there are none, or too many for one request. */
export async function rootsOf(source: Source, words: readonly string[], values: Values): Promise<string[]> {
  const { types, names } = readWords(words);
  if (types.length === 0 && names.length === 0)
    throw usageFailure('name a resource: TYPE/NAME, or an id such as Pod:shop/redis-0');
  if (names.length > 0 && values.selector !== undefined)
    throw usageFailure('-l chooses among all of a type: leave the names out');
  const roots: string[] = [];
  for (const name of names) roots.push(await idOf(source, name, values.namespace));
  for (const type of types) roots.push(...(await allOf(source, type, values)));
  const all = [...new Set(roots)];
  if (all.length === 0)
    throw notThere(`no ${types.join(', ')} found${values.selector ? ` with ${values.selector}` : ''}`);
  if (all.length > most)
    throw usageFailure(`${all.length} resources are too many to begin at: choose with -n, -l or by name`);
  return all;
}

async function allOf(source: Source, said: string, values: Values): Promise<string[]> {
  const type = await typeOf(source, said);
  const query = {
    ...placeOf(source, type, values),
    labelSelector: values.selector,
    properties: 'false',
    missing: 'false',
  };
  const { resources, completeness } = await jsonOf<GraphAnswer>(
    source,
    pathOf(`/cluster/resources/${encodeURIComponent(type)}`, query),
  );
  const { namespace } = query;
  if (resources.length === 0) checkLooked({ completeness }, [type], namespace ? ` in namespace ${namespace}` : '');
  return resources.map(({ id }) => id);
}

/** The namespace filter of `-n` and `-A` for a type. */
export function placeOf(source: Source, type: string, values: Values): { namespace: string | undefined } {
  const all = values['all-namespaces'] === true || source.names.clusterScoped(type);
  return { namespace: all ? undefined : (values.namespace ?? source.namespace) };
}
