// The part of OpenAPI v3 that kubectl reads before it writes: the PATCH of each kind supports `fieldValidation`, so kubectl
// leaves validation to the server.
import type { ServedKind } from './kinds.ts';

function pathOf(group: string, version: string): string {
  return group ? `apis/${group}/${version}` : `api/${version}`;
}

/** `/openapi/v3`: index of the documents. */
export function openapiIndex(kinds: readonly ServedKind[]): object {
  const all = kinds.flatMap((kind) => kind.versions.map((version) => pathOf(kind.group, version)));
  const entries = [...new Set(all)].map((path) => [path, { serverRelativeURL: `/openapi/v3/${path}` }]);
  return { paths: Object.fromEntries(entries) };
}

/** `/openapi/v3/apis/GROUP/VERSION`; undefined if nothing is served there. */
export function openapiDocument(kinds: readonly ServedKind[], path: string): object | undefined {
  const served = kinds.flatMap((kind) =>
    kind.versions.filter((version) => pathOf(kind.group, version) === path).map((version) => operation(kind, version)),
  );
  if (served.length === 0) return undefined;
  return { openapi: '3.0.0', info: { title: 'Kubernetes', version: 'v1.36.2' }, paths: Object.fromEntries(served) };
}

function operation(kind: ServedKind, version: string): [string, object] {
  const { group, plural, namespaced } = kind;
  const url = `/${pathOf(group, version)}/${namespaced ? 'namespaces/{namespace}/' : ''}${plural}/{name}`;
  const parameters = ['dryRun', 'fieldManager', 'fieldValidation', 'force'].map((name) => ({
    name,
    in: 'query',
    schema: { type: 'string', uniqueItems: true },
  }));
  const type = { group, kind: kind.kind, version };
  return [
    url,
    {
      patch: {
        operationId: `patch${kind.kind}`,
        parameters,
        'x-kubernetes-action': 'patch',
        'x-kubernetes-group-version-kind': type,
      },
    },
  ];
}
