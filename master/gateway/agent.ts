// One agent as the gateway knows it: what of its records is here, who takes them, and its connection while it has one. It outlives
// connections, and a restart of the agent.
import { randomUUID } from 'node:crypto';
import type { WallTime } from '../../src/clock.ts';
import { fault } from '../../src/errors.ts';
import type { Command, DataMessage, GatewayMessage, Hello, Received } from '../../src/gateway-protocol/messages.ts';
import { type MessageClass, messageClasses, type Role } from '../../src/gateway-protocol/protocol.ts';
import type { Positions } from './positions.ts';
import type { OpenReceiver, Receiver } from './receiver.ts';

/** What an agent needs of its connection. */
export interface AgentConnection {
  readonly hello: Hello;
  /** The secret that it was proven with. */
  readonly secret: string;
  readonly since: WallTime;
  send(message: GatewayMessage): void;
  close(code: number, reason: string): void;
}

/** What is told of an agent. */
export interface AgentStatus {
  readonly cluster: string;
  readonly role: Role;
  readonly connected: boolean;
  /** Since when it is or is not; undefined where it never was. */
  readonly since: WallTime | undefined;
  readonly mode: string | undefined;
  readonly version: string | undefined;
  readonly records: { readonly [one in MessageClass]: number };
  /** Times that records were missing. */
  readonly holes: number;
}

export interface AgentAnswer {
  readonly ok: boolean;
  readonly result?: unknown;
  readonly error?: { readonly code: string; readonly message: string };
}

interface Waiting {
  readonly command: Command;
  readonly answered: PromiseWithResolvers<AgentAnswer>;
}

export interface AgentOptions {
  readonly cluster: string;
  readonly role: Role;
  readonly receivers: { readonly [one in MessageClass]?: OpenReceiver };
  readonly positions?: Positions | undefined;
}

/** Buffers of an agent whose numbers are known: each restart without a folder makes another. */
const mostSpools = 4;
const mostCommands = 256;

export class Agent {
  readonly cluster: string;
  readonly role: Role;
  readonly #receivers: ReadonlyMap<MessageClass, Receiver>;
  readonly #spools = new Map<string, Map<MessageClass, number>>();
  readonly #records = new Map<MessageClass, number>();
  readonly #commands = new Map<string, Waiting>();
  readonly #positions: Positions | undefined;
  #connection: AgentConnection | undefined;
  #last: Hello | undefined;
  #since: WallTime | undefined;
  #holes = 0;

  constructor({ cluster, role, receivers, positions }: AgentOptions) {
    this.cluster = cluster;
    this.role = role;
    this.#positions = positions;
    for (const [spool, n] of positions?.read(cluster, role) ?? []) this.#spoolOf(spool).set('logs', n);
    const opened = messageClasses.flatMap((one) => {
      const receiver = receivers[one]?.(cluster);
      return receiver === undefined ? [] : [[one, receiver] as const];
    });
    this.#receivers = new Map(opened);
  }

  get connection(): AgentConnection | undefined {
    return this.#connection;
  }

  get status(): AgentStatus {
    const counted = messageClasses.map((one) => [one, this.#records.get(one) ?? 0]);
    return {
      cluster: this.cluster,
      role: this.role,
      connected: this.#connection !== undefined,
      since: this.#since,
      mode: this.#last?.mode,
      version: this.#last?.version,
      records: Object.fromEntries(counted) as AgentStatus['records'],
      holes: this.#holes,
    };
  }

  /** The last records of that buffer that are here. */
  received(spool: string): Received {
    return Object.fromEntries(this.#spools.get(spool) ?? []);
  }

  /** The connection is the agent's; `welcome` was said. What was asked of it and not answered is asked again. */
  connected(connection: AgentConnection): void {
    this.#connection = connection;
    this.#last = connection.hello;
    this.#since = connection.since;
    this.#spoolOf(connection.hello.spool);
    for (const [one, receiver] of this.#receivers) receiver.connected?.((reason) => this.#resync(one, reason));
    for (const { command } of this.#commands.values()) connection.send(command);
  }

  disconnected(connection: AgentConnection, now: WallTime): void {
    if (this.#connection !== connection) return;
    this.#connection = undefined;
    this.#since = now;
    for (const receiver of this.#receivers.values()) receiver.disconnected?.();
    this.#keepPositions();
  }

  /** Whether the record is here already, by its number. */
  has(spool: string, one: MessageClass, n: number): boolean {
    return n <= (this.#spoolOf(spool).get(one) ?? 0);
  }

  /** Resolves once the record may be acknowledged. */
  async take(spool: string, { class: one, n, after, at }: DataMessage, body: unknown): Promise<void> {
    const positions = this.#spoolOf(spool);
    const last = positions.get(one);
    // An agent that does not know what came before says 0; a gateway that knows nothing of the buffer cannot tell.
    const hole = last !== undefined && after !== 0 && after !== last;
    if (hole) this.#holes++;
    const moment = Date.parse(at);
    const record = { n, at: Number.isNaN(moment) ? 0 : moment, body };
    if (one === 'answers') this.#answered(body);
    await this.#receivers.get(one)?.take(record, hole);
    positions.set(one, n);
    this.#records.set(one, (this.#records.get(one) ?? 0) + 1);
  }

  /**
   * Asks the agent for something; waits for it to be connected, until `until`.
   * @throws Fault `unavailable` when no answer came in time, `overloaded` where too many wait.
   */
  async command(name: string, body: unknown, until: WallTime, signal: AbortSignal): Promise<AgentAnswer> {
    const late = fault('unavailable', { reason: `${this.cluster} did not answer in time` });
    if (signal.aborted) throw late;
    if (this.#commands.size >= mostCommands)
      throw fault('overloaded', { reason: 'too many commands wait for the agent' });
    const command: Command = { type: 'command', id: randomUUID(), name, body, until: new Date(until).toISOString() };
    const waiting: Waiting = { command, answered: Promise.withResolvers() };
    this.#commands.set(command.id, waiting);
    const giveUp = () => waiting.answered.reject(late);
    signal.addEventListener('abort', giveUp, { once: true });
    this.#connection?.send(command);
    try {
      return await waiting.answered.promise;
    } finally {
      this.#commands.delete(command.id);
      signal.removeEventListener('abort', giveUp);
    }
  }

  async close(): Promise<void> {
    for (const receiver of this.#receivers.values()) await receiver.close?.();
    this.#keepPositions();
  }

  #keepPositions(): void {
    const logs = [...this.#spools].flatMap(([spool, positions]) => {
      const n = positions.get('logs');
      return n === undefined ? [] : [[spool, n] as const];
    });
    if (logs.length > 0) this.#positions?.write(this.cluster, this.role, new Map(logs));
  }

  #resync(one: MessageClass, reason: string): void {
    if (one === 'graph') this.#connection?.send({ type: 'resync', reason });
  }

  /** What is no answer to anything that waits is none. */
  #answered(body: unknown): void {
    const { id, ok, result, error } = (body ?? {}) as { readonly id?: unknown } & AgentAnswer;
    if (typeof id !== 'string') return;
    this.#commands.get(id)?.answered.resolve({ ok: ok === true, result, ...(error === undefined ? {} : { error }) });
  }

  #spoolOf(spool: string): Map<MessageClass, number> {
    const known = this.#spools.get(spool);
    if (known !== undefined) return known;
    const made = new Map<MessageClass, number>();
    this.#spools.set(spool, made);
    const [oldest] = this.#spools.keys();
    if (this.#spools.size > mostSpools && oldest !== undefined) this.#spools.delete(oldest);
    return made;
  }
}
