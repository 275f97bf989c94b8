// Findings of users, followed: their files are those of the rules of relations, looked at again and again.
import type { Clock } from '../../../src/clock.ts';
import type { Logger } from '../../../src/logger.ts';
import { type RuleFiles, readRuleFiles } from '../../../src/rule-files.ts';
import type { GraphWriter } from '../../graph/contract.ts';
import type { FindingBook } from '../book.ts';
import { ToldFaults } from '../told-faults.ts';
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
  readonly #told: ToldFaults;

  constructor(parts: DeclaredWatchParts) {
    this.#parts = parts;
    this.#told = new ToldFaults({ ...parts, family: declaredFamily });
  }

  look(): void {
    const { paths, book, logger, read = readRuleFiles } = this.#parts;
    const { texts, unread } = read(paths);
    const seen = JSON.stringify({ texts, unread });
    if (seen === this.#seen) return;
    const isFirst = this.#seen === undefined;
    this.#seen = seen;
    const { findings, faults } = readDeclaredFindings(texts, book.builtInNames());
    const lost = unread.map(({ file, reason }) => ({ at: file, message: reason }));
    const placed = [...lost, ...faults.map(({ file, line, message }) => ({ at: `${file}:${line}`, message }))];
    this.#told.tell(placed);
    for (const { at, message } of placed) logger.warn(`findings of your own are left out: ${at}: ${message}`);
    if (isFirst && findings.length === 0) return;
    book.declare(findings.map(findingRuleOf));
    logger.info(`${findings.length} findings of your own were read from ${paths.join(', ')}`);
  }
}
