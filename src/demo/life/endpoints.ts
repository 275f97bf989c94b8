// The EndpointSlice controller: slices follow the Pods that their Services select.
import type { KubernetesObject } from '../../model.ts';
import { endpoint, isReady, selected } from '../seed/workloads.ts';
import { named, type World } from './world.ts';

interface Endpoint {
  readonly targetRef?: { readonly uid: string };
  readonly conditions?: { readonly ready?: boolean };
}

export function reconcileEndpoints({ server, list }: World): void {
  const pods = list('pods').filter(hasAddress);
  const services = new Map(list('services').map((service) => [pathOf(service), service]));
  for (const slice of list('endpointslices.discovery.k8s.io')) {
    const owner = services.get(`${slice.metadata.namespace}/${slice.metadata.labels?.['kubernetes.io/service-name']}`);
    if (!owner || !(owner['spec'] as { selector?: object }).selector) continue;
    const targets = selected(owner, pods);
    if (state(slice) === wanted(targets)) continue;
    const family = slice['addressType'] as 'IPv4' | 'IPv6';
    server.patch(named(slice), { endpoints: targets.map((pod) => endpoint(pod, family)) });
  }
}

const pathOf = ({ metadata }: KubernetesObject) => `${metadata.namespace}/${metadata.name}`;

function hasAddress(pod: KubernetesObject): boolean {
  const { podIP, phase } = pod['status'] as { podIP?: string; phase?: string };
  return podIP !== undefined && phase === 'Running';
}

/** The endpoints and their readiness as text. */
function state(slice: KubernetesObject): string {
  const endpoints = (slice['endpoints'] ?? []) as Endpoint[];
  return endpoints
    .map(({ targetRef, conditions }) => `${targetRef?.uid} ${conditions?.ready === true}`)
    .sort()
    .join();
}

function wanted(pods: readonly KubernetesObject[]): string {
  return pods
    .map((pod) => `${pod.metadata.uid} ${isReady(pod)}`)
    .sort()
    .join();
}
