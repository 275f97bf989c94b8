// Lays out boxes and lines with Graphviz's `dot` in WebAssembly, in a thread: a dense graph may take minutes or overflow
// the stack, which must not affect the process.
import { Worker } from 'node:worker_threads';
import { fault } from '../../../src/errors.ts';

/** Lengths are points; boxes are identified by index. */
export interface Plan {
  readonly boxes: readonly { readonly width: number; readonly height: number }[];
  readonly frames: readonly { readonly titleLength: number; readonly boxes: readonly number[] }[];
  readonly lines: readonly { readonly from: number; readonly to: number; readonly labelLength: number }[];
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** In the order of the plan. `y` grows downwards. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  /** Centres of the boxes. */
  readonly boxes: readonly Point[];
  readonly frames: readonly {
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
  }[];
  /** A start, three points per Bézier curve, and the tip of the arrow. */
  readonly lines: readonly { readonly curve: readonly Point[]; readonly tip: Point; readonly label?: Point }[];
}

const usualDeadline = 10_000;
const longestQueue = 16;

let queue: Promise<unknown> = Promise.resolve();
let queued = 0;

/** One at a time, so that layouts use at most one core. Throws `form_too_large` after `deadline` milliseconds. */
export async function layOut(plan: Plan, deadline = usualDeadline): Promise<Layout> {
  if (queued >= longestQueue) throw fault('overloaded', { reason: 'too many pictures are being drawn' });
  queued++;
  const layout = queue.then(() => inThread(plan, deadline)).finally(() => queued--);
  queue = layout.catch(() => {});
  return layout;
}

async function inThread(plan: Plan, deadline: number): Promise<Layout> {
  const worker = new Worker(new URL('./thread.ts', import.meta.url), { workerData: plan });
  const { promise, resolve, reject } = Promise.withResolvers<Layout>();
  const timer = setTimeout(() => reject(tooIntricate(`it was not drawn within ${deadline / 1000} s`)), deadline);
  worker.once('message', resolve);
  worker.once('error', (error) => reject(tooIntricate('it is more than the drawing can hold', error)));
  worker.once('exit', () => reject(tooIntricate('the drawing ended early')));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}

function tooIntricate(reason: string, cause?: unknown): Error {
  const hint = 'ask for one namespace, fewer types, or another form';
  return fault('form_too_large', { form: 'svg', reason, hint }, cause);
}
