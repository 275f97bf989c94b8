// The requests that read one kind.
import type { ReflectorOptions } from './reflector-options.ts';

export interface Requests {
  readonly apiVersion: string;
  /** Without the query. */
  path(namespace: string | undefined): string;
  readonly acceptList: string;
  readonly acceptObject: string;
  /** For names, UIDs and versions only. */
  readonly acceptMetadataList: string;
  /** Undefined for the whole cluster. */
  readonly scopes: readonly (string | undefined)[];
}

export function createRequests({
  kind,
  version,
  namespaces = [],
}: Pick<ReflectorOptions, 'kind' | 'version' | 'namespaces'>): Requests {
  const apiVersion = kind.group === '' ? version : `${kind.group}/${version}`;
  const root = `${kind.group === '' ? '/api' : '/apis'}/${apiVersion}`;
  // No fallback to whole objects: values of Secrets must not even be transferred.
  const whole = kind.read === 'metadata' ? undefined : 'application/json';
  return {
    apiVersion,
    path(namespace) {
      const scope = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
      return `${root}${scope}/${kind.plural}`;
    },
    acceptList: whole ?? metadataOnly('List'),
    acceptObject: whole ?? metadataOnly(''),
    // Aggregated servers may support whole objects only.
    acceptMetadataList: [metadataOnly('List'), ...(whole ? [whole] : [])].join(','),
    scopes: kind.namespaced && namespaces.length > 0 ? namespaces : [undefined],
  };
}

function metadataOnly(suffix: '' | 'List'): string {
  return `application/json;as=PartialObjectMetadata${suffix};g=meta.k8s.io;v=v1`;
}
