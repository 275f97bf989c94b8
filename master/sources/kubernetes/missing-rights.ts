// Says which kinds the credentials may not list, and what to do about it.
import { counted } from '../../../src/counted.ts';

/** `types` may not be listed, of `count` kinds. `namespaces`: those that are configured. */
export function missingRights(types: readonly string[], count: number, namespaces: readonly string[] = []): string {
  const named = types.slice(0, 3).join(', ') + (types.length > 3 ? ` and ${types.length - 3} more` : '');
  return `${types.length} of ${counted(count, 'kind')} may not be listed with these credentials: ${named}; ${remedyFor(types, namespaces)}`;
}

/** If Pods may not be listed, the rights are probably limited to namespaces; otherwise the kinds are simply not granted. */
function remedyFor(types: readonly string[], namespaces: readonly string[]): string {
  return types.includes('Pod') && namespaces.length === 0
    ? 'name the namespaces that may be read in CLUSTER_INSIGHT_NAMESPACES'
    : 'grant list and watch on them, or leave them out with CLUSTER_INSIGHT_KINDS';
}
