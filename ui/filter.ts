// What is shown of the loaded data: by kind, state, label, text. Families of relations are chosen separately.
import type { Resource } from '../src/model.ts';
import { kindOf, namespaceOf, stateOf } from './words.ts';

export interface Filter {
  /** Kinds to show, by their usual names; empty for all. */
  readonly kinds: readonly string[];
  readonly health: readonly string[];
  readonly namespaces: readonly string[];
  /** `app=web,tier!=db,canary,!old`. */
  readonly label: string;
  readonly text: string;
}

export function isNarrowed({ kinds, health, namespaces, label, text }: Filter): boolean {
  return kinds.length + health.length + namespaces.length > 0 || label !== '' || text !== '';
}

type Test = (resource: Resource) => boolean;

export function filterOf({ kinds, health, namespaces, label, text }: Filter): Test | undefined {
  const tests: Test[] = [];
  if (kinds.length > 0) tests.push(({ type }) => kinds.includes(type) || kinds.includes(kindOf(type)));
  if (health.length > 0) tests.push((resource) => health.includes(stateOf(resource)));
  if (namespaces.length > 0) tests.push(({ id }) => namespaces.includes(namespaceOf(id)));
  const labels = label.split(',').flatMap(termOf);
  if (labels.length > 0) tests.push((resource) => labels.every((holds) => holds(labelsOf(resource))));
  const wanted = text.trim().toLowerCase();
  if (wanted !== '') tests.push(({ id, annotations }) => `${id} ${annotations.label}`.toLowerCase().includes(wanted));
  return tests.length === 0 ? undefined : (resource) => tests.every((holds) => holds(resource));
}

type Labels = { readonly [key: string]: unknown };

function termOf(text: string): ((labels: Labels) => boolean)[] {
  const term = text.trim();
  if (term === '' || term === '!') return [];
  const parts = /^([^!=]+)(!=|==?)(.*)$/.exec(term);
  if (!parts) return term.startsWith('!') ? [(labels) => !has(labels, term.slice(1))] : [(labels) => has(labels, term)];
  const [, key = '', sign, value = ''] = parts;
  const isSame = (labels: Labels) => has(labels, key.trim()) && String(labels[key.trim()]) === value.trim();
  return [sign === '!=' ? (labels) => !isSame(labels) : isSame];
}

function has(labels: Labels, key: string): boolean {
  return Object.hasOwn(labels, key);
}

export function labelsOf({ properties }: Pick<Resource, 'properties'>): Labels {
  const { metadata } = (properties ?? {}) as { metadata?: { labels?: unknown } };
  const labels = metadata?.labels;
  return typeof labels === 'object' && labels !== null ? (labels as Labels) : {};
}
