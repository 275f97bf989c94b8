// Follows user-defined findings: periodically checks the files, which also contain rules for relations.
import { FollowedFiles, type FollowParts } from '../followed-files.ts';
import { findingRuleOf } from './compile.ts';
import { readDeclaredFindings } from './read.ts';

/** The family of their errors in `completeness`. */
export const declaredFamily = 'findingRules';

export class DeclaredWatch extends FollowedFiles {
  constructor(parts: FollowParts) {
    const { paths, book, logger } = parts;
    super({
      ...parts,
      family: declaredFamily,
      leftOut: 'findings of your own are left out',
      take(texts, isFirst) {
        const { findings, faults } = readDeclaredFindings(texts, book.builtInNames());
        if (!isFirst || findings.length > 0) {
          book.declare(findings.map(findingRuleOf));
          logger.info(`${findings.length} findings of your own were read from ${paths.join(', ')}`);
        }
        return faults.map(({ file, line, message }) => ({ at: `${file}:${line}`, message }));
      },
    });
  }
}
