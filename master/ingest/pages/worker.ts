// The thread that prepares pages: bytes in, prepared objects out. reader.ts starts it.
import { parentPort, workerData } from 'node:worker_threads';
import { kinds } from '../../kinds/index.ts';
import { typeOfKind } from '../../kinds/lookup.ts';
import { RuleBook, type RuleSettings } from '../../relations/book.ts';
import type { Declaration } from '../../relations/declared/declaration.ts';
import { leanOf, objectsOf, type Page } from '../../sources/kubernetes/page.ts';
import { idOf } from '../id-of.ts';
import { createInfer, type InferProblem } from '../infer.ts';
import { ItemMaker, type Prepared } from '../item.ts';
import type { Refusal } from '../objects-of-kinds.ts';
import { createWire } from './wire.ts';

export interface WorkerOptions {
  readonly keepValues: boolean;
  /** Users' rules as data: functions cannot be transferred. */
  readonly declarations?: readonly Declaration[];
  readonly ruleSettings?: RuleSettings | undefined;
}

export interface Work {
  readonly number: number;
  readonly type: string;
  readonly page: Page;
}

export interface Done {
  readonly number: number;
  readonly memory: ArrayBuffer;
  /** Undefined if the page was not read: `memory` then has `length` bytes of it, without managedFields. */
  readonly heads: string | undefined;
  readonly length: number;
  readonly refusals: readonly Refusal[];
  readonly problems: readonly InferProblem[];
}

const port = parentPort;
const { keepValues, declarations = [], ruleSettings } = workerData as WorkerOptions;
const book = new RuleBook(ruleSettings);
book.declare(declarations);
let problems: InferProblem[] = [];
const items = new ItemMaker(
  createInfer(book.all, (problem) => void problems.push(problem)),
  keepValues,
);
const wire = createWire(book.all);
const byType = new Map(kinds.map((kind) => [typeOfKind(kind), kind] as const));

port?.on('message', (work: Work) => {
  problems = [];
  const done = prepare(work);
  port.postMessage({ ...done, number: work.number, problems } satisfies Done, [done.memory]);
});
port?.postMessage('ready');

function prepare({ type, page: whole }: Work): Omit<Done, 'number' | 'problems'> {
  const page = leanOf(whole);
  const { memory, length } = page;
  const kind = byType.get(type) ?? {};
  const prepared: Prepared[] = [];
  const refusals: Refusal[] = [];
  try {
    for (const object of objectsOf(page)) {
      try {
        prepared.push(items.prepare(kind, type, object));
      } catch (error) {
        refusals.push({ type, id: idOf(type, object), error });
      }
    }
  } catch {
    return { memory, length, heads: undefined, refusals: [] };
  }
  return { ...wire.write(prepared, memory), length, refusals };
}
