// The agent's half of the handshake, without a network: what to send, and whether the other side is the gateway. Nothing else is
// sent before `welcome` is proven; any deviation ends the connection.
import { randomBytes } from 'node:crypto';
import type { MonotonicClock, MonotonicTime } from '../clock.ts';
import type { AgentMessage, GatewayMessage, Hello, Question, Welcome } from '../gateway-protocol/messages.ts';
import { type Exchange, isMutual, proofOf, provenWith, type Scheme } from '../gateway-protocol/proof.ts';
import { bounds, times } from '../gateway-protocol/protocol.ts';
import type { SeenQuestions } from './seen-questions.ts';

/** Why this side closes. `refused` quotes the gateway. */
export type Refusal =
  | 'short_question'
  | 'repeated_question'
  | 'late_question'
  | 'unknown_scheme'
  | 'unproven_gateway'
  | 'unexpected_message'
  | 'refused'
  | 'unsupported_version';

export type Answer =
  | { readonly send: AgentMessage }
  | { readonly welcome: Welcome }
  | { readonly refuse: Refusal; readonly reason: string };

export interface HandshakeOptions {
  readonly who: Omit<Hello, 'type' | 'schemes' | 'nonce'>;
  readonly schemes: readonly Scheme[];
  readonly secret: Buffer;
  /** Shared by all connections of this process. */
  readonly seen: SeenQuestions;
  readonly clock: MonotonicClock;
  readonly random?: (bytes: number) => Buffer;
}

export class AgentHandshake {
  readonly #options: HandshakeOptions;
  readonly #nonce: Buffer;
  readonly #began: MonotonicTime;
  #asked: { readonly scheme: Scheme; readonly exchange: Exchange } | undefined;
  #through = false;

  constructor(options: HandshakeOptions) {
    this.#options = options;
    this.#nonce = (options.random ?? randomBytes)(bounds.nonce);
    this.#began = options.clock();
  }

  hello(): Hello {
    const { who, schemes } = this.#options;
    return { type: 'hello', ...who, schemes: [...schemes], nonce: this.#nonce.toString('base64') };
  }

  /** The answer to a message. There is none after `welcome` or `refuse`. */
  take(message: GatewayMessage): Answer {
    if (this.#through) return unexpected(message.type);
    if (this.#options.clock() - this.#began > times.question)
      return refuse('late_question', `it came later than ${times.question / 1000} s after it was due`);
    if (message.type === 'refused') return this.#refused(message);
    if (message.type === 'question' && this.#asked === undefined) return this.#question(message);
    if (message.type === 'welcome' && this.#asked !== undefined) return this.#welcome(message, this.#asked);
    return unexpected(message.type);
  }

  #refused({ code, reason }: Extract<GatewayMessage, { type: 'refused' }>): Answer {
    const isOld = code === 'unsupported_version' || code === 'unsupported_scheme';
    return refuse(isOld ? 'unsupported_version' : 'refused', `${code}: ${reason}`);
  }

  #question({ scheme, gateway, question: text }: Question): Answer {
    const { who, schemes, secret, seen } = this.#options;
    if (!schemes.includes(scheme)) return refuse('unknown_scheme', `${scheme} was not offered`);
    const question = Buffer.from(text, 'base64');
    if (question.length < bounds.question)
      return refuse('short_question', `${question.length} bytes, where ${bounds.question} are the least`);
    if (!seen.isNew(question)) return refuse('repeated_question', 'the same question was asked before');
    const exchange = { account: who.account, cluster: who.cluster, gateway, question, nonce: this.#nonce };
    const proof = proofOf(scheme, secret, exchange, 'agent');
    if (proof === undefined) return refuse('unknown_scheme', `${scheme} has no proof of an agent`);
    this.#asked = { scheme, exchange };
    return { send: { type: 'proof', proof: proof.toString('base64') } };
  }

  #welcome(message: Welcome, { scheme, exchange }: { readonly scheme: Scheme; readonly exchange: Exchange }): Answer {
    this.#through = true;
    if (!isMutual(scheme)) return { welcome: message };
    const proof = Buffer.from(message.proof ?? '', 'base64');
    const proven = provenWith([this.#options.secret], proof, { scheme, exchange, side: 'gateway' }) === 0;
    return proven ? { welcome: message } : refuse('unproven_gateway', 'it does not know the secret');
  }
}

function refuse(code: Refusal, reason: string): Answer {
  return { refuse: code, reason };
}

function unexpected(type: string): Answer {
  return refuse('unexpected_message', `${type} is not due`);
}
