// Files with users' rules: the text of each file, also within folders. A folder may be a mounted ConfigMap, whose files are
// links that change together.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { plainReason } from './plain-reason.ts';

export interface RuleFile {
  readonly file: string;
  readonly text: string;
}

export interface RuleFiles {
  readonly texts: readonly RuleFile[];
  /** Unreadable paths, and why. */
  readonly unread: readonly { readonly file: string; readonly reason: string }[];
}

/** Larger files, in bytes, are not rules. */
const longest = 4 << 20;

export function readRuleFiles(paths: readonly string[]): RuleFiles {
  const texts: RuleFile[] = [];
  const unread: { file: string; reason: string }[] = [];
  for (const path of paths) {
    try {
      for (const file of filesAt(path)) texts.push({ file, text: textOf(file) });
    } catch (error) {
      unread.push({ file: path, reason: plainReason(error) });
    }
  }
  return { texts, unread };
}

function filesAt(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  const names = readdirSync(path).filter((name) => !name.startsWith('.') && /\.(ya?ml|json)$/.test(name));
  return names.toSorted().map((name) => join(path, name));
}

function textOf(file: string): string {
  const { size } = statSync(file);
  if (size > longest) throw new Error(`${file} has ${size} bytes: rules have at most ${longest}`);
  return readFileSync(file, 'utf8');
}
