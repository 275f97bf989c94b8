// Default classes, which an API server sets in objects without one.
import type { KubernetesObject } from '../../src/model.ts';
import type { Reference, Rule } from './relation.ts';

/** If several are marked, admission plugins take the newest. */
function stateIfMarked(
  object: KubernetesObject,
  type: string,
  mark: string,
  refer: (reference: Reference) => void,
): void {
  const { annotations, creationTimestamp } = object.metadata;
  if (annotations?.[mark] !== 'true') return;
  const rank = typeof creationTimestamp === 'string' ? creationTimestamp : '';
  refer({ states: { index: 'default', key: type, rank }, field: `metadata.annotations["${mark}"]` });
}

const storageMark = 'storageclass.kubernetes.io/is-default-class';
const oldStorageMark = 'storageclass.beta.kubernetes.io/is-default-class';

export const storageClassDefault = {
  name: 'storage-class-default',
  relation: 'states',
  reads: ['StorageClass'],
  source: ['StorageClass'],
  target: ['*'],
  fields: [`metadata.annotations["${storageMark}"]`, `metadata.annotations["${oldStorageMark}"]`],
  dependence: 'none',
  sentence: 'The default StorageClass applies to claims that name none. Of several defaults the newest applies.',
  infer(object, refer) {
    const isOld = object.metadata.annotations?.[storageMark] !== 'true';
    stateIfMarked(object, 'StorageClass', isOld ? oldStorageMark : storageMark, refer);
  },
} as const satisfies Rule;

const ingressMark = 'ingressclass.kubernetes.io/is-default-class';

export const ingressClassDefault = {
  name: 'ingress-class-default',
  relation: 'states',
  reads: ['IngressClass'],
  source: ['IngressClass'],
  target: ['*'],
  fields: [`metadata.annotations["${ingressMark}"]`],
  dependence: 'none',
  sentence: 'The default IngressClass applies to Ingresses that name none. Of several defaults the newest applies.',
  infer: (object, refer) => stateIfMarked(object, 'IngressClass', ingressMark, refer),
} as const satisfies Rule;

/** Above all user priorities, so that lower ones rank higher as texts of equal length. */
const highest = 10_000_000_000;

export const priorityClassDefault = {
  name: 'priority-class-default',
  relation: 'states',
  reads: ['PriorityClass'],
  source: ['PriorityClass'],
  target: ['*'],
  fields: ['globalDefault'],
  dependence: 'none',
  sentence: 'The global default PriorityClass applies to Pods that name none. Of several defaults the lowest applies.',
  infer(object, refer) {
    const { globalDefault, value } = object as { globalDefault?: unknown; value?: unknown };
    if (globalDefault !== true) return;
    const rank = String(highest - (typeof value === 'number' ? value : 0)).padStart(12, '0');
    refer({ states: { index: 'default', key: 'PriorityClass', rank }, field: 'globalDefault' });
  },
} as const satisfies Rule;
