// Findings of users, followed: their files are those of the rules of relations, looked at again and again.
import { type Clock, timestampOf } from '../../../src/clock.ts';
import type { Logger } from '../../../src/logger.ts';
import { type RuleFiles, readRuleFiles } from '../../../src/rule-files.ts';
import type { GraphWriter } from '../../graph/contract.ts';
import type { FindingBook } from '../book.ts';
import { findingRuleOf } from './compile.ts';
import { readDeclaredFindings } from './read.ts';

/** The family that faults are told under, in `completeness`. */
export const declaredFamily = 'findingRules';

export interface DeclaredWatchParts {
  readonly paths: readonly string[];
  readonly book: FindingBook;
  readonly writer: Pick<GraphWriter, 'transact' | 'setSource'>;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  readonly read?: (paths: readonly string[]) => RuleFiles;
}

export class DeclaredWatch {
  readonly #parts: DeclaredWatchParts;
  #seen: string | undefined;
  #told: readonly string[] = [];

  constructor(parts: DeclaredWatchParts) {
    this.#parts = parts;
  }

  look(): void {
    const { paths, book, logger, read = readRuleFiles } = this.#parts;
    const { texts } = read(paths);
    const seen = JSON.stringify(texts);
    if (seen === this.#seen) return;
    const isFirst = this.#seen === undefined;
    this.#seen = seen;
    const { findings, faults } = readDeclaredFindings(texts, book.builtInNames());
    this.#tell(faults.map(({ file, line, message }) => [`${file}:${line}`, message]));
    if (isFirst && findings.length === 0) return;
    book.declare(findings.map(findingRuleOf));
    logger.info(`${findings.length} findings of your own were read from ${paths.join(', ')}`);
  }

  #tell(faults: readonly (readonly [place: string, message: string])[]): void {
    const { writer, clock, logger } = this.#parts;
    const now: ReadonlySet<string> = new Set(faults.map(([place]) => place));
    const since = timestampOf(clock());
    if (faults.length + this.#told.length > 0)
      writer.transact(() => {
        for (const place of this.#told) if (!now.has(place)) writer.setSource(declaredFamily, place, undefined);
        for (const [place, reason] of faults)
          writer.setSource(declaredFamily, place, { state: 'unknown', since, reason });
      });
    for (const [place, message] of faults) logger.warn(`a finding of your own is left out: ${place}: ${message}`);
    this.#told = [...now];
  }
}
