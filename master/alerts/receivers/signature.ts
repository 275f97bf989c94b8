// A webhook's signature: HMAC-SHA256 over time and body, so neither can be replaced. Receivers should reject old messages,
// and recognize repeated ones by id.
import { createHmac } from 'node:crypto';

/** `seconds` since the epoch. Hexadecimal. */
export function signatureOf(secret: string, seconds: number, body: string | Buffer): string {
  return createHmac('sha256', secret).update(`${seconds}.`).update(body).digest('hex');
}
