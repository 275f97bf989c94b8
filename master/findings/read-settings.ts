// Parses the settings of findings from YAML or JSON: acceptances and allowed registries. An invalid entry is skipped and
// reported with its place.
import { isRecord } from '../../src/fields.ts';
import { yaml } from '../../src/yaml.ts';
import { compileSelector } from '../graph/model/label-selector.ts';
import { parseLabelSelector } from '../graph/model/parse-label-selector.ts';
import { parseWildcards } from '../graph/questions/wildcard.ts';
import type { AcceptanceRule } from './acceptance.ts';
import type { FindingSettings } from './finding-settings.ts';

export interface SettingsFault {
  /** File and path: `findings.yaml: accept[2].until`. */
  readonly at: string;
  readonly message: string;
}

export interface ReadSettings {
  readonly settings: FindingSettings;
  readonly faults: readonly SettingsFault[];
}

export interface SettingsText {
  readonly file: string;
  readonly text: string;
}

/** Maximum entries of one kind. */
const most = 2_000;
const sections = ['accept', 'registries', 'notByAnnotation'] as const;

interface Reading {
  readonly accept: AcceptanceRule[];
  readonly registries: string[];
  readonly guarded: string[];
  readonly faults: SettingsFault[];
}

export function readFindingSettings(texts: readonly SettingsText[], now: number): ReadSettings {
  const reading: Reading = { accept: [], registries: [], guarded: [], faults: [] };
  for (const { file, text } of texts)
    for (const value of documentsIn(file, text, reading)) readDocument(file, value, reading, now);
  const { accept, registries, guarded, faults } = reading;
  const isGuarded = guarded.length > 0 ? parseWildcards(guarded.join(','), 'notByAnnotation') : () => false;
  return { settings: { accept, registries, acceptsByAnnotation: (name) => !isGuarded(name) }, faults };
}

function* documentsIn(file: string, text: string, { faults }: Reading): Generator<unknown> {
  const documents = yaml().parseAllDocuments(text, { logLevel: 'silent', prettyErrors: false });
  for (const document of Array.isArray(documents) ? documents : []) {
    const [error] = document.errors;
    if (error) faults.push({ at: file, message: error.message });
    else yield document.toJS({ maxAliasCount: 100 });
  }
}

function readDocument(file: string, value: unknown, reading: Reading, now: number): void {
  if (value === null || value === undefined) return;
  if (!isRecord(value))
    return void reading.faults.push({ at: file, message: `it is not a map of ${sections.join(', ')}` });
  for (const name of Object.keys(value)) {
    if (!sections.some((each) => each === name))
      reading.faults.push({
        at: `${file}: ${name}`,
        message: `there is no such key; there are ${sections.join(', ')}`,
      });
  }
  listAt(value, 'accept', file, reading).forEach((each, at) => readEntry(file, at, each, reading, now));
  reading.registries.push(...textsAt(value, 'registries', file, reading));
  reading.guarded.push(...textsAt(value, 'notByAnnotation', file, reading));
}

function listAt(
  value: { readonly [name: string]: unknown },
  name: string,
  file: string,
  { faults }: Reading,
): readonly unknown[] {
  const list = value[name];
  if (list === undefined) return [];
  if (Array.isArray(list) && list.length <= most) return list as unknown[];
  faults.push({ at: `${file}: ${name}`, message: `it is not a list of at most ${most}` });
  return [];
}

function textsAt(value: { readonly [name: string]: unknown }, name: string, file: string, reading: Reading): string[] {
  return listAt(value, name, file, reading).flatMap((each, at) => {
    if (typeof each === 'string' && /^[^\s,]+$/.test(each)) return [each];
    reading.faults.push({ at: `${file}: ${name}[${at}]`, message: 'it is not a word' });
    return [];
  });
}

const keys = ['finding', 'type', 'namespace', 'name', 'labels', 'until', 'reason'] as const;
type Key = (typeof keys)[number];

function readEntry(file: string, at: number, value: unknown, { accept, faults }: Reading, now: number): void {
  const place = `accept[${at}]`;
  const say = (key: string, message: string) =>
    void faults.push({ at: `${file}: ${place}${key && `.${key}`}`, message });
  if (!isRecord(value)) return say('', 'it is not a map such as {finding: image-mutable, reason: a lab}');
  for (const key of Object.keys(value)) {
    if (!keys.some((each) => each === key)) return say(key, `there is no such key; there are ${keys.join(', ')}`);
    if (typeof value[key] !== 'string' && !(value[key] instanceof Date)) return say(key, 'it is not text');
  }
  const said = value as { readonly [key in Key]?: string };
  if (!said.finding) return say('finding', 'it is missing: which finding is accepted? `*` is all of them');
  if (!said.reason) return say('reason', 'it is missing: why is it lived with?');
  const until = said.until === undefined ? undefined : Date.parse(said.until);
  if (until !== undefined && Number.isNaN(until)) return say('until', 'it is not a date such as 2027-03-01');
  try {
    const { finding: names, reason } = said as { readonly finding: string; readonly reason: string };
    const by = `${place} of ${file.split('/').at(-1)}`;
    accept.push({ by, reason, until, names, finding: parseWildcards(names, 'finding'), matches: testOf(said) });
  } catch (error) {
    say('', (error as Error).message);
  }
  if (until !== undefined && until <= now) say('until', `${said.until} has passed: it accepts nothing any more`);
}

/** @throws Fault `bad_parameter`. */
function testOf({ type, namespace, name, labels }: { readonly [key in Key]?: string }): AcceptanceRule['matches'] {
  const types = type === undefined ? undefined : parseWildcards(type, 'type');
  const namespaces = namespace === undefined ? undefined : parseWildcards(namespace, 'namespace');
  const names = name === undefined ? undefined : parseWildcards(name, 'name');
  const selector = labels === undefined ? undefined : compileSelector(parseLabelSelector(labels));
  return (resource) =>
    (types?.(resource.type) ?? true) &&
    (namespaces?.(resource.namespace) ?? true) &&
    (names?.(resource.name) ?? true) &&
    (selector?.matches(resource.labels) ?? true);
}
