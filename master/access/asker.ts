// The tenant for whom an answer is made: set where the caller is known, read where the work is done. An answer may pass
// through two applications, but the response object stays the same.
import type { ServerResponse } from 'node:http';

const tenants = new WeakMap<ServerResponse, string>();

export function setAsker(response: ServerResponse, tenant: string): void {
  tenants.set(response, tenant);
}

/** Empty without authentication. */
export function askerOf(response: ServerResponse): string {
  return tenants.get(response) ?? '';
}
