// Label and field selectors of lists and watches.
import type { KubernetesObject } from '../../model.ts';
import { readMetadata, type Stored } from './bytes.ts';
import { badRequest } from './status.ts';

export type Filter = (stored: Stored) => boolean;
type Labels = Readonly<Record<string, string>>;
type LabelTest = (labels: Labels) => boolean;

const name = '[A-Za-z0-9](?:[A-Za-z0-9_./-]*[A-Za-z0-9])?';
const value = '(?:[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?)?';
const setBased = new RegExp(`^\\s*(${name})\\s+(in|notin)\\s+\\(([^()]*)\\)\\s*$`);
const equality = new RegExp(`^\\s*(${name})\\s*(==|=|!=)\\s*(${value})\\s*$`);
const existence = new RegExp(`^\\s*(!?)\\s*(${name})\\s*$`);

/** Parses a label selector; 400 if invalid. */
export function labelFilter(selector: string): Filter | undefined {
  if (selector.trim() === '') return undefined;
  const tests = splitRequirements(selector).map((requirement) => labelTest(requirement));
  return (stored) => {
    const labels = readMetadata(stored).labels ?? {};
    return tests.every((test) => test(labels));
  };
}

/** Splits at commas outside of parentheses. */
function splitRequirements(selector: string): string[] {
  return selector.split(/,(?![^(]*\))/);
}

function labelTest(requirement: string): LabelTest {
  return setTest(requirement) ?? equalityTest(requirement) ?? existenceTest(requirement) ?? unparsable(requirement);
}

function setTest(requirement: string): LabelTest | undefined {
  const [, key = '', operator, list = ''] = setBased.exec(requirement) ?? [];
  if (!operator) return undefined;
  const values = new Set(list.split(',').map((item) => item.trim()));
  const inside: LabelTest = (labels) => Object.hasOwn(labels, key) && values.has(labels[key] ?? '');
  return operator === 'in' ? inside : (labels) => !inside(labels);
}

function equalityTest(requirement: string): LabelTest | undefined {
  const [, key = '', operator, wanted = ''] = equality.exec(requirement) ?? [];
  if (!operator) return undefined;
  const equal: LabelTest = (labels) => Object.hasOwn(labels, key) && labels[key] === wanted;
  return operator === '!=' ? (labels) => !equal(labels) : equal;
}

function existenceTest(requirement: string): LabelTest | undefined {
  const [, not, key] = existence.exec(requirement) ?? [];
  if (!key) return undefined;
  return not ? (labels) => !Object.hasOwn(labels, key) : (labels) => Object.hasOwn(labels, key);
}

function unparsable(requirement: string): never {
  throw badRequest(`unable to parse requirement: found '${requirement.trim()}', expected: identifier`);
}

/** Selectable fields besides `metadata.name` and `metadata.namespace`, which all kinds have. */
const fields: { readonly [resource: string]: readonly string[] } = {
  pods: ['spec.nodeName', 'spec.restartPolicy', 'spec.serviceAccountName', 'status.phase', 'status.podIP'],
  events: [
    'involvedObject.kind',
    'involvedObject.namespace',
    'involvedObject.name',
    'involvedObject.uid',
    'reason',
    'type',
  ],
  secrets: ['type'],
  namespaces: ['status.phase'],
  nodes: ['spec.unschedulable'],
  services: ['spec.clusterIP', 'spec.type'],
  'jobs.batch': ['status.successful'],
};

/** Parses a field selector for `resource` (`pods`, `jobs.batch`); 400 for an unknown field. */
export function fieldFilter(selector: string, resource: string): Filter | undefined {
  if (selector.trim() === '') return undefined;
  const tests = selector.split(',').map((requirement) => fieldTest(requirement, resource));
  return (stored) => tests.every((test) => test(stored));
}

function fieldTest(requirement: string, resource: string): Filter {
  const [, field = '', operator, wanted = ''] = /^\s*([^=!\s]+)\s*(==|=|!=)(.*)$/.exec(requirement) ?? [];
  if (!operator) throw badRequest(`invalid selector: '${requirement}'; can't understand '${requirement}'`);
  const get = fieldOf(field, resource);
  return operator === '!=' ? (stored) => get(stored) !== wanted : (stored) => get(stored) === wanted;
}

function fieldOf(field: string, resource: string): (stored: Stored) => string {
  if (field === 'metadata.name') return (stored) => stored.name;
  if (field === 'metadata.namespace') return (stored) => stored.namespace;
  if (!fields[resource]?.includes(field)) throw badRequest(`field label not supported: ${field}`);
  const path = field.split('.');
  return (stored) => pluck(JSON.parse(stored.bytes.toString()) as KubernetesObject, path);
}

function pluck(object: KubernetesObject, path: readonly string[]): string {
  let at: unknown = object;
  for (const step of path) at = (at as { [key: string]: unknown } | undefined | null)?.[step];
  return at === undefined || at === null ? '' : String(at);
}

/** Combines both filters; undefined if everything passes. */
export function both(a: Filter | undefined, b: Filter | undefined): Filter | undefined {
  if (!a || !b) return a ?? b;
  return (stored) => a(stored) && b(stored);
}
