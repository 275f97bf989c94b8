// One connection for all followers, created at first use and again after a failure.
import type { Logger } from '../../src/logger.ts';
import { connectToNats, type Nats, type StreamConfig } from './connection.ts';

export class SharedConnection {
  readonly #config: StreamConfig;
  readonly #name: string;
  readonly #logger: Pick<Logger, 'info'>;
  #connecting: Promise<Nats> | undefined;
  #closed = false;

  constructor(config: StreamConfig, name: string, logger: Pick<Logger, 'info'>) {
    this.#config = config;
    this.#name = name;
    this.#logger = logger;
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
      const nats = await connectToNats(this.#config, this.#name);
      this.#logger.info(`connected to NATS ${nats.connection.info?.version} at ${nats.connection.getServer()}`);
      void nats.connection.closed().then(() => {
        this.#connecting = undefined;
      });
      return nats;
    } catch (error) {
      this.#connecting = undefined;
      throw error;
    }
  }
}
