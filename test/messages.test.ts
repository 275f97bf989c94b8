// Checks all texts for people: errors, settings, options, commands, parameters, scripts.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { options } from '../cli/arguments.ts';
import { commands } from '../cli/commands/index.ts';
import { errors } from '../src/errors.ts';
import { settings } from '../src/settings/config.ts';
import { root } from './support/source-tree.ts';

interface Said {
  readonly at: string;
  readonly text: string;
}

/** Texts of at least three words in the sources, without comments: messages, or documentation, which must follow the same rules. */
function textsIn(folder: string): Said[] {
  const names = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => name.endsWith('.ts') && !name.startsWith('demo/'));
  return files.flatMap((name) => {
    const lines = readFileSync(join(root, folder, name), 'utf8').split('\n');
    return lines.flatMap((line, i) => {
      if (/^\s*(?:\/\/|\/?\*)/.test(line)) return [];
      const texts = line.match(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`/g) ?? [];
      const said = texts.filter((text) => (text.match(/[a-z] [a-z]/gi) ?? []).length >= 2);
      return said.map((text) => ({ at: `${folder}/${name}:${i + 1}`, text: text.slice(1, -1) }));
    });
  });
}

const sources = ['src', 'master', 'minion', 'actor', 'cli'].flatMap(textsIn);
const scripts: readonly Said[] = [
  'install.sh',
  'messages.sh',
  'checks.sh',
  'waiting.sh',
  'uninstall.sh',
  'setup.sh',
  'verify.js',
]
  .flatMap((name) => {
    const lines = readFileSync(join(root, 'install', name), 'utf8').split('\n');
    return lines.map((text, i) => ({ at: `install/${name}:${i + 1}`, text }));
  })
  .filter(({ text }) => /\b(?:say|echo|fail|warn|die|printf)\b/.test(text) && !/^\s*#/.test(text));

const all = [...sources, ...scripts];

function findings(of: readonly Said[], wrong: RegExp): string[] {
  return of.filter(({ text }) => wrong.test(text)).map(({ at, text }) => `${at}  ${text}`);
}

test('there is something to read', () => {
  expect(sources.length).toBeGreaterThan(1500);
  expect(scripts.length).toBeGreaterThan(50);
});

describe('a message', () => {
  test.each([
    [
      '"is no X" where people say "is not a X"',
      /(?<![Tt]here )\bis no (?!longer|more|less|larger|smaller|further|room|such)\w/,
    ],
    ['"cannot be meant" for invalid', /cannot be meant/],
    ['"so many" for a number', /\bof (?:at most )?so many\b/],
    ['"besides" for "also"', /, besides,|\bsays besides\b/],
    ['"let in" and "let on" for allowed', /\blet (?:in|on)\b/],
    ['"anew" for "again"', /\b(?:read|reads|issue|start) it anew\b/i],
    ['the engine for the container runtime', /\bthe engine (?:does|did|failed|answered|cannot)\b/i],
    [
      'three parts behind colons',
      /^(?!.*\\n)[^`]*[a-z}]: (?:[^:{}]|\$\{[^}]*\})*[a-z}]: (?:[^:{}]|\$\{[^}]*\})*[a-z}]: /,
    ],
    ['a plural in brackets', /[a-z]\(s\)/],
  ])('has nothing of this: %s', (_, wrong) => {
    expect(findings(all, wrong)).toEqual([]);
  });

  test('counts in the singular, too: a number before a plural is said by what knows both', () => {
    const wrong =
      /\$\{[^{}]*\.(?:length|size)\} (?:resources|relations|kinds|objects|documents|minions|clusters|namespaces)\b(?! are too many)/;
    expect(findings(all, wrong)).toEqual([]);
  });
});

describe('an error', () => {
  test.each(Object.entries(errors))('%s is a code, a status and a sentence', (code, { status, template }) => {
    expect(code).toMatch(/^[a-z]+(?:_[a-z]+)*$/);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(template).toMatch(/^(?:[A-Z]|\{|")/);
    expect(template).not.toMatch(/\.$/);
    expect(template.match(/: /g)?.length ?? 0).toBeLessThanOrEqual(1);
  });
});

describe('a description', () => {
  test('of a setting or an option is a phrase: a capital, no full stop, no second sentence', () => {
    const phrases = [
      ...settings.map(({ variable, description }) => [variable, description] as const),
      ...Object.entries(options).map(([name, { words }]) => [`--${name}`, words] as const),
      ...commands.map(({ name, summary }) => [name, summary] as const),
    ].filter(([, text]) => text !== '');
    expect(phrases.length).toBeGreaterThan(100);
    const strange = phrases.filter(([, text]) => !/^(?:[A-Z`]|json|down)/.test(text) || /[^.]\.$/.test(text));
    expect(strange).toEqual([]);
  });
});
