// Rules of relations out of files, as `--rules` names them.
import type { Declaration } from '../../master/relations/declared/declaration.ts';
import { type ReadRules, readRules } from '../../master/relations/declared/read.ts';
import { rules } from '../../master/relations/index.ts';
import { readRuleFiles } from '../../src/rule-files.ts';
import { failed } from '../failure.ts';

/** @throws Failure where a path cannot be read. */
export function rulesIn(paths: readonly string[]): ReadRules {
  const { texts, unread } = readRuleFiles(paths);
  const [first] = unread;
  if (first) throw failed(`${first.file} cannot be read: ${first.reason}`);
  return readRules(
    texts,
    rules.map(({ name }) => name),
  );
}

/** Those that are sound; `warn` is told of the others. */
export function soundRulesIn(paths: readonly string[], warn: (line: string) => void): readonly Declaration[] {
  const { declarations, faults } = rulesIn(paths);
  for (const { file, line, message } of faults) warn(`rule left out: ${file}:${line}: ${message}`);
  return declarations;
}
