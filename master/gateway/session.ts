// One connection of an agent. Before authentication nothing is kept; then records are processed class by class, in order,
// and acknowledged once they need not be sent again.
import type { Clock, MonotonicClock, MonotonicTime } from '../../src/clock.ts';
import { Fault } from '../../src/errors.ts';
import { Heartbeat } from '../../src/gateway-protocol/heartbeat.ts';
import {
  type DataMessage,
  type GatewayMessage,
  type Refused,
  readAgentMessage,
} from '../../src/gateway-protocol/messages.ts';
import { Assembly } from '../../src/gateway-protocol/packing.ts';
import { bounds, closeCodes, type MessageClass } from '../../src/gateway-protocol/protocol.ts';
import type { Wire } from '../../src/gateway-protocol/wire.ts';
import type { Logger } from '../../src/logger.ts';
import { redactText } from '../../src/redact.ts';
import type { Agent, AgentConnection } from './agent.ts';
import type { Agents } from './agents.ts';
import { GatewayHandshake, type GatewayHandshakeOptions, type Proven } from './handshake.ts';

export interface SessionOptions {
  readonly wire: Wire;
  readonly agents: Agents;
  readonly handshake: Omit<GatewayHandshakeOptions, 'credentials' | 'clock'>;
  readonly clock: MonotonicClock;
  readonly wall: Clock;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** Its origin, for the log. */
  readonly from: string;
  readonly onRefused?: (code: Refused['code']) => void;
  readonly onEnded?: () => void;
}

/** Maximum waiting bytes of all classes: correct agents send less. */
const mostWaiting = 10 * bounds.window;

const closedWith: { readonly [code in Refused['code']]: number } = {
  unauthorized: closeCodes.unauthorized,
  unsupported_version: closeCodes.unsupported,
  unsupported_scheme: closeCodes.unsupported,
  too_late: closeCodes.tooSlow,
  not_understood: closeCodes.notUnderstood,
  busy: closeCodes.replaced,
  overloaded: closeCodes.overloaded,
};

interface ProvenAgent {
  readonly agent: Agent;
  readonly connection: AgentConnection;
}

export class Session {
  readonly #options: SessionOptions;
  readonly #handshake: GatewayHandshake;
  readonly #heart: Heartbeat;
  readonly #assembly = new Assembly();
  readonly #taking = new Map<MessageClass, Promise<void>>();
  #proven: ProvenAgent | undefined;
  #waiting = 0;
  #over = false;

  constructor(options: SessionOptions) {
    const { wire, agents, handshake, clock } = options;
    this.#options = options;
    this.#handshake = new GatewayHandshake({ ...handshake, credentials: agents, clock });
    this.#heart = new Heartbeat(clock());
    wire.listen({
      message: (text) => this.#message(text),
      alive: () => this.#heart.heard(clock()),
      closed: () => this.#ended(),
    });
  }

  get proven(): boolean {
    return this.#proven !== undefined;
  }

  /** The remote address. */
  get from(): string {
    return this.#options.from;
  }

  /** Call every few seconds: pings, and closes silent or unauthenticated connections. */
  beat(now: MonotonicTime): void {
    if (this.#over) return;
    if (!this.proven && this.#handshake.isLate()) return this.#refuse('too_late', 'no proof came in time');
    const beat = this.#heart.due(now);
    if (beat === 'ping') this.#options.wire.ping();
    if (beat === 'dead') this.drop();
  }

  /** Closes it without a message. */
  drop(): void {
    this.#options.wire.terminate();
    this.#ended();
  }

  close(code: number, reason: string): void {
    this.#options.wire.close(code, reason);
    this.#ended();
  }

  #message(text: string): void {
    this.#heart.heard(this.#options.clock());
    if (this.#over) return;
    const read = readAgentMessage(text);
    if ('wrong' in read) return this.#refuse('not_understood', read.wrong);
    const { message } = read;
    if (this.#proven === undefined) return this.#prove(message);
    if (message.type !== 'data') return this.#refuse('not_understood', `${message.type} is not due`);
    this.#queue(this.#proven, message, text.length);
  }

  #prove(message: Parameters<GatewayHandshake['take']>[0]): void {
    const outcome = this.#handshake.take(message);
    if ('send' in outcome) return this.#send(outcome.send);
    if ('refuse' in outcome) return this.#refuse(outcome.refuse.code, outcome.refuse.reason);
    this.#welcome(outcome.proven);
  }

  #welcome({ hello, secret, proof }: Proven): void {
    const { agents, wall, logger, from } = this.#options;
    const send = (message: GatewayMessage) => this.#send(message);
    const close = (code: number, reason: string) => this.close(code, reason);
    const connection: AgentConnection = { hello, secret, since: wall(), send, close };
    const agent = agents.join(connection);
    if (agent === undefined) return this.#refuse('busy', 'another agent of this cluster is connected');
    this.#proven = { agent, connection };
    const logLevel = agents.logLevelOf(hello.cluster);
    const level = logLevel === undefined ? {} : { logLevel };
    this.#send({ type: 'welcome', ...proof, received: agent.received(hello.spool), ...level });
    logger.info({ cluster: hello.cluster, mode: hello.mode, version: hello.version, from }, 'an agent has connected');
    agent.connected(connection);
  }

  /** After earlier messages of its class. */
  #queue(proven: ProvenAgent, message: DataMessage, size: number): void {
    this.#waiting += size;
    if (this.#waiting > mostWaiting) return this.#refuse('overloaded', 'more was sent than may be on the way');
    const before = this.#taking.get(message.class) ?? Promise.resolve();
    const taken = before
      .then(() => this.#take(proven, message))
      .finally(() => {
        this.#waiting -= size;
      });
    this.#taking.set(message.class, taken);
  }

  /** Never rejects. */
  async #take({ agent, connection }: ProvenAgent, message: DataMessage): Promise<void> {
    const { class: one, n } = message;
    const { spool } = connection.hello;
    try {
      if (this.#over) return;
      if (!agent.has(spool, one, n)) {
        const whole = await this.#assembly.take(message);
        // A record that another connection of the agent will send again is not taken here.
        if (whole === undefined || this.#over) return;
        await agent.take(spool, message, whole.body);
      }
      this.#send({ type: 'ack', class: one, n });
    } catch (error) {
      this.#failed(error, one);
    }
  }

  #failed(error: unknown, one: MessageClass): void {
    if (error instanceof Fault && error.status < 500) return this.#refuse('not_understood', error.message);
    this.#options.logger.error(
      { err: error, class: one },
      'a record of an agent could not be taken: it is to come again',
    );
    this.close(closeCodes.overloaded, 'a record could not be taken');
  }

  #send(message: GatewayMessage): void {
    if (!this.#over) this.#options.wire.send(JSON.stringify(message));
  }

  #refuse(code: Refused['code'], reason: string): void {
    const { logger, from, onRefused } = this.#options;
    // A stranger's message may contain anything.
    const said = redactText(reason.slice(0, 512));
    logger.warn({ from, code, reason: said }, 'an agent was refused');
    onRefused?.(code);
    this.#send({ type: 'refused', code, reason: said });
    this.close(closedWith[code], code);
  }

  #ended(): void {
    if (this.#over) return;
    this.#over = true;
    if (this.#proven !== undefined) {
      const { agent, connection } = this.#proven;
      agent.disconnected(connection, this.#options.wall());
      this.#options.logger.info({ cluster: agent.cluster }, 'an agent has disconnected');
    }
    this.#options.onEnded?.();
  }
}
