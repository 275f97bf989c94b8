// The schemes by which an agent proves that it has the secret, and by which a gateway does. Both sides name the scheme; none falls
// back to another.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

export const schemes = ['hmac-sha512', 'sha512-qs', 'sha512-qsq'] as const;
export type Scheme = (typeof schemes)[number];

/** What both sides of one connection know. */
export interface Exchange {
  readonly account: string;
  readonly cluster: string;
  readonly gateway: string;
  /** Of the gateway. */
  readonly question: Buffer;
  /** Of the agent. */
  readonly nonce: Buffer;
}

type Side = 'agent' | 'gateway';

/** A side's proof; undefined where the scheme has none of that side. 64 bytes. */
type Prove = (secret: Buffer, exchange: Exchange, side: Side) => Buffer | undefined;

const provers: { readonly [scheme in Scheme]: Prove } = {
  'hmac-sha512': (secret, exchange, side) => {
    const mac = createHmac('sha512', secret);
    for (const part of parts(exchange, side)) mac.update(part);
    return mac.digest();
  },
  // What the product page of an older agent says, and what that agent did. The gateway proves nothing by them: its TLS certificate must.
  'sha512-qs': (secret, { question }, side) => (side === 'agent' ? sha512(question, secret) : undefined),
  'sha512-qsq': (secret, { question }, side) => (side === 'agent' ? sha512(question, secret, question) : undefined),
};

export function proofOf(scheme: Scheme, secret: Buffer, exchange: Exchange, side: Side): Buffer | undefined {
  return provers[scheme](secret, exchange, side);
}

/** Whether the scheme makes the gateway prove itself, too. */
export function isMutual(scheme: Scheme): boolean {
  return scheme === 'hmac-sha512';
}

/** The place among `secrets` of the one that `proof` was made with, or -1. All are tried, whichever it is: the time says nothing. */
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

/** Each with its length before it: no two exchanges make the same bytes. */
function* parts({ account, cluster, gateway, nonce, question }: Exchange, side: Side): Generator<Buffer> {
  const texts = ['cluster-insight.gateway.v1', side, account, cluster, gateway].map((text) => Buffer.from(text));
  for (const part of [...texts, nonce, question]) {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(part.length);
    yield length;
    yield part;
  }
}
