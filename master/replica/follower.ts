// Follows the log of one cluster in NATS. It starts at the newest snapshot or at the beginning of the term, reads on, and starts
// again after a gap in the log. A consumer lives on one server and dies with it silently, so a silent one is replaced by another
// that begins after the last message.
import type { ConsumerMessages, JsMsg, StreamInfo } from '@nats-io/jetstream';
import { type Backoff, createBackoff, sleep } from '../../src/backoff.ts';
import { LogOnce } from '../../src/log-once.ts';
import type { Logger } from '../../src/logger.ts';
import { repeat } from '../../src/repeat.ts';
import type { LogPlace, Replica } from '../graph/replication/replica.ts';
import type { Nats } from '../stream/connection.ts';
import { type Head, parseHead, type SnapshotNote } from '../stream/head.ts';
import { messageOf } from '../stream/message-headers.ts';
import { type StreamNames, streamNames } from '../stream/names.ts';
import type { ReplicaGraph } from './replica-graph.ts';
import { readSnapshot } from './snapshot-store.ts';

export interface FollowerOptions {
  readonly cluster: string;
  readonly replica: Replica<ReplicaGraph>;
  readonly nats: () => Promise<Nats>;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error' | 'debug'>;
  /** Milliseconds. */
  readonly times?: Partial<FollowerTimes>;
}

export interface FollowerTimes {
  /** Period of the heartbeats of an idle consumer. */
  readonly heartbeat: number;
  /** Duration of one request for messages. */
  readonly expires: number;
  /** Period of the check that the log still exists and was not truncated. */
  readonly look: number;
  /** First and longest wait after a failure. */
  readonly again: number;
  readonly longest: number;
  /** Minimum time between two requests for a keyframe. */
  readonly want: number;
}

const usualTimes: FollowerTimes = {
  heartbeat: 1_000,
  expires: 5_000,
  look: 5_000,
  again: 250,
  longest: 10_000,
  want: 15_000,
};

/** Milliseconds without a gap after which earlier gaps are forgotten. */
const holds = 60_000;
const mostWanting = 600_000;

/** Where and how to begin reading. */
interface Beginning {
  readonly sequence: number;
  readonly snapshot?: SnapshotNote;
}

export class Follower {
  readonly #options: FollowerOptions;
  readonly #times: FollowerTimes;
  readonly #names: StreamNames;
  readonly #closing = new AbortController();
  readonly #backoff: Backoff;
  readonly #failures: LogOnce;
  /** Each keyframe costs the master, so a follower that keeps failing asks less and less often. */
  readonly #wanting: Backoff;
  /** The snapshot or term from which reading began. */
  #from = '';
  /** Sequence of the last message that the replica took. */
  #sequence = 0;
  /** Bytes read since the last known snapshot. */
  #bytes = 0;
  #wantAfter = Number.NEGATIVE_INFINITY;
  #created: string | undefined;
  /** Starting points that led to a gap; avoided while there is another. */
  readonly #spoiled = new Set<string>();
  #heldSince = 0;
  #running: Promise<void> = Promise.resolve();

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.#times = { ...usualTimes, ...options.times };
    this.#names = streamNames(options.cluster);
    this.#failures = new LogOnce(options.logger);
    this.#wanting = createBackoff({ base: this.#times.want, cap: mostWanting });
    this.#backoff = createBackoff({ base: this.#times.again, cap: this.#times.longest });
  }

  /** The replica's position: the sequence of the last message that it took. Read it between two messages only. */
  get sequence(): number {
    return this.#sequence;
  }

  get bytesRead(): number {
    return this.#bytes;
  }

  start(): void {
    this.#running = this.#run();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { cluster } = this.#options;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      let nats: Nats | undefined;
      try {
        nats = await this.#options.nats();
        const from = await this.#begin(nats);
        if (from !== undefined) await this.#read(nats, from);
        else await sleep(this.#times.again * 2, signal);
      } catch (err) {
        // Without a connection the reason is said already.
        if (!signal.aborted && nats?.isUp)
          this.#failures.warn(err, `the log of ${cluster} cannot be followed at the moment`);
      }
      await sleep(this.#backoff.next(), signal);
    }
  }

  /** The sequence to read from; undefined if there is nothing yet. */
  async #begin(nats: Nats): Promise<number | undefined> {
    const { replica } = this.#options;
    const info = await nats.manager.streams.info(this.#names.stream);
    const { first_seq: first, last_seq: last } = info.state;
    const known = this.#created === undefined || this.#created === info.created;
    this.#created = info.created;
    if (replica.place && known && this.#sequence <= last && this.#sequence + 1 >= first) return this.#sequence + 1;
    if (replica.place) replica.lose('the log goes on elsewhere than where it was read');
    const head = await this.#head(nats);
    if (!head) return undefined;
    const beginning = this.#beginningOf(head, info);
    if (!beginning) return this.#want(nats);
    if (beginning.snapshot) return this.#restore(nats, beginning.snapshot);
    this.#from = head.term;
    return beginning.sequence;
  }

  #beginningOf({ epoch, term, begin, snapshot }: Head, { state }: StreamInfo): Beginning | undefined {
    const isThere = (sequence: number) => sequence >= state.first_seq && sequence <= state.last_seq + 1;
    const fits = snapshot && snapshot.epoch === epoch && snapshot.term === term && isThere(snapshot.sequence + 1);
    if (fits && !this.#spoiled.has(snapshot.object)) return { sequence: snapshot.sequence + 1, snapshot };
    return isThere(begin) && !this.#spoiled.has(term) ? { sequence: begin } : undefined;
  }

  async #restore(nats: Nats, snapshot: SnapshotNote): Promise<number | undefined> {
    const { replica, logger, cluster } = this.#options;
    const place: LogPlace = { epoch: snapshot.epoch, term: snapshot.term, number: snapshot.number };
    const objects = await nats.objects(this.#names.snapshots);
    const restored = await replica.restore(readSnapshot(objects, snapshot.object), place);
    if (!restored) {
      this.#spoiled.add(snapshot.object);
      return undefined;
    }
    this.#from = snapshot.object;
    logger.info({ cluster, revision: snapshot.revision }, 'begun from a snapshot');
    this.#bytes = 0;
    this.#sequence = snapshot.sequence;
    return snapshot.sequence + 1;
  }

  async #want(nats: Nats): Promise<undefined> {
    const now = performance.now();
    if (now < this.#wantAfter) return undefined;
    this.#wantAfter = now + this.#wanting.next();
    this.#spoiled.clear();
    this.#options.logger.info(
      { cluster: this.#options.cluster },
      'neither log nor snapshot has a beginning: the master is asked',
    );
    nats.connection.publish(this.#names.wanted);
    return undefined;
  }

  #calm(): void {
    this.#spoiled.clear();
    this.#wanting.reset();
  }

  async #head(nats: Nats): Promise<Head | undefined> {
    const entry = await (await nats.heads()).get(this.#names.head);
    return entry ? parseHead(entry.string()) : undefined;
  }

  /** Reads until a gap, or until the consumer is silent. */
  async #read(nats: Nats, from: number): Promise<void> {
    const { heartbeat: idle_heartbeat, expires } = this.#times;
    const consumer = await nats.js.consumers.get(this.#names.stream, {
      deliver_policy: 'by_start_sequence' as never,
      opt_start_seq: from,
    });
    const messages = await consumer.consume({ idle_heartbeat, expires, max_messages: 64 });
    const stop = () => messages.stop();
    this.#closing.signal.addEventListener('abort', stop, { once: true });
    const watch = this.#watch(nats, messages);
    try {
      for await (const message of messages) if (!(await this.#hand(message))) return;
    } finally {
      messages.stop();
      this.#closing.signal.removeEventListener('abort', stop);
      watch.stop();
      await consumer.delete().catch(() => undefined);
    }
  }

  async #hand(message: JsMsg): Promise<boolean> {
    const { replica } = this.#options;
    const pending = message.info.pending;
    replica.noteBehind(pending === 0 ? 0 : Math.max(0, Date.now() - message.info.timestampNanos / 1e6));
    const { headers, data, seq } = message;
    const verdict = await replica.receive(messageOf(headers, data));
    if (verdict === 'hole') {
      // The same start would lead to the same gap.
      this.#spoiled.add(this.#from);
      this.#heldSince = performance.now();
      return false;
    }
    this.#sequence = seq;
    this.#bytes += data.length;
    this.#backoff.reset();
    this.#failures.reset(`the log of ${this.#options.cluster} is followed again`);
    // The log has had no gap for a while: forget earlier ones.
    if (performance.now() - this.#heldSince > holds) this.#calm();
    return true;
  }

  /** Stops reading when heartbeats are missing, or when the log was recreated or truncated. */
  #watch(nats: Nats, messages: ConsumerMessages): { stop(): void } {
    const { logger, cluster } = this.#options;
    let [stopped, misses] = [false, 0];
    const end = (reason: string) => {
      if (stopped) return;
      logger.debug({ cluster, reason }, 'reading begins again');
      messages.stop();
    };
    void (async () => {
      for await (const status of messages.status()) {
        if (status.type === 'heartbeats_missed') misses = status.count;
        if (misses >= 2 || status.type === 'stream_not_found' || status.type === 'consumer_deleted') end(status.type);
      }
    })().catch(() => undefined);
    let stuck = 0;
    const look = async () => {
      const seen = this.#sequence;
      const info = await nats.manager.streams.info(this.#names.stream).catch(() => undefined);
      if (!info) return;
      const { created, state } = info;
      const cut = state.last_seq < this.#sequence;
      stuck = this.#sequence === seen && state.last_seq > seen ? stuck + 1 : 0;
      if (created !== this.#created || cut) end('the log was made again, or cut');
      else if (stuck > 2) end('nothing is brought though there is something');
    };
    const unlook = repeat(this.#times.look, look, this.#options.logger);
    return {
      stop() {
        stopped = true;
        unlook();
      },
    };
  }
}
