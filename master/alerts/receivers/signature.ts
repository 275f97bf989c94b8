// How a webhook's receiver knows who sent it: HMAC-SHA256 over the time and the body, so that neither can be another's. What is
// older than some minutes is to be refused there, and a delivery that was had is known by its id.
import { createHmac } from 'node:crypto';

/** `seconds` since the epoch. In hexadecimal digits. */
export function signatureOf(secret: string, seconds: number, body: string | Buffer): string {
  return createHmac('sha256', secret).update(`${seconds}.`).update(body).digest('hex');
}
