// Periodically writes a snapshot of the served graph, so that new replicas need not read the log from its beginning. One replica
// per cluster does so: the holder of the lock.
import { randomUUID } from 'node:crypto';
import type { KV } from '@nats-io/kv';
import { LogOnce } from '../../src/log-once.ts';
import type { Logger } from '../../src/logger.ts';
import { repeat } from '../../src/repeat.ts';
import { InputLog, type LogSink } from '../graph/replication/input-log.ts';
import { pack } from '../graph/replication/messages.ts';
import type { LogPlace, Replica, Served } from '../graph/replication/replica.ts';
import type { Nats } from '../stream/connection.ts';
import { type Head, isHeld, parseHead, type SnapshotNote } from '../stream/head.ts';
import { type StreamNames, streamNames } from '../stream/names.ts';
import type { Follower } from './follower.ts';
import type { ReplicaGraph } from './replica-graph.ts';
import { writeFrame } from './snapshot-store.ts';

export interface SnapshotKeeperOptions {
  readonly cluster: string;
  readonly replica: Replica<ReplicaGraph>;
  readonly follower: Pick<Follower, 'sequence' | 'bytesRead'>;
  readonly nats: () => Promise<Nats>;
  readonly copies: number;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly now: () => number;
  /** Milliseconds between two checks whether a snapshot is due. */
  readonly look?: number;
  /** Milliseconds after which a snapshot is too old. */
  readonly age?: number;
  /** Minimum bytes of log between two snapshots. */
  readonly least?: number;
}

const usualLook = 30_000;
const usualAge = 3_600_000;
/** A snapshot is due after this many times its own bytes of log. */
const share = 4;
const usualLeast = 1 << 20;
/** Milliseconds until a lock expires. */
const lockFor = 120_000;

interface Lock {
  readonly owner: string;
  readonly until: number;
}

export class SnapshotKeeper {
  readonly #options: SnapshotKeeperOptions;
  readonly #names: StreamNames;
  readonly #owner = randomUUID();
  readonly #failures: LogOnce;
  readonly #stop: () => void;
  #busy: Promise<void> | undefined;
  #closed = false;

  constructor(options: SnapshotKeeperOptions) {
    this.#options = options;
    this.#names = streamNames(options.cluster);
    this.#failures = new LogOnce(options.logger);
    this.#stop = repeat(options.look ?? usualLook, () => this.#lookAgain(), options.logger);
  }

  /** A broker that is away or busy is an expected state: the next look may succeed. */
  async #lookAgain(): Promise<void> {
    const { cluster } = this.#options;
    try {
      await this.look();
      this.#failures.reset(`snapshots of ${cluster} can be written again`);
    } catch (error) {
      // Without a connection the reason is said already.
      const open = await this.#options.nats().catch(() => undefined);
      if (open?.isUp) this.#failures.warn(error, `no snapshot of ${cluster} can be written at the moment`);
    }
  }

  /** Writes a snapshot if one is due. */
  look(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    this.#busy ??= this.#look().finally(() => {
      this.#busy = undefined;
    });
    return this.#busy;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#stop();
    await this.#busy?.catch(() => undefined);
  }

  async #look(): Promise<void> {
    const { replica, nats } = this.#options;
    const { served, place } = replica;
    if (!served || !place || served.term !== place.term) return;
    const open = await nats();
    const kv = await open.heads();
    const entry = await kv.get(this.#names.head);
    const head = entry ? parseHead(entry.string()) : undefined;
    if (!entry || !head || !this.#isDue(head, served)) return;
    if (!(await this.#lock(kv))) return;
    try {
      await this.#write(open, kv, served);
    } finally {
      await kv.delete(this.#names.lock).catch(() => undefined);
    }
  }

  #isDue({ epoch, term, snapshot }: Head, served: Served<ReplicaGraph>): boolean {
    const { follower, now, age = usualAge, least = usualLeast } = this.#options;
    if (epoch !== served.epoch || term !== served.term) return false;
    if (!snapshot || snapshot.term !== term || snapshot.epoch !== epoch) return true;
    if (now() - Date.parse(snapshot.madeAt) > age && follower.sequence > snapshot.sequence) return true;
    return follower.bytesRead > Math.max(least, share * snapshot.bytes) && follower.sequence > snapshot.sequence;
  }

  /** False if another replica holds it. */
  async #lock(kv: KV): Promise<boolean> {
    const { now } = this.#options;
    const mine = JSON.stringify({ owner: this.#owner, until: now() + lockFor } satisfies Lock);
    const before = await kv.get(this.#names.lock);
    try {
      if (!before || !isHeld(before)) await kv.create(this.#names.lock, mine);
      else if (isOver(before.string(), now())) await kv.update(this.#names.lock, mine, before.revision);
      else return false;
      return true;
    } catch {
      // Another replica was faster.
      return false;
    }
  }

  async #write(nats: Nats, kv: KV, served: Served<ReplicaGraph>): Promise<void> {
    const { cluster, copies, logger, now } = this.#options;
    const made = await this.#frames(served);
    if (!made || this.#closed) return;
    const objects = await nats.objects(this.#names.snapshots, copies);
    const name = `${made.place.epoch}-${made.place.term}-${made.place.number}`;
    const { size } = await objects.putBlob({ name }, Buffer.concat(made.frames));
    const { epoch, term, number } = made.place;
    const { sequence, revision } = made;
    const madeAt = new Date(now()).toISOString();
    const note: SnapshotNote = { object: name, epoch, term, number, sequence, revision, bytes: size, madeAt };
    const kept = await this.#note(kv, note);
    logger.info({ cluster, revision, bytes: size }, kept ? 'wrote a snapshot' : 'wrote a snapshot too late');
    for (const each of await objects.list()) if (each.name !== name && kept) await objects.delete(each.name);
    if (!kept) await objects.delete(name);
  }

  /** Frames of a keyframe of this graph, written while the replica continues. */
  async #frames(served: Served<ReplicaGraph>) {
    const { replica, follower } = this.#options;
    const { target, origin, epoch, term } = served;
    const frames: Buffer[] = [];
    let [number, ended] = [0, false];
    const found: { place?: LogPlace; sequence?: number; revision?: number } = {};
    const sink: LogSink = {
      write(lines, revision) {
        if (ended) return;
        const head = { kind: number === 0 ? ('begin' as const) : ('log' as const), epoch, term, number, revision };
        for (const message of pack(head, lines)) {
          frames.push(writeFrame(message));
          number++;
        }
      },
      ready: () => new Promise<void>((resolve) => setImmediate(resolve)),
      async last(work) {
        // A snapshot must end between two messages: in the middle of one, the graph matches no position of the log.
        for (let done = false; !done; ) {
          done = await replica.between(() => {
            const place = replica.boundary;
            if (replica.served?.target !== target) return true;
            if (place === undefined) return false;
            work();
            ended = true;
            Object.assign(found, { place, sequence: follower.sequence, revision: target.revision });
            return true;
          });
          if (!done) await new Promise<void>((resolve) => setTimeout(resolve, 20));
        }
      },
    };
    const { createdBy, clusterUid, demo } = origin;
    const { virtualTypes, namespaces } = target.engineOptions;
    const { engine, mirror, limit, kinds } = target;
    const log = new InputLog(
      { engine, mirror, createdBy, clusterUid, demo, virtualTypes, namespaces, limit, kinds },
      sink,
    );
    try {
      await log.keyframe();
    } finally {
      log.close();
    }
    const { place, sequence, revision } = found;
    if (place === undefined || sequence === undefined || revision === undefined) return undefined;
    return { frames, place, sequence, revision };
  }

  /** False if the head belongs to another term by now. */
  async #note(kv: KV, snapshot: SnapshotNote): Promise<boolean> {
    for (let tries = 0; tries < 5; tries++) {
      const entry = await kv.get(this.#names.head);
      const head = entry ? parseHead(entry.string()) : undefined;
      if (!entry || !head || head.epoch !== snapshot.epoch || head.term !== snapshot.term) return false;
      try {
        await kv.update(this.#names.head, JSON.stringify({ ...head, snapshot }), entry.revision);
        return true;
      } catch {
        // Another process changed the head meanwhile.
      }
    }
    return false;
  }
}

function isOver(text: string, now: number): boolean {
  try {
    const { until } = JSON.parse(text) as Partial<Lock>;
    // What others wrote, or a clock that is wrong by more than a lock lasts, holds nobody up for ever.
    return !(Number(until) >= now && Number(until) <= now + 2 * lockFor);
  } catch {
    return true;
  }
}
