// Prepares pages of lists in a second thread while the first applies the previous page. Parsing, redaction and rules take
// half of an initial list and need only the page.
//
// The thread starts once enough long pages have come to pay for its own start, so a small cluster never has one, and ends
// after a while without any. Short pages, and those before it is ready, are left to the caller. Pages that merely wait for
// the thread are not: applying is slower than preparing, so the thread would idle later.
import { Worker } from 'node:worker_threads';
import type { Declaration } from '../../relations/declared/declaration.ts';
import type { Rule } from '../../relations/relation.ts';
import { ApiFailure } from '../../sources/kubernetes/api-failure.ts';
import type { Page } from '../../sources/kubernetes/page.ts';
import type { InferProblem } from '../infer.ts';
import type { Prepared } from '../item.ts';
import type { Refusal } from '../objects-of-kinds.ts';
import { createWire } from './wire.ts';
import type { Done, Work, WorkerOptions } from './worker.ts';

export interface ReadPage {
  /** The page and its memory, to be given back after use. */
  readonly page: Page;
  /**
   * The objects, to be iterated once; their properties are in the page's memory. Undefined if the caller must read the
   * page.
   */
  readonly prepared: Iterable<Prepared> | undefined;
  readonly refusals: readonly Refusal[];
}

export interface PageReader {
  /**
   * Takes over the page's memory.
   * @throws ApiFailure 413 if the page exhausted the thread.
   */
  read(type: string, page: Page): Promise<ReadPage>;
  close(): Promise<void>;
}

export interface PageReaderOptions extends Pick<WorkerOptions, 'keepValues' | 'ruleSettings'> {
  /** May change, along with `generation`. */
  readonly rules: readonly Rule[];
  readonly declared?: () => readonly Declaration[];
  readonly generation?: () => number;
  readonly onProblem: (problem: InferProblem) => void;
  /** The thread ends after this many milliseconds without work. */
  readonly idle?: number;
  /** Smaller pages, in bytes, are left to the caller. */
  readonly shortest?: number;
  /** Bytes of long pages that are left to the caller before the thread starts. Asked with each. */
  readonly worth?: () => number;
  /** Heap of the thread in MiB. */
  readonly heap?: number;
}

const usualIdle = 10_000;
const usualShortest = 256 << 10;
/** Larger pages, in bytes, might exceed the thread's heap. */
const longest = 64 << 20;
/** The imports of the thread alone take 0.13 s of processor time: for a thousand objects, some two megabytes, it does not pay. */
const usualWorth = () => 4 << 20;
const usualHeap = 1024;
/** MiB: enough for one page, so that its objects are not copied while in use. */
const youngGeneration = 24;

interface Task {
  readonly by: Worker;
  resolve(done: Done): void;
  reject(error: unknown): void;
}

/** Pages that threads are reading. */
class Tasks {
  readonly #open = new Map<number, Task>();
  #number = 0;

  get size(): number {
    return this.#open.size;
  }

  isBusy(worker: Worker): boolean {
    return [...this.#open.values()].some(({ by }) => by === worker);
  }

  hand(worker: Worker, type: string, page: Page): Promise<Done> {
    const work: Work = { number: ++this.#number, type, page };
    return new Promise((resolve, reject) => {
      this.#open.set(work.number, { by: worker, resolve, reject });
      worker.postMessage(work, [page.memory]);
    });
  }

  /** Removes the task; returns it. */
  take(number: number): Task | undefined {
    const task = this.#open.get(number);
    this.#open.delete(number);
    return task;
  }

  /** The thread's task and memory are lost: smaller pages need less. */
  lose(worker: Worker, cause: unknown): void {
    const failure = new ApiFailure(413, 'the thread that reads long pages ended over this one');
    for (const [number, { by, reject }] of this.#open) {
      if (by !== worker) continue;
      this.#open.delete(number);
      reject(Object.assign(failure, { cause }));
    }
  }
}

export function createPageReader(options: PageReaderOptions): PageReader {
  const { keepValues, rules, onProblem, idle = usualIdle, shortest = usualShortest, heap = usualHeap } = options;
  const { declared = () => [], generation = () => 0, worth = usualWorth, ruleSettings } = options;
  const tasks = new Tasks();
  let worker: Worker | undefined;
  /** The rules that the thread was started with. */
  let current = { wire: createWire([...rules]), generation: generation() };
  let ready = false;
  /** It failed to start. */
  let broken = false;
  let resting: NodeJS.Timeout | undefined;
  const long = countOf(worth);

  function start(): void {
    current = { wire: createWire([...rules]), generation: generation() };
    const workerData: WorkerOptions = { keepValues, ruleSettings, declarations: declared() };
    const one = new Worker(new URL('worker.ts', import.meta.url), {
      workerData,
      resourceLimits: { maxOldGenerationSizeMb: heap, maxYoungGenerationSizeMb: youngGeneration },
    });
    worker = one;
    one.unref();
    one.on('message', (message: Done | 'ready') => {
      if (message !== 'ready') return settle(message, one);
      if (worker !== one) return;
      ready = true;
      // Others may have read all pages meanwhile.
      rest();
    });
    onEnd(one, (cause) => ended(one, cause));
  }

  function settle(done: Done, one: Worker): void {
    const task = tasks.take(done.number);
    if (worker !== one) endIfIdle(one);
    else if (tasks.size === 0) rest();
    done.problems.forEach(onProblem);
    task?.resolve(done);
  }

  /** A thread with outdated rules finishes its tasks and ends. */
  function retire(one: Worker): void {
    clearTimeout(resting);
    worker = undefined;
    ready = false;
    endIfIdle(one);
  }

  function endIfIdle(one: Worker): void {
    if (!tasks.isBusy(one)) void one.terminate();
  }

  function rest(): void {
    clearTimeout(resting);
    resting = setTimeout(() => void stop(), idle).unref();
  }

  /** It gets no more tasks, not even while it ends. */
  async function stop(): Promise<void> {
    clearTimeout(resting);
    long.forget();
    const one = worker;
    if (!one) return;
    ended(one, undefined);
    await one.terminate();
  }

  function ended(one: Worker, cause: unknown): void {
    if (worker === one) {
      worker = undefined;
      broken = !ready;
      ready = false;
    }
    tasks.lose(one, cause);
  }

  function threadFor({ length }: Page): Worker | undefined {
    if (broken || length < shortest || length > longest) return undefined;
    if (!long.isWorthIt(length)) {
      rest();
      return undefined;
    }
    if (worker && current.generation !== generation()) retire(worker);
    if (!worker) start();
    return ready ? worker : undefined;
  }

  return {
    async read(type, page) {
      const one = threadFor(page);
      if (!one) return { page, prepared: undefined, refusals: [] };
      const { wire, generation: of } = current;
      clearTimeout(resting);
      const { heads, memory, length, refusals } = await tasks.hand(one, type, page);
      const prepared = heads === undefined ? undefined : stamped(wire.read({ heads, memory }), of);
      return { page: { ...page, memory, length }, prepared, refusals };
    },
    close: stop,
  };
}

/** Calls `then` with the error that ended the thread, if one did. */
function onEnd(worker: Worker, then: (cause: unknown) => void): void {
  let cause: unknown;
  worker.on('error', (error) => void (cause = error));
  worker.on('exit', () => then(cause));
}

/** Counts the bytes of long pages since the last pause. */
function countOf(worth: () => number) {
  let come = 0;
  return {
    isWorthIt(length: number): boolean {
      come += length;
      return come >= worth();
    },
    forget(): void {
      come = 0;
    },
  };
}

/** Adds the generation of the rules used. */
function* stamped(all: Iterable<Prepared>, generation: number): Generator<Prepared> {
  for (const each of all) yield { ...each, generation };
}
