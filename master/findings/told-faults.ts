// Errors in followed files as states of sources, withdrawn when fixed.
import { type Clock, timestampOf } from '../../src/clock.ts';
import type { GraphWriter } from '../graph/contract.ts';

export interface FileFault {
  /** Its file, and the line if known. */
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

  /** Replaces earlier errors. */
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
