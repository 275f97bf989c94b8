// Who shares a share. Whoever may create ServiceAccounts in a namespace has as many names as they like: all of them are one
// tenant. Other names are given by whoever runs the cluster's authentication, and are one each; of what costs by what may be
// seen, all whose rights end at the same namespaces are one.
import { accountNamespace } from '../../../src/account-namespace.ts';
import type { Caller } from './authenticator.ts';
import type { Rights } from './rights.ts';

/** A text; the same means the same tenant. Of a caller nobody asked the name of, the address stands for them. */
export function tenantOf(caller: Pick<Caller, 'name' | 'user'> | undefined, address: string): string {
  if (!caller) return `address ${address}`;
  const { username = '' } = caller.user ?? {};
  const namespace = accountNamespace(username);
  return namespace === undefined ? `user ${caller.name}` : `namespace ${namespace}`;
}

/**
 * Who bears what a graph of these rights costs, each all of it. A namespace's people are as many as it takes to have every
 * subset of its rights, and one graph each.
 */
export function bearersOf(tenant: string, { reach }: Pick<Rights, 'reach'>): readonly string[] {
  if (!tenant.startsWith('user ') || reach.size === 0) return [tenant];
  return [...reach].map((namespace) => `users of ${namespace}`);
}
