// Settings of findings from the files of `--findings`, and user-defined findings from those of `--rules`.
import { FindingBook } from '../../master/findings/book.ts';
import { findingRuleOf } from '../../master/findings/declared/compile.ts';
import { readFindingSettings } from '../../master/findings/read-settings.ts';
import { readRuleFiles } from '../../src/rule-files.ts';
import { failed } from '../failure.ts';
import { declaredFindingsIn } from './rules.ts';

export interface BookFiles {
  readonly settings: readonly string[];
  readonly rules: readonly string[];
}

/** @throws Failure if a path cannot be read. Invalid entries are left out and reported to `warn`. */
export function bookIn({ settings: paths, rules }: BookFiles, warn: (line: string) => void): FindingBook {
  const { texts, unread } = readRuleFiles(paths);
  const [first] = unread;
  if (first) throw failed(`${first.file} cannot be read: ${first.reason}`);
  const { settings, faults } = readFindingSettings(texts, Date.now());
  for (const { at, message } of faults) warn(`setting left out: ${at}: ${message}`);
  const book = new FindingBook();
  book.set(settings);
  const own = declaredFindingsIn(rules);
  for (const { file, line, message } of own.faults) warn(`finding left out: ${file}:${line}: ${message}`);
  book.declare(own.findings.map(findingRuleOf));
  return book;
}
