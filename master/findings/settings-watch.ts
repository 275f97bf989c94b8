// Follows the settings of findings: checks their files periodically and applies changes at run time.
import type { Clock } from '../../src/clock.ts';
import type { Logger } from '../../src/logger.ts';
import { type RuleFiles, readRuleFiles } from '../../src/rule-files.ts';
import type { GraphWriter } from '../graph/contract.ts';
import type { FindingBook } from './book.ts';
import { readFindingSettings } from './read-settings.ts';
import { ToldFaults } from './told-faults.ts';

/** The family of their errors in `completeness`. */
export const settingsFamily = 'findingSettings';

export interface SettingsWatchParts {
  readonly paths: readonly string[];
  readonly book: FindingBook;
  readonly writer: Pick<GraphWriter, 'transact' | 'setSource'>;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  readonly read?: (paths: readonly string[]) => RuleFiles;
}

export class SettingsWatch {
  readonly #parts: SettingsWatchParts;
  #seen: string | undefined;
  readonly #told: ToldFaults;

  constructor(parts: SettingsWatchParts) {
    this.#parts = parts;
    this.#told = new ToldFaults({ ...parts, family: settingsFamily });
  }

  look(): void {
    const { paths, book, clock, logger, read = readRuleFiles } = this.#parts;
    const files = read(paths);
    const seen = JSON.stringify(files);
    if (seen === this.#seen) return;
    this.#seen = seen;
    const { settings, faults } = readFindingSettings(files.texts, clock());
    const unread = files.unread.map(({ file, reason }) => ({ at: file, message: reason }));
    this.#told.tell([...unread, ...faults]);
    for (const { at, message } of [...unread, ...faults])
      logger.warn(`a setting of findings is left out: ${at}: ${message}`);
    book.set(settings);
    logger.info(`settings of findings were read from ${paths.join(', ')}: ${settings.accept.length} acceptances`);
  }
}
