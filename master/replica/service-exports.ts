// Relates a ServiceExport of one cluster to ServiceImports of the others:
// https://multicluster.sigs.k8s.io/concepts/multicluster-services-api/
import type { Rule } from '../relations/relation.ts';

export const exportType = 'ServiceExport.multicluster.x-k8s.io';
export const importType = 'ServiceImport.multicluster.x-k8s.io';

/** Based on namespace sameness: https://multicluster.sigs.k8s.io/concepts/namespace-sameness-position-statement/ */
export const exported: Rule = {
  name: 'service-export-imported',
  relation: 'exports',
  reads: [exportType],
  source: [exportType],
  target: [importType],
  fields: ['metadata.name'],
  dependence: 'target',
  sentence: 'A ServiceExport is what ServiceImports of its name and namespace stand for, in every cluster.',
  infer: () => undefined,
};
