// The log of one cluster in NATS JetStream, for its publisher.
import type { StreamConfig as JetStreamConfig } from '@nats-io/jetstream';
import type { Logger } from '../../src/logger.ts';
import type { LogMessage } from '../graph/replication/messages.ts';
import { connectToNats, type Nats, type StreamConfig, withCopies } from './connection.ts';
import { type Head, parseHead } from './head.ts';
import { headOf, setHeaders } from './message-headers.ts';
import { type StreamNames, streamNames } from './names.ts';
import type { LastMessage, LogTransport, Published } from './transport.ts';

/** Error codes of the JetStream API. */
const wrongLast: ReadonlySet<unknown> = new Set([10071, 10164]);
const streamNotFound = 10059;
const noMessage = 10037;
const noneYet: LastMessage = { sequence: 0, head: undefined };

/** Milliseconds. */
const timeout = 5_000;
const nanoseconds = 1e6;
/** JetStream's window for detecting repeated messages. The expected sequence alone is sufficient; this only saves a check. */
const duplicates = 120_000;

export class NatsLog implements LogTransport {
  readonly #config: StreamConfig;
  readonly #cluster: string;
  readonly #logger: Pick<Logger, 'warn' | 'info'>;
  readonly #names: StreamNames;
  #nats: Nats | undefined;
  #wanted = () => {};

  constructor(config: StreamConfig, cluster: string, logger: Pick<Logger, 'warn' | 'info'>) {
    this.#config = config;
    this.#cluster = cluster;
    this.#logger = logger;
    this.#names = streamNames(cluster);
  }

  async prepare(): Promise<void> {
    this.#nats ??= await this.#connect();
    const { manager } = this.#nats;
    const config = this.#streamConfig();
    try {
      const { config: now } = await manager.streams.info(this.#names.stream);
      if (now.max_age !== config.max_age || now.max_bytes !== config.max_bytes)
        await manager.streams.update(this.#names.stream, { max_age: config.max_age, max_bytes: config.max_bytes });
    } catch (error) {
      if (codeOf(error) !== streamNotFound) throw error;
      await withCopies(this.#config.streamCopies, (copies) =>
        manager.streams.add({ ...config, name: this.#names.stream, num_replicas: copies }),
      );
    }
    await this.#nats.heads(this.#config.streamCopies);
    await this.#nats.objects(this.#names.snapshots, this.#config.streamCopies);
  }

  async publish(message: LogMessage, expected: number): Promise<Published> {
    const { js, headers } = this.#open();
    const { epoch, term, number, body } = message;
    try {
      const { seq } = await js.publish(this.#names.subject, body, {
        msgID: `${epoch}-${term}-${number}`,
        expect: { lastSubjectSequence: expected },
        headers: setHeaders(headers(), message),
        timeout,
      });
      return { sequence: seq };
    } catch (error) {
      if (wrongLast.has(codeOf(error))) return 'wrong-last';
      throw error;
    }
  }

  async last(): Promise<LastMessage | undefined> {
    const { manager } = this.#open();
    try {
      const found = await manager.streams.getMessage(this.#names.stream, { last_by_subj: this.#names.subject });
      return found ? { sequence: found.seq, head: headOf(found.header) } : noneYet;
    } catch (error) {
      if (codeOf(error) === noMessage) return noneYet;
      if (codeOf(error) === streamNotFound) return undefined;
      throw error;
    }
  }

  async note(head: Omit<Head, 'snapshot' | 'name'>): Promise<void> {
    const kv = await this.#open().heads();
    const before = await kv.get(this.#names.head);
    const snapshot = before ? parseHead(before.string())?.snapshot : undefined;
    const value = JSON.stringify({ name: this.#cluster, ...head, ...(snapshot ? { snapshot } : {}) });
    if (before) await kv.update(this.#names.head, value, before.revision);
    else await kv.put(this.#names.head, value);
  }

  onWanted(listener: () => void): void {
    this.#wanted = listener;
  }

  async close(): Promise<void> {
    await this.#nats?.close();
    this.#nats = undefined;
  }

  async #connect(): Promise<Nats> {
    const nats = await connectToNats(this.#config, `cluster-insight master of ${this.#cluster}`);
    this.#logger.info(`connected to NATS ${nats.connection.info?.version} at ${nats.connection.getServer()}`);
    nats.connection.subscribe(this.#names.wanted, { callback: () => this.#wanted() });
    return nats;
  }

  #open(): Nats {
    if (!this.#nats) throw new Error('it is not connected');
    return this.#nats;
  }

  #streamConfig(): Pick<JetStreamConfig, 'subjects' | 'max_age' | 'max_bytes' | 'duplicate_window' | 'max_msg_size'> {
    return {
      subjects: [this.#names.subject],
      max_age: this.#config.streamAge * nanoseconds,
      max_bytes: this.#config.streamSize === 0 ? -1 : this.#config.streamSize,
      duplicate_window: Math.min(duplicates, this.#config.streamAge || duplicates) * nanoseconds,
      max_msg_size: -1,
    };
  }
}

function codeOf(error: unknown): unknown {
  return (error as { readonly code?: unknown } | undefined)?.code;
}
