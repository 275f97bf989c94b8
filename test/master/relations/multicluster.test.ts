import { serviceExported, serviceImportDerived, sliceBelongsToImport } from '../../../master/relations/multicluster.ts';
import { named, object, ruleCases } from '../../support/rule-cases.ts';

const api = 'multicluster.x-k8s.io/v1beta1';
const importType = 'ServiceImport.multicluster.x-k8s.io';
const place = { name: 'web', namespace: 'shop', uid: 'u' };

ruleCases(serviceExported, [
  {
    says: 'an export exports the Service of its name, in its namespace',
    object: object(api, 'ServiceExport', { metadata: place }),
    refers: [{ target: named('Service', 'web', 'shop'), field: 'metadata.name' }],
  },
  {
    says: 'so does one of the first version',
    object: object('multicluster.x-k8s.io/v1alpha1', 'ServiceExport', { metadata: place }),
    refers: [{ target: named('Service', 'web', 'shop'), field: 'metadata.name' }],
  },
  {
    says: 'one without a name exports none',
    object: object(api, 'ServiceExport', { metadata: { ...place, name: '' } }),
    refers: [],
  },
]);

const derived = 'multicluster.kubernetes.io/derived-service';

ruleCases(serviceImportDerived, [
  {
    says: 'an import uses the Service that stands for it in its cluster',
    object: object(api, 'ServiceImport', { metadata: { ...place, annotations: { [derived]: 'derived-b1946ac92' } } }),
    refers: [{ target: named('Service', 'derived-b1946ac92', 'shop'), field: `metadata.annotations["${derived}"]` }],
  },
  {
    says: 'one of a controller that makes none uses none',
    object: object(api, 'ServiceImport', { metadata: place }),
    refers: [],
  },
]);

const label = 'multicluster.kubernetes.io/service-name';
const slice = (labels: object) => object('discovery.k8s.io/v1', 'EndpointSlice', { metadata: { ...place, labels } });

ruleCases(sliceBelongsToImport, [
  {
    says: 'a slice of what other clusters export belongs to the import',
    object: slice({ [label]: 'web', 'multicluster.kubernetes.io/source-cluster': 'eu' }),
    refers: [{ target: named(importType, 'web', 'shop'), field: `metadata.labels["${label}"]` }],
  },
  { says: 'any other slice does not', object: slice({ 'kubernetes.io/service-name': 'web' }), refers: [] },
]);
