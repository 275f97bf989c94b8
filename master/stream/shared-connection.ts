// One connection for all followers, created at first use and again after a failure. It alone logs that NATS cannot be reached, and
// that it is back: each of many followers would say the same.
import { LogOnce } from '../../src/log-once.ts';
import type { Logger } from '../../src/logger.ts';
import { connectToNats, type Nats, type StreamConfig } from './connection.ts';

const lost = Object.assign(new Error('the connection was lost'), { code: 'nats_lost' });

export class SharedConnection {
  readonly #config: StreamConfig;
  readonly #name: string;
  readonly #logger: Pick<Logger, 'info' | 'warn'>;
  readonly #problems: LogOnce;
  #connecting: Promise<Nats> | undefined;
  #closed = false;

  constructor(config: StreamConfig, name: string, logger: Pick<Logger, 'info' | 'warn'>) {
    this.#config = config;
    this.#name = name;
    this.#logger = logger;
    this.#problems = new LogOnce(logger);
  }

  /** @throws the client's error if no server answers. */
  get(): Promise<Nats> {
    if (this.#closed) return Promise.reject(new Error('the process ends'));
    this.#connecting ??= this.#connect();
    return this.#connecting;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const nats = await this.#connecting?.catch(() => undefined);
    await nats?.close();
  }

  async #connect(): Promise<Nats> {
    try {
      const nats = await connectToNats(this.#config, this.#name, (isUp) => this.#changed(isUp));
      this.#problems.reset();
      this.#logger.info(`connected to NATS ${nats.connection.info?.version} at ${nats.connection.getServer()}`);
      void nats.connection.closed().then(() => {
        this.#connecting = undefined;
      });
      return nats;
    } catch (error) {
      this.#connecting = undefined;
      if (!this.#closed) this.#problems.warn(error, 'NATS cannot be reached; it is tried again and again');
      throw error;
    }
  }

  #changed(isUp: boolean): void {
    if (this.#closed) return;
    if (isUp) this.#problems.reset('NATS is reached again');
    else this.#problems.warn(lost, 'NATS cannot be reached; it is tried again and again');
  }
}
