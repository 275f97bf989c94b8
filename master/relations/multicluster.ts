// Services of several clusters, within one: what it exports, and what stands for what others export.
// https://multicluster.sigs.k8s.io/concepts/multicluster-services-api/
import { isName } from '../../src/fields.ts';
import type { Rule } from './relation.ts';

const exportType = 'ServiceExport.multicluster.x-k8s.io';
const importType = 'ServiceImport.multicluster.x-k8s.io';
const importLabel = 'multicluster.kubernetes.io/service-name';
const derivedAnnotation = 'multicluster.kubernetes.io/derived-service';

export const serviceExported = {
  name: 'service-exported',
  relation: 'exports',
  reads: [exportType],
  source: [exportType],
  target: ['Service'],
  fields: ['metadata.name'],
  dependence: 'source',
  sentence: 'A ServiceExport exports the Service of its name and namespace.',
  infer({ metadata: { name, namespace } }, refer) {
    if (isName(name)) refer({ target: { by: 'name', type: 'Service', namespace, name }, field: 'metadata.name' });
  },
} as const satisfies Rule;

export const serviceImportDerived = {
  name: 'service-import-derived',
  relation: 'uses',
  reads: [importType],
  source: [importType],
  target: ['Service'],
  fields: [`metadata.annotations["${derivedAnnotation}"]`],
  dependence: 'source',
  sentence: 'A ServiceImport uses the Service that its controller made for it and names in an annotation.',
  infer({ metadata: { namespace, annotations } }, refer) {
    const name = annotations?.[derivedAnnotation];
    if (!isName(name)) return;
    const target = { by: 'name', type: 'Service', namespace, name } as const;
    refer({ target, field: `metadata.annotations["${derivedAnnotation}"]` });
  },
} as const satisfies Rule;

export const sliceBelongsToImport = {
  name: 'slice-belongs-to-import',
  relation: 'belongsTo',
  reads: ['EndpointSlice'],
  source: ['EndpointSlice'],
  target: [importType],
  fields: [`metadata.labels["${importLabel}"]`],
  dependence: 'source',
  sentence: 'An EndpointSlice of imported endpoints belongs to the ServiceImport that its label names.',
  infer({ metadata: { namespace, labels } }, refer) {
    const name = labels?.[importLabel];
    if (!isName(name)) return;
    refer({ target: { by: 'name', type: importType, namespace, name }, field: `metadata.labels["${importLabel}"]` });
  },
} as const satisfies Rule;
