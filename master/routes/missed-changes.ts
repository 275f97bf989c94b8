// What readers of /cluster/watch missed since the log in memory forgot it, told by history where that reaches back. Put together
// it is one event, and may be large: all that lies unread of such events together is bounded.
import type { Writable } from 'node:stream';
import { FairSemaphore } from '../../src/fair-semaphore.ts';
import type { Logger } from '../../src/logger.ts';
import type { Trim } from '../graph/questions/query.ts';
import type { Narrowing } from '../graph/revisions/feed.ts';
import type { FoundDifference } from '../history/history.ts';
import type { RouteContext } from './route.ts';

export interface Missed {
  /** The last one that it is of. */
  readonly revision: number;
  /** A change, in one line, as the feed writes it. */
  readonly line: string;
}

/** What a reader follows that can be told of resources and relations one by one. */
export interface TrimmedNarrowing extends Narrowing {
  readonly trim?: Trim | undefined;
}

export interface MissedChangesOptions {
  readonly context: Pick<RouteContext, 'epoch' | 'history'>;
  readonly logger: Pick<Logger, 'debug'>;
  /** Bytes of such events that may lie unread, of all readers. */
  readonly most?: number;
}

const usualMost = 64 << 20;
/** Readers that history is asked for at once, and that may wait. */
const places = 2;
const waiting = 64;

export class MissedChanges {
  readonly #options: MissedChangesOptions;
  readonly #most: number;
  readonly #places = new FairSemaphore(places, { waiting });
  #unread = 0;

  constructor(options: MissedChangesOptions) {
    this.#options = options;
    this.#most = options.most ?? usualMost;
  }

  /** All changes since a revision; undefined if unknown, so the reader must start over. */
  async since(from: number, narrowing: TrimmedNarrowing, tenant: string): Promise<Missed | undefined> {
    const { context, logger } = this.#options;
    if (!context.history) return undefined;
    try {
      const found = await this.#places.run(tenant, () => this.#found(from, narrowing));
      if (found?.to.epoch !== context.epoch || found.gaps.length > 0) return undefined;
      const line = lineOf(found);
      return this.#unread + line.length <= this.#most ? { revision: found.to.revision, line } : undefined;
    } catch (error) {
      logger.debug({ err: error, from }, 'history does not tell what a reader missed');
      return undefined;
    }
  }

  /** Gives an event with such a line to a reader; false where it takes no more for now. */
  write(stream: Writable, event: string): boolean {
    const takesMore = stream.write(event);
    if (!takesMore) this.#count(stream, event.length);
    return takesMore;
  }

  async #found(from: number, { trim, ...narrowing }: TrimmedNarrowing): Promise<FoundDifference | undefined> {
    const { epoch, history } = this.#options.context;
    return history?.difference({ from: `${epoch}-${from}`, to: 'now', narrowing, texts: true, exact: true, trim });
  }

  #count(stream: Writable, bytes: number): void {
    this.#unread += bytes;
    const forget = () => {
      stream.off('drain', forget).off('close', forget);
      this.#unread -= bytes;
    };
    stream.once('drain', forget).once('close', forget);
  }
}

function lineOf({ to, resources, relations, touched, completeness }: FoundDifference): string {
  const { revision, timestamp } = to;
  return [
    `{"revision":${revision},"timestamp":"${timestamp}"`,
    ...listsOf('resources', resources),
    ...(touched.size > 0 ? [`,"touched":${JSON.stringify(Object.fromEntries(touched))}`] : []),
    ...listsOf('relations', relations),
    `,"completeness":${completeness}}`,
  ].join('');
}

interface Lists {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly unknown[];
}

function listsOf(name: string, { added, changed, removed }: Lists): readonly string[] {
  const lists = { added, changed, removed: removed.map((each) => JSON.stringify(each)) };
  const some = Object.entries(lists).filter(([, items]) => items.length > 0);
  if (some.length === 0) return [];
  return [`,"${name}":{${some.map(([list, items]) => `"${list}":[${items.join(',')}]`).join(',')}}`];
}
