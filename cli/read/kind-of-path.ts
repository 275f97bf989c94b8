// The kind of a list's objects from the file's path, if they do not tell: dumps name files and folders after kinds.
import { kinds } from '../../master/kinds/index.ts';
import { kindLookup } from '../../master/kinds/lookup.ts';

const lookup = kindLookup(kinds);

export interface SaidKind {
  readonly apiVersion: string;
  readonly kind: string;
}

/**
 * `pods.json`; `core_v1_pods.json` and `apps_v1_deployments.json` from Sonobuoy; `cluster-resources/pods/shop.json` from
 * support bundles.
 */
export function kindOfPath(path: string): SaidKind | undefined {
  const [file = '', ...folders] = path.split(/[/\\]/).toReversed();
  for (const name of [file.replace(/(?:\.(?:json|ya?ml|gz))+$/i, ''), ...folders.slice(0, 2)]) {
    const plural = name.slice(name.lastIndexOf('_') + 1);
    const known = /^[a-z]+$/.test(plural) ? lookup(plural) : undefined;
    if (known && known.plural === plural)
      return { apiVersion: [known.group, known.versions[0]].filter(Boolean).join('/'), kind: known.kind };
  }
  return undefined;
}
