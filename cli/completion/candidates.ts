// Candidates at the cursor, from the words before it.
import { kinds } from '../../master/kinds/index.ts';
import { typeOfKind } from '../../master/kinds/lookup.ts';
import { rules } from '../../master/relations/index.ts';
import { healthStates } from '../../src/health-state.ts';
import { type OptionName, options } from '../arguments.ts';
import type { Command } from '../command.ts';
import { commands } from '../commands/index.ts';
import { answeredForms } from '../forms.ts';
import { optionsOf } from '../help.ts';
import { scripts } from './scripts.ts';

/** Names come from a source, chosen by the words. */
export type Candidates =
  | { readonly words: readonly string[] }
  | { readonly of: 'namespaces' }
  | { readonly of: 'names'; readonly type: string; readonly before: string };

const nothing: Candidates = { words: [] };
/** Commands that take resources. */
const ofResources: ReadonlySet<string> = new Set(['get', 'tree', 'impact', 'path', 'history']);

/** The last word is the one at the cursor; it may be empty. */
export function candidatesFor(line: readonly string[]): Candidates {
  const before = line.slice(0, -1);
  const current = line.at(-1) ?? '';
  const option = optionNamed(before.at(-1));
  if (option !== undefined && options[option].type === 'string') return valuesOf(option, current);
  const positional = positionalsOf(before);
  const command = commands.find(({ name }) => name === positional[0]);
  if (positional.length === 0 && !current.startsWith('-'))
    return { words: [...commands.map(({ name }) => name), 'export'] };
  if (!command) return nothing;
  if (current.startsWith('-')) return { words: optionsOf(command).map((name) => `--${name}`) };
  return resourcesOf(command, positional.slice(1), current);
}

function resourcesOf({ name }: Command, given: readonly string[], current: string): Candidates {
  if (name === 'completion') return { words: Object.keys(scripts) };
  if (!ofResources.has(name)) return nothing;
  const slash = current.indexOf('/');
  if (slash > 0) return { of: 'names', type: current.slice(0, slash), before: current.slice(0, slash + 1) };
  const [type] = given;
  if (type !== undefined && !/[/:,]/.test(type)) return { of: 'names', type, before: '' };
  return { words: listed(current, typeWords) };
}

const typeWords: readonly string[] = kinds.map((kind) =>
  typeOfKind(kind).includes('.') ? `${kind.plural}.${kind.group}` : kind.plural,
);

/** Continues a comma-separated list. */
function listed(current: string, words: readonly string[]): readonly string[] {
  const head = current.slice(0, current.lastIndexOf(',') + 1);
  return words.map((word) => head + word);
}

function valuesOf(option: OptionName, current: string): Candidates {
  if (option === 'namespace') return { of: 'namespaces' };
  if (option === 'output') return { words: ['wide', 'yaml', 'name', ...answeredForms] };
  if (option === 'relation')
    return { words: listed(current, [...new Set(rules.map(({ relation }) => relation))].toSorted()) };
  if (option === 'health') return { words: listed(current, healthStates) };
  if (option === 'direction') return { words: ['down', 'up', 'both'] };
  return nothing;
}

function optionNamed(word: string | undefined): OptionName | undefined {
  const names = Object.keys(options) as OptionName[];
  return names.find((name) => {
    const option = options[name];
    return word === `--${name}` || ('short' in option && word === `-${option.short}`);
  });
}

/** Words that are neither options nor their values. */
function positionalsOf(words: readonly string[]): readonly string[] {
  return words.filter((word, i) => {
    const before = optionNamed(words[i - 1]);
    return !word.startsWith('-') && !(before !== undefined && options[before].type === 'string');
  });
}
