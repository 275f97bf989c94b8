// All objects of the demo cluster by topic.
import type { KubernetesObject } from '../../model.ts';
import { accessObjects } from './access.ts';
import { admissionObjects } from './admission.ts';
import { dataObjects } from './data.ts';
import { definitions } from './definitions.ts';
import { eventObjects } from './events.ts';
import { faultObjects } from './faults.ts';
import { gatewayObjects } from './gateways.ts';
import { ingressObjects } from './ingress.ts';
import { labObjects } from './lab.ts';
import { namespaceObjects } from './namespaces.ts';
import { nodeObjects } from './nodes.ts';
import { operatorObjects } from './operators.ts';
import { policyObjects } from './policies.ts';
import { recordedObjects } from './recorded.ts';
import { storageObjects } from './storage.ts';
import { webObjects } from './web.ts';
import { endpointSlice, selected } from './workloads.ts';

/** Definitions first, so that their kinds are served before their objects arrive. */
export function seedObjects(): KubernetesObject[] {
  const written = [
    ...definitions(),
    ...nodeObjects(),
    ...namespaceObjects(),
    ...webObjects(),
    ...dataObjects(),
    ...storageObjects(),
    ...ingressObjects(),
    ...gatewayObjects(),
    ...policyObjects(),
    ...accessObjects(),
    ...admissionObjects(),
    ...operatorObjects(),
    ...labObjects(),
    ...faultObjects(),
  ];
  const all = [...recordedObjects(), ...written];
  return [...definitionsFirst(all), ...slices(written), ...eventObjects(all)];
}

function definitionsFirst(objects: readonly KubernetesObject[]): KubernetesObject[] {
  const isDefinition = (object: KubernetesObject) => object.kind === 'CustomResourceDefinition';
  return [...objects.filter(isDefinition), ...objects.filter((object) => !isDefinition(object))];
}

/** As from the EndpointSlice controller; in both families for dual-stack Services. */
function slices(objects: readonly KubernetesObject[]): KubernetesObject[] {
  return objects.flatMap((object) => {
    if (object.kind !== 'Service' || object.apiVersion !== 'v1') return [];
    const { selector, ipFamilies = [] } = object['spec'] as { selector?: object; ipFamilies?: ('IPv4' | 'IPv6')[] };
    const pods = selected(object, objects);
    return selector ? ipFamilies.map((family) => endpointSlice(object, pods, family)) : [];
  });
}
