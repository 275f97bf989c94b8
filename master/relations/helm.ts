// What a Helm release installed, from Helm's marks.
import { isName, itemsOf } from '../../src/fields.ts';
import type { Rule } from './relation.ts';

const releaseName = 'meta.helm.sh/release-name';
const releaseNamespace = 'meta.helm.sh/release-namespace';
const managedBy = 'app.kubernetes.io/managed-by';

export const helmReleaseContains = {
  name: 'helm-release-contains',
  relation: 'contains',
  reads: ['*'],
  source: ['HelmRelease'],
  target: ['*'],
  fields: [
    `metadata.annotations["${releaseName}"]`,
    `metadata.annotations["${releaseNamespace}"]`,
    `metadata.labels["${managedBy}"]`,
  ],
  dependence: 'target',
  sentence: 'A Helm release contains the objects that it installed, in any namespace.',
  infer(object, refer) {
    const { annotations, labels, namespace } = object.metadata;
    const name = annotations?.[releaseName];
    if (!isName(name) || labels?.[managedBy] !== 'Helm') return;
    // A Deployment's annotations are copied to its ReplicaSets, which are not part of the release.
    if (itemsOf(object.metadata.ownerReferences).some((owner) => owner?.controller === true)) return;
    const home = annotations?.[releaseNamespace];
    const source = { by: 'name', type: 'HelmRelease', namespace: isName(home) ? home : namespace, name } as const;
    refer({ source, field: `metadata.annotations["${releaseName}"]` });
  },
} as const satisfies Rule;
