// What an Argo CD Application deployed: from the tracking annotation, the older label, and the Application's status.
import { isName, itemsOf } from '../../src/fields.ts';
import { groupOf, typeOf } from '../../src/ids.ts';
import type { KubernetesObject } from '../../src/model.ts';
import { appIndex, application, applicationEnd, trackingId } from './argo-label.ts';
import { nameRule } from './names.ts';
import type { Rule } from './relation.ts';

const instance = 'argocd.argoproj.io/instance';
/** Argo CD's label until version 3, also set by charts and many others. */
const commonInstance = 'app.kubernetes.io/instance';
/** Installed by Helm itself, not by Argo CD. */
const helmRelease = 'meta.helm.sh/release-name';

interface Application extends KubernetesObject {
  readonly spec?: { readonly destination?: Destination | null; readonly project?: unknown } | null;
  readonly status?: { readonly resources?: readonly Deployed[] } | null;
}

interface Destination {
  readonly server?: unknown;
  readonly name?: unknown;
  readonly namespace?: unknown;
}

const ownServers = /^https:\/\/kubernetes\.default(\.svc(\.cluster\.local)?)?(:443)?\/?$/;

/** The other target cluster, in its own notation; undefined for this one. */
function remoteOf({ spec }: Application): string | undefined {
  const { server, name } = spec?.destination ?? {};
  if (isName(server)) return ownServers.test(server) ? undefined : server;
  return isName(name) && name !== 'in-cluster' ? name : undefined;
}

export const argoApplicationDestination = {
  name: 'argo-application-destination',
  relation: 'states',
  reads: [application],
  source: [application],
  target: ['*'],
  fields: ['metadata.name', 'spec.destination'],
  dependence: 'none',
  sentence: 'An Argo CD Application that deploys to this cluster is found by name, from the objects it deployed.',
  infer(object: Application, refer) {
    if (remoteOf(object) !== undefined) return;
    const { name, namespace } = object.metadata;
    refer({ states: { index: appIndex, key: name }, field: 'metadata.name' });
    refer({ states: { index: appIndex, key: `${namespace}/${name}` }, field: 'metadata.name' });
    const into = object.spec?.destination?.namespace;
    if (!isName(into)) return;
    refer({ states: { index: appIndex, key: `${name} into ${into}` }, field: 'spec.destination' });
  },
} as const satisfies Rule;

export const argoApplicationDeploysTo = {
  name: 'argo-application-deploys-to',
  relation: 'deploysTo',
  reads: [application],
  source: [application],
  target: ['RemoteCluster'],
  fields: ['spec.destination'],
  dependence: 'source',
  sentence: 'An Argo CD Application deploys to the remote cluster that is its destination.',
  infer(object: Application, refer) {
    const name = remoteOf(object);
    if (name) refer({ target: { by: 'name', type: 'RemoteCluster', name }, field: 'spec.destination' });
  },
} as const satisfies Rule;

export const argoApplicationProject = nameRule({
  name: 'argo-application-project',
  relation: 'uses',
  reads: [application],
  target: 'AppProject.argoproj.io',
  fields: ['spec.project'],
  place: 'own',
  dependence: 'source',
  sentence: 'An Argo CD Application uses the AppProject named in spec.project.',
});

/** The application in `app:group/Kind:namespace/name`, if it names this object: annotations are copied to others. */
function trackedBy(object: KubernetesObject, id: string): string | undefined {
  const { name, namespace } = object.metadata;
  const self = `:${groupOf(object.apiVersion ?? '')}/${object.kind}:`;
  const at = id.indexOf(self);
  if (at <= 0) return undefined;
  const slash = id.indexOf('/', at + self.length);
  const where = id.slice(at + self.length, slash);
  // Argo CD uses the destination's namespace for cluster-scoped objects.
  return id.slice(slash + 1) === name && (!namespace || where === namespace) ? id.slice(0, at) : undefined;
}

export const argoApplicationTracks = {
  name: 'argo-application-tracks',
  relation: 'contains',
  reads: ['*'],
  source: [application],
  target: ['*'],
  fields: [`metadata.annotations["${trackingId}"]`],
  dependence: 'target',
  sentence:
    'An Argo CD Application contains the objects whose tracking annotation names both the Application and the object itself.',
  infer(object, refer) {
    const id = object.metadata.annotations?.[trackingId];
    const tracked = isName(id) ? trackedBy(object, id) : undefined;
    if (tracked) refer({ source: applicationEnd(tracked), field: `metadata.annotations["${trackingId}"]` });
  },
} as const satisfies Rule;

export const argoApplicationLabels = {
  name: 'argo-application-labels',
  relation: 'contains',
  reads: ['*'],
  source: [application],
  target: ['*'],
  fields: [`metadata.labels["${instance}"]`, `metadata.labels["${commonInstance}"]`],
  dependence: 'target',
  sentence:
    'An Argo CD Application contains the objects whose instance label names it and that have no tracking annotation. The common label app.kubernetes.io/instance counts only in the namespace it deploys to.',
  infer(object, refer) {
    const { labels, annotations, ownerReferences, namespace } = object.metadata;
    if (!labels || annotations?.[trackingId] !== undefined) return;
    // Labels are copied from owners, for example from a Service to its EndpointSlices.
    if (itemsOf(ownerReferences).some((owner) => owner?.controller === true)) return;
    const [tracked, common] = [labels[instance], labels[commonInstance]];
    if (isName(tracked)) {
      refer({ source: applicationEnd(tracked), field: `metadata.labels["${instance}"]`, guess: true });
    } else if (isName(common) && namespace && annotations?.[helmRelease] === undefined) {
      const source = { by: 'key', index: appIndex, key: `${common} into ${namespace}`, only: true } as const;
      refer({ source, field: `metadata.labels["${commonInstance}"]`, guess: true });
    }
  },
} as const satisfies Rule;

export const argoApplicationResources = {
  name: 'argo-application-resources',
  relation: 'contains',
  reads: [application],
  source: [application],
  target: ['*'],
  fields: ['status.resources[]', 'spec.destination'],
  dependence: 'target',
  sentence: 'An Argo CD Application contains the objects listed in its status, if it deploys to this cluster.',
  infer(object: Application, refer) {
    if (remoteOf(object) !== undefined) return;
    const resources = itemsOf(object.status?.resources);
    for (let i = 0; i < resources.length; i++) {
      const item = resources[i];
      if (!isName(item?.kind) || !isName(item.name)) continue;
      const type = typeOf(isName(item.group) ? item.group : '', item.kind);
      const namespace = isName(item.namespace) ? item.namespace : undefined;
      refer({ target: { by: 'name', type, namespace, name: item.name }, field: `status.resources[${i}]` });
    }
  },
} as const satisfies Rule;

interface Deployed {
  readonly group?: unknown;
  readonly kind?: unknown;
  readonly namespace?: unknown;
  readonly name?: unknown;
}
