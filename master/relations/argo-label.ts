// How Argo CD marks what it deploys, and a rule for the label that a cluster's own may mark it by.
import { isName, itemsOf } from '../../src/fields.ts';
import type { KeyEnd, Rule } from './relation.ts';

export const trackingId = 'argocd.argoproj.io/tracking-id';
export const application = 'Application.argoproj.io';
export const appIndex = 'application';

/**
 * `app` lies in Argo CD's own namespace, whatever that is called; `namespace_app` lies elsewhere. Neither says more than a
 * name: what counts is the one Application of that name that deploys to this cluster.
 */
export function applicationEnd(tracked: string): KeyEnd {
  const underscore = tracked.indexOf('_');
  const key = underscore < 0 ? tracked : `${tracked.slice(0, underscore)}/${tracked.slice(underscore + 1)}`;
  return { by: 'key', index: appIndex, key, only: true };
}

/** For an Argo CD that is configured to mark its objects with another label, `application.instanceLabelKey`. */
export function argoLabelRule(key: string): Rule {
  const field = `metadata.labels[${JSON.stringify(key)}]`;
  return {
    name: 'argo-application-own-label',
    relation: 'contains',
    reads: ['*'],
    source: [application],
    target: ['*'],
    fields: [field],
    dependence: 'target',
    sentence: `An Argo CD Application contains the objects that the label ${key} names, which this cluster's Argo CD marks them by, where none has a tracking annotation.`,
    infer({ metadata }, refer) {
      const tracked = metadata.labels?.[key];
      if (!isName(tracked) || metadata.annotations?.[trackingId] !== undefined) return;
      if (itemsOf(metadata.ownerReferences).some((owner) => owner?.controller === true)) return;
      refer({ source: applicationEnd(tracked), field, guess: true });
    },
  };
}
