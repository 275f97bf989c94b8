// When the rules on the whole graph run: after a change or a time limit, but so seldom that they take little processor time.
import type { Steps } from '../../../src/steps.ts';
import type { GraphFindingRule } from '../finding-rule.ts';
import type { Asked } from './asked.ts';
import { type Examiner, wholeGraph } from './examiner.ts';

export interface GraphRulesOptions {
  readonly examiner: Examiner;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** A monotonic clock in milliseconds, to measure what the rules cost. */
  readonly now: () => number;
}

/** Minimum milliseconds between two runs. */
const graphPeriod = 60_000;
/** The minimum is also this many times their duration, so that they take at most a hundredth of a processor on large clusters. */
const graphShare = 100;

export class GraphRules {
  readonly #options: GraphRulesOptions;
  #earliest = Number.NEGATIVE_INFINITY;
  /** The graph has changed since the last run. */
  #open = true;
  /** When a time limit changes results. */
  #due = Number.POSITIVE_INFINITY;

  constructor(options: GraphRulesOptions) {
    this.#options = options;
  }

  /** The graph has changed. */
  note(): void {
    this.#open = true;
  }

  /** The rules have changed: they run in the next round. */
  reset(): void {
    this.#open = true;
    this.#earliest = Number.NEGATIVE_INFINITY;
  }

  /** When to run them again. */
  get next(): number {
    return Math.max(this.#earliest, this.#open ? 0 : this.#due);
  }

  *run(rules: readonly GraphFindingRule[], asked: Asked): Steps<void> {
    const { examiner, clock, now } = this.#options;
    const began = clock();
    this.#open = false;
    this.#due = Number.POSITIVE_INFINITY;
    const view = examiner.view();
    view.turnTo(wholeGraph, began);
    let took = 0;
    for (const rule of rules) {
      const steps = examiner.askGraph(rule, asked, view);
      for (let done = false; !done; ) {
        const before = now();
        done = steps.next().done === true;
        took += now() - before;
        if (!done) yield;
      }
      this.#due = Math.min(this.#due, view.due);
    }
    this.#earliest = began + Math.max(graphPeriod, took * graphShare);
  }
}
