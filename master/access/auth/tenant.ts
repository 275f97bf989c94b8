// Who shares a share. Whoever may create ServiceAccounts in a namespace has as many names as they like: all of them are one
// tenant. Other names are given by whoever runs the cluster's authentication, and are one each.
import type { Caller } from './authenticator.ts';

/** A text; the same means the same tenant. Of a caller nobody asked the name of, the address stands for them. */
export function tenantOf(caller: Pick<Caller, 'name' | 'user'> | undefined, address: string): string {
  if (!caller) return `address ${address}`;
  const { username = '' } = caller.user ?? {};
  const [, namespace] = /^system:serviceaccount:([^:]+):/.exec(username) ?? [];
  return namespace === undefined ? `user ${caller.name}` : `namespace ${namespace}`;
}
