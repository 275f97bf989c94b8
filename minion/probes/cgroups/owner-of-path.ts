// The owner of a cgroup by its path: a container, a service of the node, or none. Pure.
import { containersOfCgroup } from '../../proc/cgroup.ts';

export type CgroupOwner = { readonly kind: 'container'; readonly id: string } | ServiceOwner;

export interface ServiceOwner {
  readonly kind: 'service';
  /** `/system.slice/name.service`, with systemd's escaped dashes restored. */
  readonly id: string;
}

const service = /^\/(?:system|runtime|reserved|kube|azure|podruntime)\.slice\/(?:[^/]+\.slice\/)*([^/]+\.service)$/;

/** Path below the root of the hierarchy, each part after a slash. */
export function ownerOfPath(path: string): CgroupOwner | undefined {
  const [id] = containersOfCgroup(`0::${path}`);
  if (id !== undefined) return { kind: 'container', id };
  if (!service.test(path)) return undefined;
  return { kind: 'service', id: path.replaceAll('\\x2d', '-') };
}
