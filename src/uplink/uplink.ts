// Keeps a connection to the gateway: dials, proves its identity, sends the buffered records, and starts over when the connection
// ends. An unreachable gateway only fills the buffer; it never blocks or ends the process.
import { type BackoffOptions, createBackoff } from '../backoff.ts';
import type { Clock, MonotonicClock } from '../clock.ts';
import type { GatewayMessage, Welcome } from '../gateway-protocol/messages.ts';
import { pack } from '../gateway-protocol/packing.ts';
import type { Scheme } from '../gateway-protocol/proof.ts';
import { closeCodes, type MessageClass } from '../gateway-protocol/protocol.ts';
import type { Wire } from '../gateway-protocol/wire.ts';
import type { Logger } from '../logger.ts';
import type { Commands } from './commands.ts';
import { Connection, type Ended, type Life } from './connection.ts';
import { AgentHandshake, type HandshakeOptions } from './handshake.ts';
import { Link } from './link.ts';
import { SeenQuestions } from './seen-questions.ts';
import type { OpenSource, Publisher, UplinkSource } from './source.ts';
import type { Backlog, Spool } from './spool/spool.ts';

export interface UplinkOptions {
  readonly who: Omit<HandshakeOptions['who'], 'spool'>;
  readonly schemes: readonly Scheme[];
  /** Read for each connection, so that a rotated secret applies. @throws Fault if unreadable. */
  readonly secret: () => Buffer;
  readonly spool: Spool;
  /** Opens a connection. Rejects if it fails, or when the signal aborts. */
  readonly dial: (signal: AbortSignal) => Promise<Wire>;
  readonly commands: Commands;
  readonly sources: readonly OpenSource[];
  /** Called with the initial level, and whenever the gateway sets another. */
  readonly onLogLevel?: (level: string) => void;
  readonly clock: MonotonicClock;
  readonly wall: Clock;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly random?: () => number;
  /** Must not be shipped to the gateway itself. */
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
}

export type UplinkState = 'connecting' | 'connected' | 'waiting' | 'refused' | 'unsupported' | 'closed';

export interface UplinkStatus {
  readonly state: UplinkState;
  /** Why it is not connected, for people. */
  readonly reason: string | undefined;
  readonly connects: number;
  readonly refusals: ReadonlyMap<string, number>;
  backlog(one: MessageClass): Backlog;
}

const backoff: BackoffOptions = { base: 1_000, cap: 60_000, full: true };
/** Retry period for a gateway of another version, in milliseconds. */
const seldom = 600_000;
/** After a connection of this length the next wait is short again. */
const steady = 10_000;
/** Milliseconds to deliver the last records on close. */
const lastWords = 2_000;
/** Milliseconds between two flushes to disk and checks for expired records. */
const flushPeriod = 1_000;
const expirePeriod = 30_000;

export class Uplink implements Publisher {
  readonly #options: UplinkOptions;
  readonly #sources: readonly UplinkSource[];
  readonly #seen = new SeenQuestions();
  readonly #packing = new Map<MessageClass, Promise<unknown>>();
  readonly #refusals = new Map<string, number>();
  readonly #ending = new AbortController();
  #state: UplinkState = 'connecting';
  #reason: string | undefined;
  #connects = 0;
  #link: Link | undefined;
  /** Connected or connecting. */
  #trying = false;
  #running: Promise<unknown> = Promise.resolve();

  constructor(options: UplinkOptions) {
    this.#options = options;
    this.#sources = options.sources.map((open) => open(this));
  }

  start(): void {
    this.#running = Promise.all([this.#connectAgainAndAgain(), this.#flushAgainAndAgain()]);
  }

  get status(): UplinkStatus {
    return {
      state: this.#state,
      reason: this.#reason,
      connects: this.#connects,
      refusals: this.#refusals,
      backlog: (one) => this.#options.spool.backlog(one),
    };
  }

  async publish(one: MessageClass, body: unknown): Promise<number> {
    const packed = pack(body);
    const before = this.#packing.get(one);
    const added = (async () => {
      await before?.catch(() => undefined);
      return this.#options.spool.add(one, await packed);
    })();
    this.#packing.set(one, added);
    return added;
  }

  add(one: MessageClass, packed: Buffer): number {
    return this.#options.spool.add(one, packed);
  }

  last(one: MessageClass): number {
    return this.#options.spool.last(one);
  }

  waiting(one: MessageClass): number {
    return this.#options.spool.backlog(one).bytes;
  }

  discard(one: MessageClass): void {
    this.#options.spool.discard(one);
  }

  before(one: MessageClass): number | undefined {
    return this.#options.spool.behind(one, 0)?.after;
  }

  lost(one: MessageClass): number {
    return this.#options.spool.backlog(one).lost;
  }

  /** Briefly sends what is left; undelivered records stay in the folder, if there is one. */
  async close(): Promise<void> {
    await Promise.all(this.#sources.map((source) => source.close()));
    await this.#delivered();
    this.#ending.abort();
    await this.#running;
    await this.#options.spool.close();
    this.#state = 'closed';
  }

  async #delivered(): Promise<void> {
    const { clock, sleep } = this.#options;
    const until = clock() + lastWords;
    const pause = 20;
    while (this.#trying && this.#waits() && clock() < until) await sleep(pause, this.#ending.signal);
  }

  /** Whether records other than the graph wait: the next process sends the graph again anyway. */
  #waits(): boolean {
    return (['answers', 'findings', 'metrics', 'logs'] as const).some((one) => this.waiting(one) > 0);
  }

  async #flushAgainAndAgain(): Promise<void> {
    const { signal } = this.#ending;
    const { sleep, spool } = this.#options;
    while (!signal.aborted) {
      await sleep(spool.isKept ? flushPeriod : expirePeriod, signal);
      if (!signal.aborted) await spool.flush();
    }
  }

  async #connectAgainAndAgain(): Promise<void> {
    const { signal } = this.#ending;
    const { clock, sleep, random } = this.#options;
    const waits = createBackoff(random ? { ...backoff, random } : backoff);
    while (!signal.aborted) {
      const began = clock();
      const ended = await this.#connection(signal);
      if (signal.aborted) return;
      if (ended.authorised && clock() - began >= steady) waits.reset();
      this.#fell(ended);
      await sleep(ended.state === 'unsupported' ? seldom : waits.next(), signal);
    }
  }

  /** Logs only changes of the reason. */
  #fell({ state, reason }: Ended): void {
    if (this.#reason !== reason)
      this.#options.logger.warn({ reason }, 'there is no connection to the gateway: what is said is buffered');
    this.#state = state;
    this.#reason = reason;
  }

  /** Dials and authenticates; resolves when the connection has ended. Never rejects. */
  async #connection(signal: AbortSignal): Promise<Ended> {
    this.#trying = true;
    try {
      const secret = this.#options.secret();
      const wire = await this.#options.dial(signal);
      return await new Connection(wire, this.#handshake(secret), this.#life()).ended(signal);
    } catch (error) {
      const { code, message } = error as { readonly code?: string; readonly message?: string };
      return {
        state: code === unsupported ? 'unsupported' : 'waiting',
        reason: message ?? String(error),
        authorised: false,
      };
    } finally {
      this.#trying = false;
    }
  }

  #handshake(secret: Buffer): AgentHandshake {
    const { who, schemes, clock, spool } = this.#options;
    return new AgentHandshake({ who: { ...who, spool: spool.id }, schemes, secret, seen: this.#seen, clock });
  }

  #life(): Life {
    const { clock, sleep } = this.#options;
    return {
      clock,
      sleep,
      authorised: (wire, welcome) => this.#authorised(wire, welcome),
      take: (message) => this.#take(message),
      refused: (code) => this.#refusals.set(code, (this.#refusals.get(code) ?? 0) + 1),
      ended: () => {
        if (this.#link === undefined) return;
        this.#link.close();
        this.#link = undefined;
        for (const source of this.#sources) source.disconnected?.();
      },
    };
  }

  #authorised(wire: Wire, { received, logLevel }: Welcome): void {
    this.#state = 'connected';
    this.#connects++;
    if (this.#reason !== undefined || this.#connects === 1) this.#options.logger.info('connected to the gateway');
    this.#reason = undefined;
    if (logLevel !== undefined) this.#options.onLogLevel?.(logLevel);
    // Sources must run before the first record is sent: they may withdraw waiting records.
    for (const source of this.#sources) source.authorised?.(received);
    const link = new Link(wire, this.#options.spool, received);
    this.#link = link;
    link.run().catch((err: unknown) => {
      this.#options.logger.error({ err }, 'sending to the gateway failed');
      wire.close(closeCodes.leaving, 'sending failed');
    });
  }

  /** False for a message that a gateway never sends. */
  #take(message: GatewayMessage): boolean {
    if (message.type === 'ack') return this.#link?.acknowledged(message.class, message.n) ?? true;
    if (message.type === 'resync') for (const source of this.#sources) source.resync?.(message.reason);
    else if (message.type === 'command') void this.#answer(message);
    else return false;
    return true;
  }

  async #answer(message: Extract<GatewayMessage, { type: 'command' }>): Promise<void> {
    const answer = await this.#options.commands.carryOut(message, this.#options.wall());
    await this.publish('answers', answer);
  }
}

/** The code for failing to agree on a subprotocol. */
export const unsupported = 'unsupported_version';
