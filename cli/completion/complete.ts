// `__complete`: candidates for a line, in the protocol of shells and kubectl (https://github.com/spf13/cobra): one per
// line, then a colon and a directive: 2 for no trailing space, 4 for no file names.
import type { Resource } from '../../src/model.ts';
import { readArguments } from '../arguments.ts';
import { openSource, type Surroundings } from '../open.ts';
import { jsonOf, pathOf, type Source } from '../sources/source.ts';
import { candidatesFor } from './candidates.ts';

/** Milliseconds that a user waits for names from a cluster. */
const patience = 3_000;
/** Maximum number of names. */
const most = 500;

export async function complete(line: readonly string[], surroundings: Surroundings): Promise<string> {
  const current = line.at(-1) ?? '';
  const found = candidatesFor(line);
  const words = 'words' in found ? found.words : await within(patience, namesOf(line, found, surroundings));
  const fitting = words.filter((word) => word.startsWith(current)).slice(0, most);
  return [...fitting, ':4', ''].join('\n');
}

type Asked = { readonly of: 'namespaces' } | { readonly of: 'names'; readonly type: string; readonly before: string };

async function namesOf(line: readonly string[], asked: Asked, surroundings: Surroundings): Promise<readonly string[]> {
  const { values } = readArguments(
    line.slice(0, -1).filter((word, i, all) => i < all.length - 1 || !word.startsWith('-')),
  );
  const source = await openSource(values, [], 'within', { ...surroundings, warn: () => undefined });
  try {
    const type = asked.of === 'namespaces' ? 'namespaces' : asked.type;
    const names = (
      await listed(source, type, asked.of === 'namespaces' ? undefined : (values.namespace ?? source.namespace))
    ).map(({ id }) => id.slice(id.lastIndexOf(id.includes('/') ? '/' : ':') + 1));
    return asked.of === 'namespaces' ? names : names.map((name) => asked.before + name);
  } finally {
    await source.close();
  }
}

async function listed(source: Source, type: string, namespace: string | undefined): Promise<readonly Resource[]> {
  const query = {
    namespace: source.names.clusterScoped(source.names.find(type) ?? type) ? undefined : namespace,
    properties: 'false',
  };
  const path = pathOf(`/cluster/resources/${encodeURIComponent(type)}`, query);
  return (await jsonOf<{ readonly resources: readonly Resource[] }>(source, path)).resources;
}

/** Empty on failure or timeout: shells show no errors here. */
async function within(ms: number, names: Promise<readonly string[]>): Promise<readonly string[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<readonly string[]>((resolve) => {
    timer = setTimeout(resolve, ms, []);
  });
  try {
    return await Promise.race([names, late]);
  } catch {
    return [];
  } finally {
    clearTimeout(timer);
  }
}
