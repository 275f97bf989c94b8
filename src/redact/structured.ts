// Texts with a structure: JSON, YAML, or either in base64. The structure is redacted like any other.
import { createRequire } from 'node:module';
import { redactText } from './command.ts';
import { redacted } from './text.ts';

/** Redacts a structure in place. */
export type Walk = (value: unknown) => void;

/** Without any of these a structure contains no secret that the plain text does not show. */
const hint =
  /pass|pwd|psk|secret|token|key|cred|auth|bearer|cookie|dsn|connection|jwt|user-?data|env|data|param|command|cmd|arg|:\/\/|config|\[/i;
const mapping = /^[ \t]*(?:- )?["']?[\w./-]{1,128}["']?[ \t]{0,8}:(?:[ \t]|\r?$)/m;
const secretDocument = /\bkind["']?\s{0,8}:[^\S\n]{0,8}(?:[!&][\w!:./-]{0,64}[^\S\n]{1,8}){0,2}["']?Secret(?:List)?\b/;
const base64 = /^[A-Za-z0-9+/_-]{40}[A-Za-z0-9+/_\s-]*={0,2}\s*$/;

/** Longer texts are removed entirely, because YAML is slow to parse. In characters. */
const longest = 65_536;
/** Maximum nesting of texts within texts. */
const deepest = 4;

export function redactStructured(text: string, walk: Walk, depth = 0): string {
  // It looks like a list, and each that is parsed as one costs an exception.
  if (text === redacted) return text;
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

/** Undefined if it is not JSON. */
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

/** Undefined if nothing was removed. */
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

/** Loaded on first use: a minion hardly ever needs it. */
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

/** Undefined if it is not YAML or only scalars. */
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

/** By document: removes those that mention a Secret. */
function unparsed(text: string): string {
  const documents = text.split(/^(?=---)/m);
  return documents.map((one) => (secretDocument.test(one) ? `${redacted}\n` : redactText(one))).join('');
}

/** Removes the whole text if it contains a secret. */
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
