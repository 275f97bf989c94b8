// Has pages of lists prepared in a second thread, while the first one keeps what is prepared already: parsing, redacting
// and the rules are half of what a first list costs, and need nothing that is not on the page.
//
// The thread is there while it is of use: it starts with the first long page and goes when none has come for a while. Short
// pages and those that come before it is ready are left to the caller; none is because others wait, since whoever keeps what is
// prepared is the slower of the two, and the thread would wait for it then.
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
  /** The page with its memory, to be given back when all is kept. */
  readonly page: Page;
  /** What its objects come to, to be gone through once, their properties in the page's memory; undefined where it is to be read by whoever asked. */
  readonly prepared: Iterable<Prepared> | undefined;
  readonly refusals: readonly Refusal[];
}

export interface PageReader {
  /**
   * Takes the page with its memory.
   * @throws ApiFailure 413 when the thread ended over it.
   */
  read(type: string, page: Page): Promise<ReadPage>;
  close(): Promise<void>;
}

export interface PageReaderOptions extends Pick<WorkerOptions, 'keepValues' | 'ruleSettings'> {
  /** They may change, with `generation`. */
  readonly rules: readonly Rule[];
  readonly declared?: () => readonly Declaration[];
  readonly generation?: () => number;
  readonly onProblem: (problem: InferProblem) => void;
  /** Milliseconds without work after which the thread ends. */
  readonly idle?: number;
  /** Bytes below which a page is not worth the way. */
  readonly shortest?: number;
  /** MiB of the thread's heap. */
  readonly heap?: number;
}

const usualIdle = 10_000;
const usualShortest = 256 << 10;
/** Bytes above which a page might be more than the thread may hold. */
const longest = 64 << 20;
const usualHeap = 1024;
/** MiB: room for what one page becomes, so that it need not be copied while it is worked on. */
const youngGeneration = 24;

interface Waiting {
  readonly by: Worker;
  resolve(done: Done): void;
  reject(error: unknown): void;
}

export function createPageReader(options: PageReaderOptions): PageReader {
  const {
    keepValues,
    ruleSettings,
    rules,
    onProblem,
    idle = usualIdle,
    shortest = usualShortest,
    heap = usualHeap,
  } = options;
  const { declared = () => [], generation = () => 0 } = options;
  const waiting = new Map<number, Waiting>();
  let worker: Worker | undefined;
  /** Of the rules that the thread was started with. */
  let current = { wire: createWire([...rules]), generation: generation() };
  let ready = false;
  /** It cannot even start. */
  let broken = false;
  let number = 0;
  let resting: NodeJS.Timeout | undefined;

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
      // All pages may have been read by others meanwhile.
      rest();
    });
    let cause: unknown;
    one.on('error', (error) => void (cause = error));
    one.on('exit', () => ended(one, cause));
  }

  function settle(done: Done, one: Worker): void {
    const asked = waiting.get(done.number);
    waiting.delete(done.number);
    if (worker !== one) endIfIdle(one);
    else if (waiting.size === 0) rest();
    done.problems.forEach(onProblem);
    asked?.resolve(done);
  }

  /** One that runs rules of before answers what it was asked, and goes. */
  function retire(one: Worker): void {
    clearTimeout(resting);
    worker = undefined;
    ready = false;
    endIfIdle(one);
  }

  function endIfIdle(one: Worker): void {
    if (![...waiting.values()].some(({ by }) => by === one)) void one.terminate();
  }

  function rest(): void {
    clearTimeout(resting);
    resting = setTimeout(() => void stop(), idle).unref();
  }

  /** Nothing is handed to it any more, also while it is on its way out. */
  async function stop(): Promise<void> {
    clearTimeout(resting);
    const one = worker;
    if (!one) return;
    ended(one, undefined);
    await one.terminate();
  }

  /** What it was at is lost with its memory: fewer objects a page need less of it. */
  function ended(one: Worker, cause: unknown): void {
    if (worker === one) {
      worker = undefined;
      broken = !ready;
      ready = false;
    }
    const lost = [...waiting].filter(([, { by }]) => by === one);
    for (const [asked] of lost) waiting.delete(asked);
    const failure = new ApiFailure(413, 'the thread that reads long pages ended over this one');
    for (const [, { reject }] of lost) reject(Object.assign(failure, { cause }));
  }

  function threadFor({ length }: Page): Worker | undefined {
    if (broken || length < shortest || length > longest) return undefined;
    if (worker && current.generation !== generation()) retire(worker);
    if (!worker) start();
    return ready ? worker : undefined;
  }

  function handOver(one: Worker, type: string, page: Page): Promise<Done> {
    clearTimeout(resting);
    const work: Work = { number: ++number, type, page };
    return new Promise((resolve, reject) => {
      waiting.set(work.number, { by: one, resolve, reject });
      one.postMessage(work, [page.memory]);
    });
  }

  return {
    async read(type, page) {
      const one = threadFor(page);
      if (!one) return { page, prepared: undefined, refusals: [] };
      const { wire, generation: of } = current;
      const { heads, memory, length, refusals } = await handOver(one, type, page);
      const prepared = heads === undefined ? undefined : stamped(wire.read({ heads, memory }), of);
      return { page: { ...page, memory, length }, prepared, refusals };
    },
    close: stop,
  };
}

/** With the generation of the rules that they were inferred by. */
function* stamped(all: Iterable<Prepared>, generation: number): Generator<Prepared> {
  for (const each of all) yield { ...each, generation };
}
