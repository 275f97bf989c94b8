// The schemes by which agent and gateway prove that they know the secret. Both sides name the scheme; neither falls back to
// another.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

export const schemes = ['hmac-sha512', 'sha512-qs', 'sha512-qsq'] as const;
export type Scheme = (typeof schemes)[number];

/** What both sides of a connection know. */
export interface Exchange {
  readonly account: string;
  readonly cluster: string;
  readonly gateway: string;
  /** From the gateway. */
  readonly question: Buffer;
  /** From the agent. */
  readonly nonce: Buffer;
}

type Side = 'agent' | 'gateway';

/** A side's proof of 64 bytes; undefined if the scheme has none for that side. */
type Prove = (secret: Buffer, exchange: Exchange, side: Side) => Buffer | undefined;

const provers: { readonly [scheme in Scheme]: Prove } = {
  'hmac-sha512': (secret, exchange, side) => {
    const mac = createHmac('sha512', secret);
    for (const part of parts(exchange, side)) mac.update(part);
    return mac.digest();
  },
  // The schemes of older agents, as documented and as implemented. The gateway proves nothing with them: its TLS
  // certificate must.
  'sha512-qs': (secret, { question }, side) => (side === 'agent' ? sha512(question, secret) : undefined),
  'sha512-qsq': (secret, { question }, side) => (side === 'agent' ? sha512(question, secret, question) : undefined),
};

export function proofOf(scheme: Scheme, secret: Buffer, exchange: Exchange, side: Side): Buffer | undefined {
  return provers[scheme](secret, exchange, side);
}

/** Whether the gateway proves itself too. */
export function isMutual(scheme: Scheme): boolean {
  return scheme === 'hmac-sha512';
}

/** Index of the secret that made `proof`, or -1. Tries all secrets, so that the time reveals nothing. */
export function provenWith(
  secrets: readonly Buffer[],
  proof: Buffer,
  { scheme, exchange, side }: { readonly scheme: Scheme; readonly exchange: Exchange; readonly side: Side },
): number {
  let found = -1;
  for (const [place, secret] of secrets.entries()) {
    const expected = proofOf(scheme, secret, exchange, side);
    const same = expected !== undefined && expected.length === proof.length && timingSafeEqual(expected, proof);
    if (same && found < 0) found = place;
  }
  return found;
}

function sha512(...pieces: readonly Buffer[]): Buffer {
  const hash = createHash('sha512');
  for (const piece of pieces) hash.update(piece);
  return hash.digest();
}

/** Each part with its length first, so that different exchanges never yield equal bytes. */
function* parts({ account, cluster, gateway, nonce, question }: Exchange, side: Side): Generator<Buffer> {
  const texts = ['cluster-insight.gateway.v1', side, account, cluster, gateway].map((text) => Buffer.from(text));
  for (const part of [...texts, nonce, question]) {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(part.length);
    yield length;
    yield part;
  }
}
