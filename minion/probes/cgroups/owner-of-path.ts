// Whose a cgroup is, by its path: a container's, a service's of the node, or nobody's in particular. Pure.
import { containersOfCgroup } from '../../proc/cgroup.ts';

export type CgroupOwner = { readonly kind: 'container'; readonly id: string } | ServiceOwner;

export interface ServiceOwner {
  readonly kind: 'service';
  /** `/system.slice/name.service`, as systemd escapes it undone for dashes. */
  readonly id: string;
}

const service = /^\/(?:system|runtime|reserved|kube|azure|podruntime)\.slice\/(?:[^/]+\.slice\/)*([^/]+\.service)$/;

/** Below the hierarchy's root, with a slash before each part. */
export function ownerOfPath(path: string): CgroupOwner | undefined {
  const [id] = containersOfCgroup(`0::${path}`);
  if (id !== undefined) return { kind: 'container', id };
  if (!service.test(path)) return undefined;
  return { kind: 'service', id: path.replaceAll('\\x2d', '-') };
}
