// What an Application of Argo CD deployed: by the tracking annotation, the older label, and the Application's own status.
import { isName, itemsOf } from '../../src/fields.ts';
import { groupOf, typeOf } from '../../src/ids.ts';
import type { KubernetesObject } from '../../src/model.ts';
import type { NameEnd, Rule } from './relation.ts';

const trackingId = 'argocd.argoproj.io/tracking-id';
const instance = 'argocd.argoproj.io/instance';
const application = 'Application.argoproj.io';

/** `app` lies in Argo CD's own namespace, which by convention is `argocd`; `namespace_app` lies elsewhere. */
function applicationEnd(tracked: string): NameEnd {
  const underscore = tracked.indexOf('_');
  const namespace = underscore < 0 ? 'argocd' : tracked.slice(0, underscore);
  return { by: 'name', type: application, namespace, name: tracked.slice(underscore + 1) };
}

/** The application of `app:group/Kind:namespace/name`, if it speaks of this very object: annotations are copied to others. */
function trackedBy(object: KubernetesObject, id: string): string | undefined {
  const { name, namespace } = object.metadata;
  const self = `:${groupOf(object.apiVersion ?? '')}/${object.kind}:`;
  const at = id.indexOf(self);
  if (at <= 0) return undefined;
  const slash = id.indexOf('/', at + self.length);
  const where = id.slice(at + self.length, slash);
  // Argo CD writes the destination's namespace for what lies in none.
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
  sentence: 'An Argo CD Application contains the objects whose tracking annotation names it and themselves.',
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
  fields: [`metadata.labels["${instance}"]`],
  dependence: 'target',
  sentence:
    'An Argo CD Application contains the objects that its instance label names, where none has a tracking annotation.',
  infer(object, refer) {
    const { labels, annotations, ownerReferences } = object.metadata;
    const tracked = labels?.[instance];
    if (!isName(tracked) || annotations?.[trackingId] !== undefined) return;
    // Labels are copied from owners, as from a Service to its EndpointSlices.
    if (itemsOf(ownerReferences).some((owner) => owner?.controller === true)) return;
    refer({ source: applicationEnd(tracked), field: `metadata.labels["${instance}"]` });
  },
} as const satisfies Rule;

export const argoApplicationResources = {
  name: 'argo-application-resources',
  relation: 'contains',
  reads: [application],
  source: [application],
  target: ['*'],
  fields: ['status.resources[]'],
  dependence: 'target',
  sentence: 'An Argo CD Application contains the objects that its status lists.',
  infer(object, refer) {
    const { status } = object as { status?: { resources?: readonly Deployed[] } | null };
    const resources = itemsOf(status?.resources);
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
