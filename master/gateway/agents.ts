// All enrolled agents: decides who may be connected at the same time, and applies changes of enrolments.
import { closeCodes, type MessageClass, type Role, roleOf } from '../../src/gateway-protocol/protocol.ts';
import type { Logger } from '../../src/logger.ts';
import { Agent, type AgentConnection } from './agent.ts';
import type { Enrolments } from './enrolments.ts';
import type { Credentials } from './handshake.ts';
import type { Positions } from './positions.ts';
import type { OpenReceiver } from './receiver.ts';

type Receivers = { readonly [one in MessageClass]?: OpenReceiver };

export interface AgentsOptions {
  readonly enrolments: Enrolments;
  readonly receivers: Receivers;
  /** Receivers for actors, if they differ. */
  readonly ofActors?: Receivers;
  /** Positions of received logs, if they outlive the process. */
  readonly positions?: Positions;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
}

export class Agents implements Credentials {
  readonly #options: AgentsOptions;
  readonly #agents = new Map<string, Agent>();
  readonly #levels = new Map<string, string | undefined>();
  readonly #faults = new Set<string>();

  constructor(options: AgentsOptions) {
    this.#options = options;
  }

  [Symbol.iterator](): IterableIterator<Agent> {
    return this.#agents.values();
  }

  of(cluster: string, role: Role = 'master'): Agent | undefined {
    return this.#agents.get(keyOf(cluster, role));
  }

  secretsOf(account: string, cluster: string): readonly string[] {
    const { enrolments } = this.#options;
    const enrolment = enrolments.of(cluster);
    if (enrolment === undefined || enrolment.account !== account) return [];
    return enrolments.secretsOf(enrolment).map(({ secret }) => secret);
  }

  /** Minimum log level set by the gateway for the agent, if any. */
  logLevelOf(cluster: string): string | undefined {
    return this.#options.enrolments.of(cluster)?.logLevel;
  }

  /**
   * The agent of an authenticated connection; undefined if another process of the cluster is connected. A returning process
   * replaces its own connection, which may be half-open.
   */
  join(connection: AgentConnection): Agent | undefined {
    const { cluster, start, spool, mode } = connection.hello;
    const role = roleOf(mode);
    const agent = this.of(cluster, role) ?? this.#make(cluster, role);
    const other = agent.connection;
    if (other !== undefined && other.hello.start !== start && other.hello.spool !== spool) return undefined;
    other?.close(closeCodes.replaced, 'the agent has connected again');
    this.#markUsed(cluster, connection.secret);
    this.#levels.set(keyOf(cluster, role), this.logLevelOf(cluster));
    return agent;
  }

  /** Checks enrolments: disconnects agents with expired secrets, and passes on log levels. */
  look(): void {
    const { enrolments, faults } = this.#options.enrolments.list();
    this.#tellOf(faults);
    const known = new Map(enrolments.map((one) => [one.cluster, one]));
    for (const agent of this.#agents.values()) {
      const { cluster } = agent;
      const enrolment = known.get(cluster);
      if (enrolment === undefined && faults.includes(cluster)) continue;
      const good = enrolment === undefined ? [] : this.#options.enrolments.secretsOf(enrolment);
      const { connection } = agent;
      if (connection === undefined) continue;
      if (!good.some(({ secret }) => secret === connection.secret)) {
        this.#options.logger.warn({ cluster }, 'the secret of a connected agent counts no longer: it is disconnected');
        connection.close(closeCodes.unauthorized, 'the secret counts no longer');
      } else this.#passLevel(agent, enrolment?.logLevel);
    }
  }

  async close(): Promise<void> {
    for (const agent of this.#agents.values()) {
      agent.connection?.close(closeCodes.leaving, 'the gateway ends');
      await agent.close();
    }
    this.#agents.clear();
  }

  #make(cluster: string, role: Role): Agent {
    const { receivers, ofActors = receivers, positions } = this.#options;
    const made = new Agent({ cluster, role, receivers: role === 'actor' ? ofActors : receivers, positions });
    this.#agents.set(keyOf(cluster, role), made);
    return made;
  }

  /** Without a set level the agent uses its own at the next connection. */
  #passLevel(agent: Agent, level: string | undefined): void {
    const key = keyOf(agent.cluster, agent.role);
    if (this.#levels.get(key) === level) return;
    this.#levels.set(key, level);
    if (level === undefined) return;
    const command = { type: 'command', id: `log-level-${Date.now()}`, name: 'log-level', body: { level } } as const;
    agent.connection?.send(command);
  }

  #markUsed(cluster: string, secret: string): void {
    try {
      this.#options.enrolments.used(cluster, secret);
    } catch (err) {
      this.#options.logger.error(
        { err, cluster },
        'that the secret was used cannot be written down: it may end as unused',
      );
    }
  }

  #tellOf(faults: readonly string[]): void {
    for (const cluster of faults)
      if (!this.#faults.has(cluster)) this.#options.logger.error({ cluster }, 'the enrolment cannot be read');
    this.#faults.clear();
    for (const cluster of faults) this.#faults.add(cluster);
  }
}

function keyOf(cluster: string, role: Role): string {
  return `${role} ${cluster}`;
}
