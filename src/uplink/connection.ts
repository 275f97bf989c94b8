// One connection to the gateway, from the open socket to its end.
import type { MonotonicClock } from '../clock.ts';
import { Heartbeat } from '../gateway-protocol/heartbeat.ts';
import { type GatewayMessage, readGatewayMessage, type Welcome } from '../gateway-protocol/messages.ts';
import { closeCodes, times } from '../gateway-protocol/protocol.ts';
import type { Wire } from '../gateway-protocol/wire.ts';
import type { AgentHandshake, Refusal } from './handshake.ts';

export interface Ended {
  readonly state: 'waiting' | 'refused' | 'unsupported' | 'closed';
  readonly reason: string;
  readonly authorised: boolean;
}

/** What a connection needs from the uplink, and reports to it. */
export interface Life {
  readonly clock: MonotonicClock;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  authorised(wire: Wire, welcome: Welcome): void;
  take(message: GatewayMessage): boolean;
  refused(code: Refusal): void;
  ended(): void;
}

export class Connection {
  readonly #wire: Wire;
  readonly #handshake: AgentHandshake;
  readonly #life: Life;
  readonly #heart: Heartbeat;
  readonly #over = new AbortController();
  readonly #end = Promise.withResolvers<Ended>();
  #authorised = false;

  constructor(wire: Wire, handshake: AgentHandshake, life: Life) {
    this.#wire = wire;
    this.#handshake = handshake;
    this.#life = life;
    this.#heart = new Heartbeat(life.clock());
  }

  async ended(signal: AbortSignal): Promise<Ended> {
    this.#wire.listen({
      message: (text) => this.#message(text),
      alive: () => this.#heart.heard(this.#life.clock()),
      closed: (code, reason) =>
        this.#finish({ state: 'waiting', reason: reason === '' ? `closed with ${code}` : reason }),
    });
    const leave = () => {
      this.#wire.close(closeCodes.leaving, 'the agent ends');
      this.#finish({ state: 'closed', reason: 'the agent ends' });
    };
    signal.addEventListener('abort', leave, { once: true });
    this.#wire.send(JSON.stringify(this.#handshake.hello()));
    try {
      void this.#beat();
      return await this.#end.promise;
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }

  #message(text: string): void {
    this.#heart.heard(this.#life.clock());
    if (this.#over.signal.aborted) return;
    const read = readGatewayMessage(text);
    if ('wrong' in read) return this.#refuse('unexpected_message', read.wrong);
    const { message } = read;
    if (!this.#authorised) return this.#prove(message);
    if (!this.#life.take(message)) this.#refuse('unexpected_message', `${message.type} is not due`);
  }

  #prove(message: GatewayMessage): void {
    const answer = this.#handshake.take(message);
    if ('refuse' in answer) return this.#refuse(answer.refuse, answer.reason);
    if ('send' in answer) return this.#wire.send(JSON.stringify(answer.send));
    this.#authorised = true;
    this.#life.authorised(this.#wire, answer.welcome);
  }

  #refuse(code: Refusal, reason: string): void {
    this.#life.refused(code);
    this.#finish({ state: code === 'unsupported_version' ? 'unsupported' : 'refused', reason: `${code}: ${reason}` });
    this.#wire.close(closeCodes.notUnderstood, code);
  }

  #finish(ended: Omit<Ended, 'authorised'>): void {
    if (this.#over.signal.aborted) return;
    this.#over.abort();
    this.#life.ended();
    this.#end.resolve({ ...ended, authorised: this.#authorised });
  }

  /** Pings; closes connections that are silent or do not complete the handshake in time. */
  async #beat(): Promise<void> {
    const { clock, sleep } = this.#life;
    const { signal } = this.#over;
    const deadline = clock() + times.question;
    while (!signal.aborted) {
      const left = this.#authorised ? Number.POSITIVE_INFINITY : Math.max(0, deadline - clock());
      await sleep(Math.min(this.#heart.wait(clock()), left), signal);
      if (signal.aborted) return;
      if (!this.#authorised && clock() >= deadline) return this.#silent('the handshake was not through in time');
      const beat = this.#heart.due(clock());
      if (beat === 'dead') return this.#silent(`nothing was heard for ${times.silence / 1000} s`);
      if (beat === 'ping') this.#wire.ping();
    }
  }

  #silent(reason: string): void {
    this.#finish({ state: 'waiting', reason });
    this.#wire.terminate();
  }
}
