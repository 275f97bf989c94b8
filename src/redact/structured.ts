// Texts that hold a structure: JSON, YAML, or either as base64. The structure is walked as one that is no text would be.
import { createRequire } from 'node:module';
import { redactText } from './command.ts';
import { redacted } from './text.ts';

/** Walks a structure in place. */
export type Walk = (value: unknown) => void;

/** Where none of these stands, no structure holds a secret that the plain text does not show. */
const hint =
  /pass|pwd|psk|secret|token|key|cred|auth|bearer|cookie|dsn|connection|jwt|user-?data|env|data|param|command|cmd|arg|:\/\/|config|\[/i;
const mapping = /^[ \t]*(?:- )?["']?[\w./-]{1,128}["']?[ \t]{0,8}:(?:[ \t]|\r?$)/m;
const secretDocument = /\bkind["']?\s{0,8}:[^\S\n]{0,8}(?:[!&][\w!:./-]{0,64}[^\S\n]{1,8}){0,2}["']?Secret(?:List)?\b/;
const base64 = /^[A-Za-z0-9+/_-]{40}[A-Za-z0-9+/_\s-]*={0,2}\s*$/;

/** Longer ones are not parsed but go whole, since YAML is slow to read. In characters. */
const longest = 65_536;
/** Text within text within text. */
const deepest = 4;

export function redactStructured(text: string, walk: Walk, depth = 0): string {
  if (text.length < 8) return redactText(text);
  const first = text.charCodeAt(0);
  if (first === 123 || first === 91 || first <= 32) {
    const kept = redactJson(text, walk, depth);
    if (kept !== undefined) return kept;
  }
  if (text.includes('\n') || secretDocument.test(text)) return redactYaml(text, walk);
  if (text.length >= 44 && base64.test(text)) return redactEncoded(text, walk, depth);
  return redactText(text);
}

/** Undefined where it is no JSON. */
function redactJson(text: string, walk: Walk, depth: number): string | undefined {
  const start = text.trimStart().charAt(0);
  if ((start !== '{' && start !== '[') || !hint.test(text)) return undefined;
  if (depth >= deepest) return redacted;
  try {
    const value: unknown = JSON.parse(text);
    return rewritten(value, walk, JSON.stringify) ?? text;
  } catch {
    return undefined;
  }
}

/** Undefined where nothing was taken out. */
function rewritten(value: unknown, walk: Walk, write: (value: unknown) => string): string | undefined {
  const before = JSON.stringify(value);
  walk(value);
  return JSON.stringify(value) === before ? undefined : write(value);
}

interface Yaml {
  parseAllDocuments(
    text: string,
    options: object,
  ): readonly { readonly errors: readonly unknown[]; toJS(options: object): unknown }[];
  stringify(value: unknown, options?: object): string;
}

let yaml: Yaml | undefined;

/** Loaded with the first text that needs it: a minion hardly ever does. */
function loadYaml(): Yaml {
  yaml ??= createRequire(import.meta.url)('yaml') as Yaml;
  return yaml;
}

function redactYaml(text: string, walk: Walk): string {
  if (!hint.test(text) || !mapping.test(text)) return secretDocument.test(text) ? redacted : redactText(text);
  if (text.length > longest) return redacted;
  const parsed = documentsOf(text);
  if (parsed === undefined) return unparsed(text);
  try {
    const write = (value: unknown) => (value as unknown[]).map((one) => loadYaml().stringify(one)).join('---\n');
    return redactText(rewritten(parsed, walk, write) ?? text);
  } catch {
    return unparsed(text);
  }
}

/** Undefined where it is no YAML, or holds nothing but scalars. */
function documentsOf(text: string): unknown[] | undefined {
  try {
    const documents = loadYaml().parseAllDocuments(text, {
      uniqueKeys: false,
      merge: true,
      logLevel: 'silent',
      schema: 'core',
    });
    if (documents.some(({ errors }) => errors.length > 0)) return undefined;
    return documents.map((document) => document.toJS({ maxAliasCount: 100 }));
  } catch {
    return undefined;
  }
}

/** Document by document: what speaks of a Secret goes whole. */
function unparsed(text: string): string {
  const documents = text.split(/^(?=---)/m);
  return documents.map((one) => (secretDocument.test(one) ? `${redacted}\n` : redactText(one))).join('');
}

/** The secret inside is not cut out but the whole text goes, where there is one. */
function redactEncoded(text: string, walk: Walk, depth: number): string {
  if (depth >= deepest) return redacted;
  const bytes = Buffer.from(text.length > longest ? text.slice(0, 4096) : text, 'base64');
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return redacted;
  const decoded = bytes.toString('utf8');
  if (!isText(decoded)) return redactText(text);
  if (text.length > longest) return decoded.startsWith('-----BEGIN CERT') ? text : redacted;
  return redactStructured(decoded, walk, depth + 1) === decoded ? redactText(text) : redacted;
}

function isText(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they tell bytes from text
  return !/[\u0000-\u0008\u000e-\u001f\ufffd]/.test(text);
}
