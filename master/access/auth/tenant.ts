// Who shares limits. A user who can create ServiceAccounts in a namespace has any number of names, so a namespace's accounts
// are one tenant. Other names come from the cluster's authentication and are one tenant each. For costs of visible graphs,
// all callers whose rights are confined to the same namespaces are one.
import { accountNamespace } from '../../../src/account-namespace.ts';
import type { Caller } from './authenticator.ts';
import type { Rights } from './rights.ts';

/** Equal texts mean the same tenant. Without authentication the address stands for the caller. */
export function tenantOf(caller: Pick<Caller, 'name' | 'user'> | undefined, address: string): string {
  if (!caller) return `address ${address}`;
  const { username = '' } = caller.user ?? {};
  const namespace = accountNamespace(username);
  return namespace === undefined ? `user ${caller.name}` : `namespace ${namespace}`;
}

/**
 * Who is charged for a graph of these rights, each for all of it. Users of a namespace can combine any subset of its
 * rights, with a graph for each.
 */
export function bearersOf(tenant: string, { reach }: Pick<Rights, 'reach'>): readonly string[] {
  if (!tenant.startsWith('user ') || reach.size === 0) return [tenant];
  return [...reach].map((namespace) => `users of ${namespace}`);
}
