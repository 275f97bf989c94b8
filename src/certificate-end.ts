// When PEM certificates in objects end: only the time is kept.
import { X509Certificate } from 'node:crypto';
import type { Timestamp } from './model.ts';

const begin = '-----BEGIN CERTIFICATE-----';
const block = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;
/** Maximum certificates examined per bundle: all public authorities are about 150. */
const most = 300;
/** Longer texts are not treated as bundles, in characters. */
const longest = 1 << 20;

/** The earliest end; undefined without a readable certificate. */
export function certificateEndIn(text: string): Timestamp | undefined {
  if (text.length > longest || !text.includes(begin)) return undefined;
  let first: number | undefined;
  for (const pem of (text.match(block) ?? []).slice(0, most)) {
    const end = endOf(pem);
    if (end !== undefined && (first === undefined || end < first)) first = end;
  }
  return first === undefined ? undefined : new Date(first).toISOString();
}

/** The same for base64 text, such as a `caBundle`. */
export function certificateEndInBase64(text: string): Timestamp | undefined {
  // Base64 of leading dashes: nothing else is decoded.
  return text.startsWith('LS0t') ? certificateEndIn(Buffer.from(text, 'base64').toString('latin1')) : undefined;
}

function endOf(pem: string): number | undefined {
  try {
    const end = new X509Certificate(pem).validToDate.getTime();
    return Number.isNaN(end) ? undefined : end;
  } catch {
    return undefined;
  }
}
