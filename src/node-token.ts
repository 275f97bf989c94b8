// The bearer token for one node's minion, derived from the token shared by master and minions. A compromised node learns
// only its own, which opens no other minion.
import { createHmac } from 'node:crypto';

/** HMAC-SHA-256 of the node's name under the shared token, in base64url (RFC 2104, RFC 4648 section 5). */
export function nodeToken(shared: string, node: string): string {
  return createHmac('sha256', shared).update(`cluster-insight minion ${node}`).digest('base64url');
}
