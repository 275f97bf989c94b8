// Settings of findings out of files, as `--findings` names them.
import { FindingBook } from '../../master/findings/book.ts';
import { readFindingSettings } from '../../master/findings/read-settings.ts';
import { readRuleFiles } from '../../src/rule-files.ts';
import { failed } from '../failure.ts';

/** @throws Failure where a path cannot be read. What is at fault in one is left out, and `warn` is told. */
export function bookIn(paths: readonly string[], warn: (line: string) => void): FindingBook {
  const { texts, unread } = readRuleFiles(paths);
  const [first] = unread;
  if (first) throw failed(`${first.file} cannot be read: ${first.reason}`);
  const { settings, faults } = readFindingSettings(texts, Date.now());
  for (const { at, message } of faults) warn(`setting left out: ${at}: ${message}`);
  const book = new FindingBook();
  book.set(settings);
  return book;
}
