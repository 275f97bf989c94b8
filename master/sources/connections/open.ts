// Opens the sources of connections that a file names, and follows the file.
import { statSync } from 'node:fs';
import { sleep } from '../../../src/backoff.ts';
import type { Clock } from '../../../src/clock.ts';
import type { Logger } from '../../../src/logger.ts';
import type { SourceState } from '../../../src/model.ts';
import { repeat } from '../../../src/repeat.ts';
import { readSmallFileSync } from '../../../src/small-file.ts';
import type { Steps } from '../../../src/steps.ts';
import type { GraphReader } from '../../graph/contract.ts';
import { turns } from '../../turns.ts';
import { Addresses } from '../metrics/addresses.ts';
import { openPrometheus, type Prometheus } from '../prometheus/prometheus.ts';
import type { Source } from '../source.ts';
import { ConnectionBook, type Judge } from './connection-book.ts';
import { graphLookup, liftedIn } from './graph-lookup.ts';
import type { ConnectionSource } from './mapping.ts';
import { readMappings } from './read-mappings.ts';
import { outcomes, Reading } from './reading.ts';

export interface ConnectionsOptions {
  /** Undefined without mappings of the user. */
  readonly file: string | undefined;
  readonly graph: GraphReader;
  /** Shows what stands: by id of the source. */
  readonly show: (standing: ReturnType<ConnectionBook['standing']>) => Steps<void>;
  /** What probes of minions see themselves. */
  readonly probed: () => Iterable<{
    readonly source: string;
    readonly target: string;
    readonly via: string | undefined;
  }>;
  readonly tell: (name: string, state: SourceState['state'] | undefined, reason?: string) => void;
  readonly logger: Pick<Logger, 'warn' | 'error' | 'info'>;
  readonly synced: Promise<void>;
  readonly clock?: Clock;
}

export interface ConnectionsSource extends Source {
  /** Series of each source's last answer, by what became of them. */
  counts(): readonly { readonly source: string; readonly outcome: string; readonly series: number }[];
}

/** Milliseconds between two looks at the file. */
const lookEvery = 5_000;
const longest = 1 << 20;

export function openConnections(options: ConnectionsOptions): ConnectionsSource {
  const { file, logger, synced } = options;
  const ending = new AbortController();
  let follower: Follower | undefined;
  let stop: () => void = () => undefined;
  const begin = async (path: string) => {
    await synced;
    if (ending.signal.aborted) return;
    const addresses = new Addresses(options.graph);
    await turns.run(addresses.fill(), ending.signal);
    const followed = new Follower(path, { ...options, addresses, signal: ending.signal });
    follower = followed;
    followed.look();
    stop = repeat(lookEvery, () => followed.look(), logger);
  };
  return {
    family: 'connections',
    name: 'agents',
    start() {
      if (file === undefined) return;
      begin(file).catch(
        (err: unknown) => ending.signal.aborted || logger.error({ err }, 'no agents are asked for connections'),
      );
    },
    health: () => ({ waitingFor: undefined }),
    counts: () => follower?.counts() ?? [],
    async close() {
      ending.abort();
      stop();
      await follower?.close();
    },
  };
}

interface Open {
  readonly source: ConnectionSource;
  readonly text: string;
  readonly reading: Reading;
  readonly prometheus: Prometheus;
  readonly ending: AbortController;
  readonly ended: Promise<void>;
}

interface FollowerParts extends ConnectionsOptions {
  readonly addresses: Addresses;
  readonly signal: AbortSignal;
}

class Follower {
  readonly #path: string;
  readonly #parts: FollowerParts;
  readonly #book = new ConnectionBook();
  readonly #open = new Map<string, Open>();
  #seen: string | undefined;
  #faulty = false;
  #shown: Promise<void> = Promise.resolve();

  constructor(path: string, parts: FollowerParts) {
    this.#path = path;
    this.#parts = parts;
  }

  counts() {
    return [...this.#open].flatMap(([source, { reading }]) =>
      outcomes.map((outcome) => ({ source, outcome, series: reading.outcomes[outcome] })),
    );
  }

  /** Takes the file over if it changed; one that cannot be read leaves what there is. */
  look(): void {
    const { logger, tell } = this.#parts;
    const { text, reason } = textOf(this.#path);
    const seen = text ?? `unread: ${reason}`;
    if (seen === this.#seen) return;
    this.#seen = seen;
    const { sources, faults } =
      text === undefined
        ? { sources: undefined, faults: [{ file: this.#path, line: 1, message: String(reason) }] }
        : readMappings(this.#path, text);
    for (const { file, line, message } of faults)
      logger.warn(`a source of connections is left out: ${file}:${line}: ${message}`);
    const [first] = faults;
    if (first) tell(this.#path, 'unknown', `line ${first.line}: ${first.message}`);
    else if (this.#faulty) tell(this.#path, undefined);
    this.#faulty = first !== undefined;
    if (sources) this.#take(sources);
  }

  async close(): Promise<void> {
    const all = [...this.#open.values()];
    for (const each of all) this.#end(each);
    await Promise.all(all.map(({ ended }) => ended));
    await this.#shown;
    this.#parts.addresses.close();
  }

  #take(sources: readonly ConnectionSource[]): void {
    const { tell } = this.#parts;
    const wanted = new Map(sources.map((source) => [source.name, { source, text: JSON.stringify(source) }]));
    for (const [name, open] of this.#open) {
      if (wanted.get(name)?.text === open.text) continue;
      this.#end(open);
      this.#open.delete(name);
      if (!wanted.has(name)) {
        this.#book.forget(name);
        tell(name, undefined);
      }
    }
    for (const [name, { source, text }] of wanted) if (!this.#open.has(name)) this.#start(source, text);
    void this.#show();
  }

  #start(source: ConnectionSource, text: string): void {
    const { graph, addresses, tell, signal, clock = Date.now } = this.#parts;
    const ending = new AbortController();
    const either = AbortSignal.any([signal, ending.signal]);
    const say = (state: SourceState['state'], reason?: string) => tell(source.name, state, reason);
    let prometheus: Prometheus;
    try {
      prometheus = openPrometheus(source.read, either);
    } catch (error) {
      // Tried once more when the file changes.
      return say('unknown', (error as Error).message);
    }
    say('syncing');
    const reading = new Reading({
      source,
      prometheus,
      book: this.#book,
      lookup: graphLookup(graph, addresses),
      tell: say,
      onTaken: () => this.#show(),
      clock,
      signal: either,
      sleep,
    });
    this.#open.set(source.name, { source, text, reading, prometheus, ending, ended: reading.run() });
  }

  #end({ ending, prometheus }: Open): void {
    ending.abort();
    prometheus.close();
  }

  /** One after the other: what is shown is replaced as a whole. */
  #show(): Promise<void> {
    const { graph, show, probed, signal, logger, clock = Date.now } = this.#parts;
    const next = this.#shown.then(async () => {
      if (signal.aborted) return;
      this.#book.expire(clock());
      const lifted = liftedIn(graph);
      const judge: Judge = { lifted, probed: pairsOf(probed(), lifted) };
      await turns.run(show(this.#book.standing(judge)), signal);
    });
    this.#shown = next.catch((err: unknown) => {
      if (!signal.aborted) logger.error({ err }, 'connections cannot be shown');
    });
    return this.#shown;
  }
}

function pairsOf(seen: ReturnType<ConnectionsOptions['probed']>, lifted: Judge['lifted']): ReadonlySet<string> {
  const pairs = new Set<string>();
  for (const { source, target, via } of seen) {
    pairs.add(`${lifted(source)}\n${lifted(target)}`);
    if (via !== undefined) pairs.add(`${lifted(source)}\n${via}`);
  }
  return pairs;
}

function textOf(path: string): { readonly text?: string; readonly reason?: string } {
  try {
    const { size } = statSync(path);
    if (size > longest) return { reason: `it has ${size} bytes` };
    return { text: readSmallFileSync(path, longest).toString('utf8') };
  } catch (error) {
    return { reason: (error as Error).message };
  }
}
