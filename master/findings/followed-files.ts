// Follows files about findings: reads them after changes, and reports their errors in the log and as states of sources until they
// are fixed.
import { type Clock, timestampOf } from '../../src/clock.ts';
import type { Logger } from '../../src/logger.ts';
import { type RuleFiles, readRuleFiles } from '../../src/rule-files.ts';
import type { GraphWriter } from '../graph/contract.ts';
import type { FindingBook } from './book.ts';

export interface FileFault {
  /** Its file, and the line if known. */
  readonly at: string;
  readonly message: string;
}

/** What every follower of such files needs. */
export interface FollowParts {
  readonly paths: readonly string[];
  readonly book: FindingBook;
  readonly writer: Pick<GraphWriter, 'transact' | 'setSource'>;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  readonly read?: (paths: readonly string[]) => RuleFiles;
}

export interface FollowedFilesParts extends FollowParts {
  /** The family of their errors in `completeness`. */
  readonly family: string;
  /** Log message for a skipped entry. */
  readonly leftOut: string;
  /** Applies the files and returns their errors. */
  readonly take: (texts: RuleFiles['texts'], isFirst: boolean) => readonly FileFault[];
}

export class FollowedFiles {
  readonly #parts: FollowedFilesParts;
  #seen: string | undefined;
  #told: readonly string[] = [];

  constructor(parts: FollowedFilesParts) {
    this.#parts = parts;
  }

  look(): void {
    const { paths, logger, leftOut, take, read = readRuleFiles } = this.#parts;
    const { texts, unread } = read(paths);
    const seen = JSON.stringify({ texts, unread });
    if (seen === this.#seen) return;
    const isFirst = this.#seen === undefined;
    this.#seen = seen;
    const lost = unread.map(({ file, reason }) => ({ at: file, message: reason }));
    const faults = [...lost, ...take(texts, isFirst)];
    this.#tell(faults);
    for (const { at, message } of faults) logger.warn(`${leftOut}: ${at}: ${message}`);
  }

  /** Replaces earlier errors. */
  #tell(faults: readonly FileFault[]): void {
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
