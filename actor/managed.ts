// Who manages an object: changes to objects managed by GitOps, a package manager or an owner must be made at their source,
// or they are reverted at once. Detected from labels, annotations and field managers. Pure.
import { isName, isRecord, itemsOf } from '../src/fields.ts';
import type { KubernetesObject } from '../src/model.ts';

export interface Management {
  /** `argocd`, `flux`, `fleet`, `configsync`, `helm`. */
  readonly by: string;
  /** Where to change it instead. */
  readonly place: string;
}

interface Marks {
  readonly labels: { readonly [name: string]: unknown };
  readonly annotations: { readonly [name: string]: unknown };
  readonly managers: readonly string[];
}

const marks: readonly ((marks: Marks) => Management | undefined)[] = [
  argocd,
  flux('kustomize', 'Kustomization', 'kustomize-controller'),
  flux('helm', 'HelmRelease', 'helm-controller'),
  ({ labels, annotations }) => {
    const bundle = annotations['objectset.rio.cattle.io/id'];
    return isName(bundle) && isName(labels['objectset.rio.cattle.io/hash'])
      ? { by: 'fleet', place: `the Bundle ${bundle} of Rancher Fleet` }
      : undefined;
  },
  ({ annotations }) => {
    if (annotations['configmanagement.gke.io/managed'] !== 'enabled') return undefined;
    const path = annotations['configmanagement.gke.io/source-path'] ?? annotations['configsync.gke.io/source-path'];
    return {
      by: 'configsync',
      place: isName(path) ? `${path} in the source of Config Sync` : 'the source of Config Sync',
    };
  },
  ({ labels, annotations }) => {
    const release = annotations['meta.helm.sh/release-name'];
    if (!isName(release) || labels['app.kubernetes.io/managed-by'] !== 'Helm') return undefined;
    const namespace = annotations['meta.helm.sh/release-namespace'];
    return {
      by: 'helm',
      place: `the values of the Helm release ${isName(namespace) ? `${namespace}/` : ''}${release}`,
    };
  },
];

/** Undefined if there is no sign of a manager. */
export function managementOf({ metadata }: KubernetesObject): Management | undefined {
  const { labels, annotations, managedFields } = metadata as { readonly [field: string]: unknown };
  const all: Marks = {
    labels: isRecord(labels) ? labels : {},
    annotations: isRecord(annotations) ? annotations : {},
    managers: itemsOf(managedFields as unknown[]).flatMap((each) =>
      isRecord(each) && typeof each['manager'] === 'string' && each['subresource'] === undefined
        ? [each['manager']]
        : [],
    ),
  };
  for (const find of marks) {
    const found = find(all);
    if (found) return found;
  }
  return undefined;
}

/**
 * `app:group/kind:namespace/name` is the tracking id. Charts also set the label `app.kubernetes.io/instance`, so the label
 * alone is no proof.
 */
function argocd({ labels, annotations, managers }: Marks): Management | undefined {
  const id = annotations['argocd.argoproj.io/tracking-id'];
  const isManaging = managers.some((name) => name.startsWith('argocd'));
  const byLabel =
    labels['argocd.argoproj.io/instance'] ?? (isManaging ? labels['app.kubernetes.io/instance'] : undefined);
  const name = isName(id) ? id.split(':')[0] : byLabel;
  if (!isName(name) && !isManaging) return undefined;
  return {
    by: 'argocd',
    place: isName(name) ? `the source of the Argo CD Application ${name}` : 'its Argo CD Application',
  };
}

function flux(part: string, kind: string, manager: string) {
  return ({ labels, managers }: Marks): Management | undefined => {
    const [name, namespace] = [labels[`${part}.toolkit.fluxcd.io/name`], labels[`${part}.toolkit.fluxcd.io/namespace`]];
    if (isName(name))
      return { by: 'flux', place: `the source of the Flux ${kind} ${isName(namespace) ? `${namespace}/` : ''}${name}` };
    return managers.includes(manager) ? { by: 'flux', place: `its Flux ${kind}` } : undefined;
  };
}

/** The controlling owner as `Kind/name`: normal for Pods, an operator for workloads. */
export function controllerOf({ metadata }: KubernetesObject): string | undefined {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
  return owner === undefined ? undefined : `${owner.kind}/${owner.name}`;
}
