// What is wrong with files that are followed, told as states of sources: what is mended is taken back.
import { type Clock, timestampOf } from '../../src/clock.ts';
import type { GraphWriter } from '../graph/contract.ts';

export interface FileFault {
  /** Its file, and the line where that is known. */
  readonly at: string;
  readonly message: string;
}

export interface ToldFaultsParts {
  readonly family: string;
  readonly writer: Pick<GraphWriter, 'transact' | 'setSource'>;
  readonly clock: Clock;
}

export class ToldFaults {
  readonly #parts: ToldFaultsParts;
  #told: readonly string[] = [];

  constructor(parts: ToldFaultsParts) {
    this.#parts = parts;
  }

  /** In place of those that were told before. */
  tell(faults: readonly FileFault[]): void {
    const { family, writer, clock } = this.#parts;
    const now: ReadonlySet<string> = new Set(faults.map(({ at }) => at));
    const since = timestampOf(clock());
    if (now.size + this.#told.length > 0)
      writer.transact(() => {
        for (const at of this.#told) if (!now.has(at)) writer.setSource(family, at, undefined);
        for (const { at, message } of faults)
          writer.setSource(family, at, { state: 'unknown', since, reason: message });
      });
    this.#told = [...now];
  }
}
