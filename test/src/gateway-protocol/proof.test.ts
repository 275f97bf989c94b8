import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Exchange, isMutual, proofOf, provenWith, schemes } from '../../../src/gateway-protocol/proof.ts';

const exchange: Exchange = {
  account: 'default',
  cluster: 'east',
  gateway: 'g',
  question: Buffer.alloc(1024, 'Q'),
  nonce: Buffer.alloc(32, 1),
};
const secret = Buffer.from('secret-key');

describe('the schemes of older agents', () => {
  test.each([
    ['sha512-qsq', 'jJ2sk3dSroh5hrvHiqNaYeMz63Fk0Ok+HF0Oq8i8nokD7GND502vVH01mN+UES6R1N2zztct3BPdynYGkS16Bw=='],
    ['sha512-qs', 'U8sbovu7FoT2yrw1CfqaQnWGEOaU+vqZlczKtSq6I9DhS4iORrg+5Qaa0wYMqHoWuoB6ZDhPG0FGH77rLH+YkQ=='],
  ] as const)('%s answers a question of 1,024 letters Q as they did', (scheme, expected) => {
    expect(proofOf(scheme, secret, exchange, 'agent')?.toString('base64')).toBe(expected);
  });

  test('prove nothing of the gateway', () => {
    expect(proofOf('sha512-qs', secret, exchange, 'gateway')).toBeUndefined();
    expect(proofOf('sha512-qsq', secret, exchange, 'gateway')).toBeUndefined();
    expect(schemes.filter(isMutual)).toEqual(['hmac-sha512']);
  });
});

describe('our own scheme', () => {
  const parts = fc.record({
    account: fc.string({ maxLength: 5 }),
    cluster: fc.string({ maxLength: 5 }),
    gateway: fc.string({ maxLength: 5 }),
    question: fc.uint8Array({ maxLength: 5 }).map((bytes) => Buffer.from(bytes)),
    nonce: fc.uint8Array({ maxLength: 5 }).map((bytes) => Buffer.from(bytes)),
  });

  test('gives another proof for any other exchange, side or secret', () => {
    const text = (one: Exchange) => proofOf('hmac-sha512', secret, one, 'agent')?.toString('hex');
    const key = ({ question, nonce, ...rest }: Exchange) =>
      JSON.stringify([rest.account, rest.cluster, rest.gateway, question.toString('hex'), nonce.toString('hex')]);
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        expect(text(a) === text(b)).toBe(key(a) === key(b));
        expect(text(a)).not.toBe(proofOf('hmac-sha512', secret, a, 'gateway')?.toString('hex'));
        expect(text(a)).not.toBe(proofOf('hmac-sha512', Buffer.from('another'), a, 'agent')?.toString('hex'));
      }),
    );
  });

  test('what moves from one part to its neighbour is another exchange', () => {
    const shifted = { ...exchange, account: 'defaulte', cluster: 'ast' };
    expect(proofOf('hmac-sha512', secret, shifted, 'agent')).not.toEqual(
      proofOf('hmac-sha512', secret, exchange, 'agent'),
    );
  });
});

describe('the secret that a proof was made with', () => {
  const secrets = [randomBytes(32), randomBytes(32), randomBytes(32)];
  const about = { exchange, side: 'agent' as const };

  test.each(schemes)('is found at any place, by %s', (scheme) => {
    for (const [place, one] of secrets.entries()) {
      const proof = proofOf(scheme, one, exchange, 'agent') ?? Buffer.alloc(0);
      expect(provenWith(secrets, proof, { ...about, scheme })).toBe(place);
    }
  });

  test.each(schemes)('is none for another proof, a cut one, a longer one or an empty one, by %s', (scheme) => {
    const right = proofOf(scheme, secrets[0] ?? secret, exchange, 'agent') ?? Buffer.alloc(0);
    const wrong = [randomBytes(64), right.subarray(1), Buffer.concat([right, right]), Buffer.alloc(0)];
    for (const proof of wrong) expect(provenWith(secrets, proof, { ...about, scheme })).toBe(-1);
  });

  test('is none where a gateway sends back the proof of the agent', () => {
    const proof = proofOf('hmac-sha512', secret, exchange, 'agent') ?? Buffer.alloc(0);
    expect(provenWith([secret], proof, { scheme: 'hmac-sha512', exchange, side: 'gateway' })).toBe(-1);
  });
});
