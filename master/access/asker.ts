// For which tenant an answer is made: said where it is known who asks, read where what they ask is done. An answer may go
// through two applications; the response is the same.
import type { ServerResponse } from 'node:http';

const tenants = new WeakMap<ServerResponse, string>();

export function setAsker(response: ServerResponse, tenant: string): void {
  tenants.set(response, tenant);
}

/** The empty string where nobody was asked. */
export function askerOf(response: ServerResponse): string {
  return tenants.get(response) ?? '';
}
