// Custom resources that need another one that does not exist.
import { customReferenceMissing } from '../../../master/findings/custom-references.ts';
import { findingCases } from '../../support/finding-cases.ts';
import { ago, an, condition, owner } from '../../support/finding-graph.ts';

const release = (fields: object = {}, metadata: object = {}) =>
  an(
    'helm.toolkit.fluxcd.io/v2 HelmRelease',
    'shop/web',
    { spec: { chart: { spec: { chart: 'web', sourceRef: { kind: 'HelmRepository', name: 'charts' } } } }, ...fields },
    metadata,
  );
const repository = an('source.toolkit.fluxcd.io/v1 HelmRepository', 'shop/charts', { spec: { url: 'https://x' } });
const other = an('source.toolkit.fluxcd.io/v1 HelmRepository', 'shop/other', { spec: { url: 'https://y' } });
const found = ['HelmRelease.helm.toolkit.fluxcd.io:shop/web'];

findingCases(customReferenceMissing, [
  {
    says: 'a release of a repository that is not there',
    objects: [release(), other],
    finds: found,
    and: { field: 'spec.chart.spec.sourceRef', class: 'broken' },
  },
  { says: 'a release of a repository that is there', objects: [release(), repository], finds: [] },
  {
    says: 'repositories that are not read',
    objects: [release()],
    unknown: ['HelmRepository.source.toolkit.fluxcd.io'],
    finds: [],
  },
  {
    says: 'it is well by its own status, so it does not need what has gone',
    objects: [release({ status: { conditions: [condition('Ready', 'True')] } }), other],
    finds: [],
  },
  { says: 'its controller corrects it', objects: [release({}, owner('Deployment', 'shop/x')), other], finds: [] },
  { says: 'what it needs may follow', objects: [release({}, { creationTimestamp: ago(2) }), other], finds: [] },
  {
    says: 'a guess by the name of a field proves nothing',
    objects: [
      an('example.com/v1 Widget', 'shop/w', {
        spec: { ref: { apiVersion: 'example.com/v1', kind: 'Gadget', name: 'g' } },
      }),
      an('example.com/v1 Gadget', 'shop/other'),
    ],
    finds: [],
  },
  {
    says: 'the default that its operator makes, which files lack',
    objects: [
      an('argoproj.io/v1alpha1 Application', 'argocd/a', { spec: { project: 'default' } }),
      an('argoproj.io/v1alpha1 AppProject', 'argocd/team'),
    ],
    ofFiles: true,
    finds: [],
  },
]);
