// The bearer token of one node's minion, made of the token that master and minions share. Whoever takes over a node learns
// what the master sends to its minion, and that opens no other.
import { createHmac } from 'node:crypto';

/** HMAC-SHA-256 of the node's name under the shared token, in base64url (RFC 2104, RFC 4648 section 5). */
export function nodeToken(shared: string, node: string): string {
  return createHmac('sha256', shared).update(`cluster-insight minion ${node}`).digest('base64url');
}
