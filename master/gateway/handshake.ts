// The gateway's side of the handshake, without a network: a unique question per connection, invalid after the first answer,
// and its own proof in return.
import { randomBytes } from 'node:crypto';
import type { MonotonicClock, MonotonicTime } from '../../src/clock.ts';
import type { AgentMessage, Hello, Question, Refused, Welcome } from '../../src/gateway-protocol/messages.ts';
import { type Exchange, isMutual, proofOf, provenWith, type Scheme } from '../../src/gateway-protocol/proof.ts';
import { bounds, times } from '../../src/gateway-protocol/protocol.ts';

/** The enrolments, as needed by the handshake. */
export interface Credentials {
  /** Valid secrets; none for a cluster that is not enrolled or belongs to another account. */
  secretsOf(account: string, cluster: string): readonly string[];
}

export interface GatewayHandshakeOptions {
  /** The gateway's id. */
  readonly gateway: string;
  /** In order of preference. */
  readonly schemes: readonly Scheme[];
  readonly credentials: Credentials;
  readonly clock: MonotonicClock;
  readonly random?: (bytes: number) => Buffer;
}

export interface Proven {
  readonly hello: Hello;
  /** The secret that was used. */
  readonly secret: string;
  /** Sent in `welcome`, if the scheme has one. */
  readonly proof: Pick<Welcome, 'proof'>;
}

export type Outcome = { readonly send: Question } | { readonly proven: Proven } | { readonly refuse: Refused };

/** Answers for unknown clusters are verified too, so that the time reveals nothing. */
const unknown = randomBytes(bounds.nonce).toString('base64url');

export class GatewayHandshake {
  readonly #options: GatewayHandshakeOptions;
  #deadline: MonotonicTime;
  #hello: Hello | undefined;
  #asked: { readonly scheme: Scheme; readonly exchange: Exchange } | undefined;

  constructor(options: GatewayHandshakeOptions) {
    this.#options = options;
    this.#deadline = this.#soon();
  }

  take(message: AgentMessage): Outcome {
    if (this.isLate()) return refuse('too_late', `the handshake took longer than ${times.question / 1000} s a step`);
    const hello = this.#hello;
    const asked = this.#asked;
    if (message.type === 'hello' && hello === undefined) return this.#ask(message);
    if (message.type !== 'proof' || hello === undefined || asked === undefined)
      return refuse('not_understood', `${message.type} is not due`);
    this.#asked = undefined;
    return this.#check(hello, asked, Buffer.from(message.proof, 'base64'));
  }

  /** The next step is overdue. */
  isLate(): boolean {
    return this.#options.clock() > this.#deadline;
  }

  #ask(hello: Hello): Outcome {
    const { gateway, schemes, random = randomBytes } = this.#options;
    const scheme = schemes.find((one) => hello.schemes.includes(one));
    if (scheme === undefined) return refuse('unsupported_scheme', `the gateway takes ${schemes.join(', ')}`);
    const question = random(bounds.question);
    const { account, cluster } = hello;
    this.#hello = hello;
    this.#asked = {
      scheme,
      exchange: { account, cluster, gateway, question, nonce: Buffer.from(hello.nonce, 'base64') },
    };
    this.#deadline = this.#soon();
    return { send: { type: 'question', gateway, scheme, question: question.toString('base64') } };
  }

  #check(hello: Hello, asked: { readonly scheme: Scheme; readonly exchange: Exchange }, proof: Buffer): Outcome {
    const secrets = this.#options.credentials.secretsOf(hello.account, hello.cluster);
    const tried = (secrets.length > 0 ? secrets : [unknown]).map((secret) => Buffer.from(secret));
    const secret = secrets[provenWith(tried, proof, { ...asked, side: 'agent' })];
    if (secret === undefined) return refuse('unauthorized', 'the account, the cluster or the secret is not known here');
    const own = isMutual(asked.scheme)
      ? proofOf(asked.scheme, Buffer.from(secret), asked.exchange, 'gateway')
      : undefined;
    return { proven: { hello, secret, proof: own === undefined ? {} : { proof: own.toString('base64') } } };
  }

  #soon(): MonotonicTime {
    return (this.#options.clock() + times.question) as MonotonicTime;
  }
}

function refuse(code: Refused['code'], reason: string): Outcome {
  return { refuse: { type: 'refused', code, reason } };
}
