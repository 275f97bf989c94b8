// Access to backends: certificates and names of a BackendTLSPolicy, Pods of an InferencePool.

import { walkerOf } from '../../src/field-paths.ts';
import { isName, isRecord } from '../../src/fields.ts';
import { typeOf } from '../../src/ids.ts';
import type { LabelSelector } from '../../src/model.ts';
import type { Rule } from './relation.ts';
import { podsAndTemplates, selectPods } from './selecting.ts';

const tlsPolicy = 'BackendTLSPolicy.gateway.networking.k8s.io';
const authorities = ['spec.validation.caCertificateRefs[]', 'spec.tls.caCertRefs[]', 'spec.tls.caCertificateRefs[]'];
const authorityWalks = authorities.map(walkerOf);

export const backendTlsAuthority = {
  name: 'backend-tls-authority',
  relation: 'uses',
  reads: [tlsPolicy],
  source: [tlsPolicy],
  target: ['ConfigMap', '*'],
  fields: authorities,
  dependence: 'source',
  sentence: 'A BackendTLSPolicy uses the ConfigMaps with the CA certificates it validates backends with.',
  infer(object, refer) {
    for (const walk of authorityWalks) {
      walk(object, (ref, path) => {
        if (!isRecord(ref) || !isName(ref['name'])) return;
        const kind = isName(ref['kind']) ? ref['kind'] : 'ConfigMap';
        const type = typeOf(isName(ref['group']) ? ref['group'] : '', kind);
        const target = { by: 'name', type, namespace: object.metadata.namespace, name: ref['name'] } as const;
        refer({ target, field: path() });
      });
    }
  },
} as const satisfies Rule;

const pools = ['InferencePool.inference.networking.k8s.io', 'InferencePool.inference.networking.x-k8s.io'];

export const inferencePoolPods = {
  name: 'inference-pool-pods',
  relation: 'loadBalances',
  reads: pools,
  source: pools,
  target: podsAndTemplates,
  fields: ['spec.selector'],
  dependence: 'source',
  sentence: 'An InferencePool load balances the Pods in its namespace that its selector matches.',
  infer(object, refer) {
    const { spec } = object as { spec?: { selector?: unknown } | null };
    const { namespace } = object.metadata;
    const selector = spec?.selector;
    if (!isRecord(selector) || !namespace) return;
    const isWhole = isRecord(selector['matchLabels']) || Array.isArray(selector['matchExpressions']);
    // Before `v1` the labels were directly here.
    const labels = (isWhole ? selector : { matchLabels: selector }) as LabelSelector;
    if (Object.keys(selector).length > 0)
      selectPods({ namespaces: { in: [namespace] }, selector: labels, field: 'spec.selector' }, refer);
  },
} as const satisfies Rule;

const pickers = ['spec.endpointPickerRef', 'spec.extensionRef'];
const pickerWalks = pickers.map(walkerOf);

export const inferencePoolPicker = {
  name: 'inference-pool-picker',
  relation: 'uses',
  reads: pools,
  source: pools,
  target: ['Service', '*'],
  fields: pickers,
  dependence: 'source',
  sentence: 'An InferencePool uses the Service of its endpoint picker. If it fails open, it works without it.',
  infer(object, refer) {
    for (const walk of pickerWalks) {
      walk(object, (ref, path) => {
        if (!isRecord(ref) || !isName(ref['name'])) return;
        const type = typeOf(isName(ref['group']) ? ref['group'] : '', isName(ref['kind']) ? ref['kind'] : 'Service');
        const target = { by: 'name', type, namespace: object.metadata.namespace, name: ref['name'] } as const;
        const dependence = ref['failureMode'] === 'FailOpen' ? 'none' : undefined;
        refer({ target, field: path(), dependence });
      });
    }
  },
} as const satisfies Rule;
