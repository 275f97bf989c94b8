// Provides routes with findings from another process. Until that process has sent all of them, and for past moments, computes
// findings with the rules of this program.
import type { GraphReader } from '../graph/contract.ts';
import type { FindingBook } from './book.ts';
import type { Finding, FindingsReader } from './contract.ts';
import type { FindingsDesk, FindingsPlace, SoonFound } from './desk.ts';

export class ToldFindingsPlace implements FindingsPlace {
  readonly #told: FindingsReader;
  readonly #own: FindingsDesk;

  constructor(told: FindingsReader, own: FindingsDesk) {
    this.#told = told;
    this.#own = own;
  }

  get book(): FindingBook {
    return this.#own.book;
  }

  async current(advice = false): Promise<FindingsReader> {
    return this.#told.settled ? this.#told : this.#own.current(advice);
  }

  async soon(): Promise<SoonFound> {
    return this.#told.settled ? { found: this.#told, unjudged: 0 } : this.#own.soon();
  }

  wantAdvice(): () => void {
    return this.#own.wantAdvice();
  }

  async about(resource: string): Promise<readonly Finding[] | undefined> {
    return this.#told.settled ? [...this.#told.about(resource)] : this.#own.about(resource);
  }

  ofPast(graph: GraphReader, time: number): Promise<FindingsReader> {
    return this.#own.ofPast(graph, time);
  }

  close(): void {
    this.#own.close();
  }
}
