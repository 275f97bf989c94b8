// What containers used over weeks, by workload and container's name: a few numbers each, so that no question waits for those who
// keep the weeks.
import type { Usage } from './usage.ts';

export interface PastUseReader {
  /** Of all Pods that the workload had; undefined if nothing is known. */
  of(workload: string, container: string): Usage | undefined;
  /** Ids of workloads of which something is known. */
  workloads(): Iterable<string>;
  /** Why nothing is known of a workload, in words; undefined if nothing failed. */
  failureOf(workload: string): string | undefined;
}

interface Kept {
  readonly containers: ReadonlyMap<string, Usage>;
  readonly failure: string | undefined;
}

export class PastUse implements PastUseReader {
  readonly #kept = new Map<string, Kept>();

  of(workload: string, container: string): Usage | undefined {
    return this.#kept.get(workload)?.containers.get(container);
  }

  workloads(): Iterable<string> {
    return this.#kept.keys();
  }

  failureOf(workload: string): string | undefined {
    return this.#kept.get(workload)?.failure;
  }

  put(workload: string, containers: ReadonlyMap<string, Usage>): void {
    this.#kept.set(workload, { containers, failure: undefined });
  }

  /** What was known before stays. */
  fail(workload: string, failure: string): void {
    this.#kept.set(workload, { containers: this.#kept.get(workload)?.containers ?? new Map(), failure });
  }

  /** Forgets every other workload. */
  keepOnly(workloads: ReadonlySet<string>): void {
    for (const id of this.#kept.keys()) if (!workloads.has(id)) this.#kept.delete(id);
  }
}
