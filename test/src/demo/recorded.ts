// The recorded answers, to compare with.
import { readdirSync, readFileSync } from 'node:fs';
import type { ApiServer } from '../../../src/demo/api-server.ts';
import type { KubernetesObject } from '../../../src/model.ts';

const root = new URL('../../../src/demo/recorded/', import.meta.url);

export function recordedText(path: string): string {
  return readFileSync(new URL(path, root), 'utf8');
}

export function recordedJson<T = unknown>(path: string): T {
  return JSON.parse(recordedText(path)) as T;
}

export interface RecordedList {
  readonly file: string;
  /** `pods`, `deployments.apps`. */
  readonly resource: string;
  /** Its URL below the server's. */
  readonly path: string;
  readonly list: { readonly kind: string; readonly metadata: object; readonly items: readonly KubernetesObject[] };
}

/** Every recorded list, definitions of custom resources first. */
export function recordedLists(): RecordedList[] {
  const lists = readdirSync(new URL('kubernetes/', root)).flatMap((file) => {
    const [, group, version, plural] = /^apis?_(?:([^_]+)_)?(v[^_]+)__(.+)\.json$/.exec(file) ?? [];
    if (!plural) return [];
    const path = group ? `/apis/${group}/${version}/${plural}` : `/api/${version}/${plural}`;
    return [
      {
        file,
        resource: group ? `${plural}.${group}` : plural,
        path,
        list: recordedJson<RecordedList['list']>(`kubernetes/${file}`),
      },
    ];
  });
  return lists.sort(
    (a, b) => Number(b.resource.startsWith('customresource')) - Number(a.resource.startsWith('customresource')),
  );
}

export function loadRecorded(server: ApiServer): void {
  for (const { resource, list } of recordedLists()) server.load(resource, list.items);
}
