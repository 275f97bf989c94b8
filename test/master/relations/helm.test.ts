import { helmReleaseContains } from '../../../master/relations/helm.ts';
import { clusterObject, named, object, ruleCases } from '../../support/rule-cases.ts';

const annotations = { 'meta.helm.sh/release-name': 'shop', 'meta.helm.sh/release-namespace': 'releases' };
const labels = { 'app.kubernetes.io/managed-by': 'Helm' };
const field = 'metadata.annotations["meta.helm.sh/release-name"]';

ruleCases(helmReleaseContains, [
  {
    says: 'a release of one namespace contains an object of another',
    object: object('v1', 'ConfigMap', {}, { labels, annotations }),
    refers: [{ source: named('HelmRelease', 'shop', 'releases'), field }],
  },
  {
    says: 'a release contains what lies in no namespace',
    object: clusterObject('rbac.authorization.k8s.io/v1', 'ClusterRole', {}, { labels, annotations }),
    refers: [{ source: named('HelmRelease', 'shop', 'releases'), field }],
  },
  {
    says: 'without a namespace of its own the release lies in the object’s',
    object: object('v1', 'ConfigMap', {}, { labels, annotations: { 'meta.helm.sh/release-name': 'shop' } }),
    refers: [{ source: named('HelmRelease', 'shop', 'shop'), field }],
  },
  {
    says: 'a ReplicaSet to which its Deployment’s annotations were copied is in no release',
    object: object(
      'apps/v1',
      'ReplicaSet',
      {},
      {
        labels,
        annotations,
        ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: 'u', controller: true }],
      },
    ),
    refers: [],
  },
  { says: 'the annotation alone is not Helm’s', object: object('v1', 'ConfigMap', {}, { annotations }), refers: [] },
  { says: 'the label alone names no release', object: object('v1', 'ConfigMap', {}, { labels }), refers: [] },
]);
