// When certificates end, of what objects hold in PEM: the moment alone is kept of them.
import { X509Certificate } from 'node:crypto';
import type { Timestamp } from './model.ts';

const begin = '-----BEGIN CERTIFICATE-----';
const block = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;
/** Certificates of one bundle that are looked at: those of all public authorities are some 150. */
const most = 300;
/** Characters above which a text is no bundle. */
const longest = 1 << 20;

/** Of the first of them to end; undefined where none is in the text that can be read. */
export function certificateEndIn(text: string): Timestamp | undefined {
  if (text.length > longest || !text.includes(begin)) return undefined;
  let first: number | undefined;
  for (const pem of (text.match(block) ?? []).slice(0, most)) {
    const end = endOf(pem);
    if (end !== undefined && (first === undefined || end < first)) first = end;
  }
  return first === undefined ? undefined : new Date(first).toISOString();
}

/** The same of a text in base64, such as a `caBundle`. */
export function certificateEndInBase64(text: string): Timestamp | undefined {
  // What begins with dashes begins so in base64: nothing else is decoded.
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
