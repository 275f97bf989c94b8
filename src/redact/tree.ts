// Redacts anything in place: settings, command lines, annotations, fields with a secret's name, nested objects and all
// text. It lists what may stay, not what must go.
import { type Fields, fieldsOf, listOf } from '../fields.ts';
import { redactArguments, redactText, redactTexts } from './command.ts';
import { classOf } from './keys.ts';
import { secretName } from './names.ts';
import { redactStructured } from './structured.ts';
import { isHarmlessValue, isMode, redacted } from './text.ts';

/** Any text: its structure is walked, the rest is judged as words. */
export function redactAnyText(text: string): string {
  return redactStructured(text, redactTree);
}

/** Current depth. The walk never awaits, so there is only one at a time. */
let level = 0;
/** Deeper than any object or answer. Unvisited values do not stay. */
const deepest = 256;

/** Visits `value` one level deeper with `walk`. */
function descend<T extends object>(value: T, walk: (value: T) => void): void {
  if (level >= deepest) return empty(value);
  level++;
  try {
    walk(value);
  } finally {
    level--;
  }
}

export function redactTree(value: unknown): void {
  if (Array.isArray(value)) descend(value, redactList);
  else if (typeof value === 'object' && value !== null) descend(value as Fields, redactFields);
}

function empty(value: object): void {
  if (Array.isArray(value)) value.length = 0;
  else for (const key in value) delete (value as Fields)[key];
}

function redactList(list: unknown[]): void {
  if (list.length > 1 && list.every((item) => typeof item === 'string')) redactTexts(list);
  for (let i = 0; i < list.length; i++) {
    const item: unknown = list[i];
    if (typeof item === 'string') list[i] = redactAnyText(item);
    else if (typeof item === 'object') redactTree(item);
  }
}

function redactFields(fields: Fields): void {
  if (typeof fields.kind === 'string') redactKind(fields, fields.kind);
  redactPair(fields);
  const done = redactCommand(fields);
  for (const key in fields) if (done === undefined || !done.includes(key)) redactField(fields, key);
}

export function redactField(fields: Fields, key: string): void {
  const value = fields[key];
  const judged = classOf(key);
  if (judged !== 'rename' && (typeof value === 'boolean' || value === null || value === undefined)) return;
  if (judged === 'secret') fields[key] = scrubbed(value, key);
  else if (judged === 'copy' && typeof value === 'string') fields[key] = redacted;
  else if (judged === 'rename') rename(fields, key);
  else if (typeof value === 'string')
    fields[key] = judged === 'arguments' ? redactText(value, true) : redactAnyText(value);
  else if (typeof value === 'object' && value !== null) descend(value, (below) => redactBelow(below, judged, key));
}

function redactBelow(value: object, judged: ReturnType<typeof classOf>, key: string): void {
  if (judged === 'environment') return redactEnvironment(value);
  if (judged === 'annotations' && !Array.isArray(value)) return redactAnnotations(value);
  if (judged === 'arguments' && Array.isArray(value)) redactArguments(value);
  if (judged === 'parameters' && Array.isArray(value)) redactEnv(value);
  // The Secret that an operator will create: `template: { type, data }`.
  if (key === 'template') scrubFields(fieldsOf((value as Fields).data));
  redactTree(value);
}

function rename(fields: Fields, key: string): void {
  const kept = redactText(key);
  const value = fields[key];
  delete fields[key];
  fields[kept] = typeof value === 'string' ? redactAnyText(value) : value;
  redactTree(value);
}

/** A nested Secret or ConfigMap keeps the names of its keys. */
function redactKind(fields: Fields, kind: string): void {
  if (kind === 'Secret' || kind === 'ConfigMap') {
    fields.data = scrubbed(fields.data, 'data', true);
    fields.binaryData = scrubbed(fields.binaryData, 'binaryData', true);
    fields.stringData = scrubbed(fields.stringData, 'stringData', true);
    for (const key of ['data', 'binaryData', 'stringData']) if (fields[key] === undefined) delete fields[key];
  } else if (kind === 'SecretList' || kind === 'ConfigMapList') {
    for (const item of listOf(fields.items)) {
      const one = fieldsOf(item);
      if (one) redactKind(one, kind.slice(0, -'List'.length));
    }
  }
}

const nameFields = ['name', 'key', 'Name', 'Key', 'parameter', 'param', 'header', 'variable', 'id'] as const;
const valueField = /^(?:val|string|text|content|data|default|map|array|list|literal)/i;

/** `{ name: 'password', value: … }`, as in parameters, headers and settings. A selector is recognized by its `operator`. */
function redactPair(fields: Fields): void {
  for (const name of nameFields) {
    const said = fields[name];
    if (typeof said !== 'string' || !secretName(said) || 'operator' in fields) continue;
    redactValues(fields);
    return;
  }
}

function redactValues(fields: Fields): void {
  for (const key in fields)
    if (valueField.test(key) && key !== 'valueFrom') fields[key] = scrubbed(fields[key], key, true);
}

const commandLines = [
  ['command', 'args'],
  ['Command', 'Args'],
  ['Path', 'Args'],
  ['Entrypoint', 'Cmd'],
  ['entrypoint', 'cmd'],
] as const;

/** Both form one command line: a flag may end one and its value start the other. */
function redactCommand(fields: Fields): readonly string[] | undefined {
  for (const pair of commandLines) {
    const [first, second] = [fields[pair[0]], fields[pair[1]]];
    if (!Array.isArray(second) || (!Array.isArray(first) && typeof first !== 'string')) continue;
    const start = typeof first === 'string' ? [first] : first;
    redactArguments(start, second);
    if (typeof first === 'string') fields[pair[0]] = start[0];
    return pair;
  }
  return undefined;
}

/** `[{ name, value }]` of Kubernetes, `[{ key, value }]` of CRI, `['NAME=value']` of Docker. `valueFrom` stays. */
export function redactEnv(env: unknown): void {
  if (!Array.isArray(env)) return;
  for (let i = 0; i < env.length; i++) {
    const entry: unknown = env[i];
    if (typeof entry === 'string') env[i] = redactSetting(entry);
    else if (Array.isArray(entry)) redactTree(entry);
    else if (typeof entry === 'object' && entry !== null) redactEnvEntry(entry as Fields);
  }
}

function redactEnvEntry(entry: Fields): void {
  for (const key in entry) {
    if (key === 'value') entry.value = redacted;
    else if (key === 'name' || key === 'valueFrom') continue;
    else if (valueField.test(key)) entry[key] = scrubbed(entry[key], key, true);
    else redactField(entry, key);
  }
}

function redactSetting(entry: string): string {
  const equals = entry.indexOf('=');
  return equals < 0 ? entry : `${entry.slice(0, equals)}=${redacted}`;
}

/** A list, or a map as in some custom resources. */
function redactEnvironment(env: object): void {
  if (Array.isArray(env)) return redactEnv(env);
  const map = env as Fields;
  for (const name in map) map[name] = isReference(map[name]) ? map[name] : scrubbed(map[name], name, true);
}

/** Fields of references to other objects; the case of the first letter is ignored. */
const referenceFields = new Set(
  'name namespace key kind apiversion apigroup group version optional uid gid id mode secretname items defaultmode fieldpath path audience expirationseconds'.split(
    ' ',
  ),
);

/** `{ name, key }`: tells where a secret is. */
function isReference(value: unknown, depth = 0): boolean {
  const fields = fieldsOf(value);
  if (!fields || depth > 4) return false;
  let named = false;
  for (const key in fields) {
    if (isReferenceField(key) && isReference(fields[key], depth + 1)) named = true;
    else if (!referenceFields.has(key.toLowerCase())) return false;
    else if (/^(?:secret)?name$|^audience$|^expirationSeconds$/i.test(key) || fields.path !== undefined) named = true;
  }
  return named;
}

function isReferenceField(key: string): boolean {
  return /(?:Ref|Refs|Reference|From)$/.test(key);
}

/**
 * The parts of a secret field that may stay: references, booleans, and texts that stand for a secret. `all`: removes every
 * text.
 */
function scrubbed(value: unknown, key: string, all = false): unknown {
  if (typeof value === 'string')
    return value === '' || (!all && (isHarmlessValue(value) || isMode(key, value))) ? value : redacted;
  if (typeof value === 'number' || typeof value === 'bigint') return redacted;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) descend(value, (list) => scrubList(list, all));
  else if (isReference(value)) redactTextsOf(value as Fields);
  else descend(value, (fields) => scrubFields(fields, all));
  return value;
}

function scrubList(list: unknown[], all: boolean): void {
  for (let i = 0; i < list.length; i++) list[i] = scrubbed(list[i], '', all);
}

function scrubFields(value: object | undefined, all = true): void {
  const fields = fieldsOf(value);
  for (const key in fields) {
    if (isReferenceField(key) && keepsReference(fields[key])) continue;
    if (/^(?:existing)?secretName$/i.test(key) && typeof fields[key] === 'string') continue;
    fields[key] = scrubbed(fields[key], key, all);
  }
}

function keepsReference(value: unknown): boolean {
  return Array.isArray(value) ? value.every((one) => isReference(one)) : isReference(value);
}

/** A name may be a URL with a password. */
function redactTextsOf(fields: Fields): void {
  for (const key in fields) {
    const value = fields[key];
    if (typeof value === 'string') fields[key] = redactText(value);
    else redactTree(value);
  }
}

/** Annotations of ingress controllers whose last word is `secret` name one. */
const namesSecret = /(?:ingress[\w.-]*|haproxy[\w.-]*|nginx\.org|konghq\.com|projectcontour\.io)\/[\w.-]*secrets?$/;
const objectName = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(?:\/[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?)?$/;

/** Annotations, or labels of a runtime that contain them. */
export function redactAnnotations(annotations: unknown): void {
  const entries = fieldsOf(annotations);
  if (!entries) return;
  for (const key in entries) {
    const value = entries[key];
    if (typeof value === 'string') {
      const kept = redactAnnotation(key, value);
      if (kept !== value) entries[key] = kept;
    } else redactField(entries, key);
  }
}

function redactAnnotation(key: string, value: string): string {
  const judged = classOf(key);
  if (judged === 'copy' || isCopy(value)) return redacted;
  if (judged === 'secret' && !isHarmlessValue(value) && !(namesSecret.test(key) && objectName.test(value)))
    return redacted;
  return redactAnyText(value);
}

/** A text that is a copy of a whole object, by its content. */
function isCopy(value: string): boolean {
  return value.charCodeAt(0) === 123 && value.includes('"kind"') && value.includes('"apiVersion"');
}
