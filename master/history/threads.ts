// The main thread's side: sends requests and returns answers. One thread writes and one reads, so that a long answer never
// delays a write; in-memory history has one for both.
import { Worker } from 'node:worker_threads';
import { fault } from '../../src/errors.ts';
import type { Answered, Asked, Asks, Streams, ThreadOptions } from './asks.ts';
import type { Hindrance } from './records.ts';

/** MiB of a thread's heap: old and young generation. Young objects mostly die at once; semi-spaces take twice their size. */
const resourceLimits = { maxOldGenerationSizeMb: 1024, maxYoungGenerationSizeMb: 6 };

interface Waiting {
  resolve(answered: Answered): void;
  reject(error: unknown): void;
}

/** The thread failed without an answer. */
export class ThreadFailure extends Error {
  readonly hindrance: Hindrance;

  constructor(message: string, hindrance: Hindrance) {
    super(message);
    this.name = 'ThreadFailure';
    this.hindrance = hindrance;
  }
}

export class Thread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #number = 0;
  #ended: Error | undefined;

  constructor(options: ThreadOptions) {
    this.#worker = new Worker(new URL('thread.ts', import.meta.url), {
      workerData: options,
      resourceLimits,
    });
    this.#worker.unref();
    this.#worker.on('message', (answered: Answered) => this.#settle(answered));
    let cause: unknown;
    this.#worker.on('error', (error) => void (cause = error));
    this.#worker.on('exit', () =>
      this.#end(new ThreadFailure(`the thread of history ended: ${String(cause)}`, 'failure')),
    );
  }

  /** @throws the thread's Fault; ThreadFailure otherwise. */
  async ask<W extends keyof Asks>(
    what: W,
    asked: Asks[W]['asked'],
    given: readonly ArrayBuffer[] = [],
  ): Promise<Asks[W]['told']> {
    const { told } = await this.#post({ number: ++this.#number, what, asked }, given);
    return told as Asks[W]['told'];
  }

  /** In pieces, the next one made while one is used; a caller that stops early also stops the thread's work. */
  async *stream<W extends keyof Streams>(what: W, asked: Streams[W]['asked']): AsyncGenerator<Streams[W]['told']> {
    const number = ++this.#number;
    let coming = this.#post({ number, what, asked }, []);
    let isOver = false;
    try {
      while (!isOver) {
        const { told, isLast = false } = await coming;
        isOver = isLast;
        if (!isLast) coming = this.#post({ number, what: 'next' }, []);
        // If it is not awaited, its failure must not be unhandled.
        coming.catch(() => undefined);
        if (told !== undefined) yield told as Streams[W]['told'];
      }
    } finally {
      if (!isOver && !this.#ended) await this.#settled(coming, number);
    }
  }

  /** Waits for the pending answer first: an answer is matched by the number of its question. */
  async #settled(coming: Promise<Answered>, number: number): Promise<void> {
    const isLeft = await coming.then(
      ({ isLast }) => isLast !== true,
      () => false,
    );
    if (isLeft) await this.#post({ number, what: 'stop' }, []).catch(() => undefined);
  }

  async close(): Promise<void> {
    if (!this.#ended) await this.ask('close', undefined).catch(() => undefined);
    await this.#worker.terminate();
  }

  #post(asked: Asked, given: readonly ArrayBuffer[]): Promise<Answered> {
    if (this.#ended) return Promise.reject(this.#ended);
    // Without pending requests the process may end.
    if (this.#waiting.size === 0) this.#worker.ref();
    return new Promise((resolve, reject) => {
      this.#waiting.set(asked.number, { resolve, reject });
      this.#worker.postMessage(asked, [...given]);
    });
  }

  #settle(answered: Answered): void {
    const { number, failure } = answered;
    const waiting = this.#waiting.get(number);
    this.#waiting.delete(number);
    if (this.#waiting.size === 0) this.#worker.unref();
    if (!failure) waiting?.resolve(answered);
    else if (failure.code) waiting?.reject(fault(failure.code, failure.facts));
    else waiting?.reject(new ThreadFailure(failure.message, failure.hindrance));
  }

  #end(error: Error): void {
    this.#ended ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#ended);
    this.#waiting.clear();
  }
}

export interface Threads {
  readonly writer: Pick<Thread, 'ask'>;
  /** Starts with the first request, and again after it was ended. */
  readonly reader: Pick<Thread, 'ask' | 'stream'>;
  /** Ends the reader's thread, which takes 10 MiB and more, if nothing was read since the last call. */
  rest(): Promise<void>;
  close(): Promise<void>;
}

export function openThreads(options: Omit<ThreadOptions, 'writes' | 'reads'>): Threads {
  const isShared = options.folder === undefined;
  const writer = new Thread({ ...options, writes: true, reads: isShared });
  let begun: Thread | undefined;
  /** Requests that are being answered, and whether there were any since the last rest. */
  let open = 0;
  let isUsed = false;
  const reading = () => {
    begun ??= isShared ? writer : new Thread({ ...options, writes: false, reads: true });
    isUsed = true;
    open++;
    return begun;
  };
  return {
    writer,
    reader: {
      ask: (what, asked, given) =>
        reading()
          .ask(what, asked, given)
          .finally(() => open--),
      async *stream(what, asked) {
        const thread = reading();
        try {
          yield* thread.stream(what, asked);
        } finally {
          open--;
        }
      },
    },
    async rest() {
      const mayEnd = !isUsed && open === 0 && begun !== writer;
      isUsed = false;
      if (!mayEnd) return;
      const ended = begun;
      begun = undefined;
      await ended?.close();
    },
    async close() {
      if (begun && begun !== writer) await begun.close();
      await writer.close();
    },
  };
}
