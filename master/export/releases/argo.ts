// An Argo CD Application in the collector's form of a Helm release.
import { stringify } from 'yaml';
import { type Fields, fieldsOf, isName, listOf } from '../../../src/fields.ts';
import type { KubernetesObject } from '../../../src/model.ts';
import type { Item } from '../pages.ts';

const statuses: { readonly [health: string]: string } = {
  degraded: 'failed',
  missing: 'failed',
  unknown: 'unknown',
  '': 'unknown',
};
const sources: ReadonlySet<string> = new Set(['', 'helm', 'directory']);

/** Undefined for other objects, including Applications of other groups. The object is redacted already. */
export function argoRelease(object: KubernetesObject): Item | undefined {
  if (object.kind !== 'Application' || !String(object.apiVersion).startsWith('argoproj.io/')) return undefined;
  const status = fieldsOf(object.status) ?? {};
  if (!sources.has(String(status['sourceType'] ?? '').toLowerCase())) return undefined;
  const { name, namespace = '' } = object.metadata;
  return {
    id: `Application ${namespace}/${name}`,
    bytes: Buffer.from(JSON.stringify(releaseOf(name, namespace, object, status))),
  };
}

function releaseOf(name: string, namespace: string, object: KubernetesObject, status: Fields) {
  const history = listOf(status['history'])
    .map(fieldsOf)
    .filter((each) => each !== undefined);
  const health = String(fieldsOf(status['health'])?.['status'] ?? '').toLowerCase();
  const source = fieldsOf(fieldsOf(object.spec)?.['source']) ?? {};
  return {
    name,
    namespace,
    version: Number(history.at(-1)?.['id'] ?? 0) || 0,
    info: {
      first_deployed: history[0]?.['deployedAt'] ?? null,
      last_deployed: history.at(-1)?.['deployedAt'] ?? null,
      status: statuses[health] ?? (health === 'none' ? 'unknown' : 'deployed'),
    },
    chart: {
      metadata: {
        name: isName(source['chart']) ? source['chart'] : name,
        type: 'application',
        home: homeOf(String(source['repoURL'] ?? '')),
        version: String(source['targetRevision'] ?? ''),
        apiVersion: 'v2',
      },
    },
    manifest: listOf(status['resources'])
      .map((each) => stubOf(fieldsOf(each) ?? {}, name, source))
      .join('---\n'),
  };
}

function homeOf(url: string): string {
  const bare = url.replace(/\/+$/, '');
  return /^https?:\/\/github\.com\//.test(bare) ? bare.replace(/\.git$/, '') : bare;
}

function stubOf({ group, version, kind, name, namespace }: Fields, instance: string, source: Fields): string {
  const apiVersion = isName(group) ? `${group}/${String(version)}` : String(version ?? 'v1');
  const chart = `${String(source['chart'] ?? instance)}-${String(source['targetRevision'] ?? '')}`;
  const labels = { 'helm.sh/chart': chart, 'argocd.argoproj.io/instance': instance };
  return stringify({ apiVersion, kind, metadata: { name, ...(isName(namespace) ? { namespace } : {}), labels } });
}
