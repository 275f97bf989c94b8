// Sends the graph to a gateway: the input log, in terms. A term is a keyframe and all transactions after it. Without a
// connection, transactions still go into the buffer while it has room for all of them. If some were dropped, or the gateway does
// not know the term, a new one begins.
import { randomUUID } from 'node:crypto';
import { graphBytes } from '../../src/gateway-protocol/graph-body.ts';
import type { Received } from '../../src/gateway-protocol/messages.ts';
import type { Logger } from '../../src/logger.ts';
import type { Publisher, UplinkSource } from '../../src/uplink/source.ts';
import { InputLog, type InputLogOptions, type LogSink } from '../graph/replication/input-log.ts';
import { type PackHead, pack } from '../graph/replication/messages.ts';
import { beatPeriod } from '../graph/replication/replica.ts';

export interface GraphSourceOptions {
  readonly publisher: Publisher;
  readonly log: InputLogOptions;
  /** As in the ids of events. */
  readonly epoch: string;
  /** Resolves when the graph is complete: nothing is sent before. */
  readonly synced: Promise<unknown>;
  /** Milliseconds; does not keep the process alive, and never rejects. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly logger: Pick<Logger, 'info' | 'error'>;
}

/** Milliseconds to collect transactions: together they take fewer bytes on the line, and far fewer in the buffer. */
const gathering = { connected: 50, away: 1_000 } as const;
/** Characters at which the collected ones are sent at once. */
const mostGathered = 1 << 20;
/** Bytes of the graph that may wait before a keyframe continues. */
const mostAhead = 4 << 20;
/** Milliseconds between two checks whether the keyframe may continue. */
const lookPeriod = 20;

export class GraphSource implements UplinkSource {
  readonly name = 'graph';
  readonly #options: GraphSourceOptions;
  readonly #ending = new AbortController();
  #term: Term | undefined;
  #synced = false;
  #connected = false;

  constructor(options: GraphSourceOptions) {
    this.#options = options;
    options.synced.then(
      () => {
        this.#synced = true;
        if (this.#connected) this.#begin('the graph is whole');
      },
      () => undefined,
    );
  }

  authorised({ graph: received }: Received): void {
    this.#connected = true;
    this.#term?.gatherFor(gathering.connected);
    const reason = this.#reasonToBegin(received);
    if (reason === undefined) return;
    // If the gateway can use them, records left by the previous process are sent before the keyframe.
    const { publisher } = this.#options;
    const before = publisher.before('graph');
    if (this.#term !== undefined || received === undefined || (before !== undefined && received < before))
      publisher.discard('graph');
    this.#begin(reason);
  }

  /** The keyframe was buffered completely; the gateway may not have it yet. */
  get whole(): boolean {
    return this.#term?.young === false;
  }

  disconnected(): void {
    this.#connected = false;
    this.#term?.gatherFor(gathering.away);
  }

  resync(reason: string): void {
    // Ignores repeated requests while the requested term is still being sent.
    if (this.#term?.young) return;
    this.#options.publisher.discard('graph');
    this.#begin(reason);
  }

  async close(): Promise<void> {
    this.#ending.abort();
    this.#term?.close();
  }

  #reasonToBegin(received: number | undefined): string | undefined {
    const term = this.#term;
    const { publisher } = this.#options;
    if (term === undefined) return 'nothing was told yet';
    if (publisher.lost('graph') > term.lostBefore) return 'changes were dropped from the buffer';
    const before = publisher.before('graph');
    if (received !== undefined && (before === undefined || received >= before)) return undefined;
    return before !== undefined && before < term.first ? undefined : 'the gateway does not know what was told before';
  }

  #begin(reason: string): void {
    if (!this.#synced || this.#ending.signal.aborted) return;
    this.#term?.close();
    const { logger } = this.#options;
    logger.info({ reason }, 'the whole graph is told to the gateway');
    const term = new Term(this.#options, () => this.#connected);
    this.#term = term;
    term.gatherFor(this.#connected ? gathering.connected : gathering.away);
    term.run().catch((err: unknown) => logger.error({ err }, 'the graph could not be told to the gateway'));
  }
}

/** One keyframe and what follows it. */
class Term implements LogSink {
  readonly #options: GraphSourceOptions;
  readonly #isConnected: () => boolean;
  readonly #term = randomUUID().slice(0, 8);
  readonly #ending = new AbortController();
  readonly #log: InputLog;
  readonly lostBefore: number;
  /** Number of the term's first record. */
  readonly first: number;
  #number = 0;
  #gathered = '';
  #revision = 0;
  #gatherFor = 0;
  #gathers = false;
  #whole = false;
  #told = 0;

  constructor(options: GraphSourceOptions, isConnected: () => boolean) {
    this.#options = options;
    this.#isConnected = isConnected;
    this.lostBefore = options.publisher.lost('graph');
    this.#log = new InputLog(options.log, this);
    this.#flush();
    this.first = options.publisher.last('graph');
  }

  /** Not complete yet: a gateway that asks for everything is already receiving it. */
  get young(): boolean {
    return !this.#whole;
  }

  gatherFor(ms: number): void {
    this.#gatherFor = ms;
  }

  async run(): Promise<void> {
    this.#whole = await this.#log.keyframe();
    this.#flush();
    const { signal } = this.#ending;
    while (!signal.aborted) {
      const told = this.#told;
      await this.#options.sleep(beatPeriod, signal);
      if (signal.aborted) return;
      // A beat says which revision was sent, so send the collected transactions first.
      this.#flush();
      if (told === this.#told && this.#isConnected()) this.#send({ kind: 'beat' }, '');
    }
  }

  write(lines: string, revision: number): void {
    this.#gathered += lines;
    this.#revision = revision;
    if (this.#gathered.length >= mostGathered) return this.#flush();
    if (this.#gathers) return;
    this.#gathers = true;
    // A timer that outlives its batch only sends the next one earlier.
    void this.#options.sleep(this.#gatherFor, this.#ending.signal).then(() => this.#flush());
  }

  /** In a later turn of the event loop, and not while so much waits that the buffer would drop it. */
  async ready(): Promise<void> {
    const { publisher, sleep } = this.#options;
    const { signal } = this.#ending;
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (!signal.aborted && publisher.waiting('graph') > mostAhead) await sleep(lookPeriod, signal);
  }

  close(): void {
    this.#ending.abort();
    this.#log.close();
    this.#flush();
  }

  #flush(): void {
    this.#gathers = false;
    const text = this.#gathered;
    this.#gathered = '';
    if (text !== '') this.#send({ kind: this.#number === 0 ? 'begin' : 'log' }, text);
  }

  #send({ kind }: Pick<PackHead, 'kind'>, text: string): void {
    const { epoch, publisher } = this.#options;
    const head: PackHead = { kind, epoch, term: this.#term, number: this.#number, revision: this.#revision };
    const messages = pack(head, text);
    this.#number += messages.length;
    this.#told++;
    for (const message of messages) publisher.add('graph', graphBytes(message));
  }
}
