// Follows the settings of findings: checks their files periodically and applies changes at run time.
import { FollowedFiles, type FollowParts } from './followed-files.ts';
import { readFindingSettings } from './read-settings.ts';

/** The family of their errors in `completeness`. */
export const settingsFamily = 'findingSettings';

export class SettingsWatch extends FollowedFiles {
  constructor(parts: FollowParts) {
    const { paths, book, clock, logger } = parts;
    super({
      ...parts,
      family: settingsFamily,
      leftOut: 'a setting of findings is left out',
      take(texts) {
        const { settings, faults } = readFindingSettings(texts, clock());
        book.set(settings);
        logger.info(`settings of findings were read from ${paths.join(', ')}: ${settings.accept.length} acceptances`);
        return faults;
      },
    });
  }
}
