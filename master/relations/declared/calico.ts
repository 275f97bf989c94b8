// Selectors in Calico's language, as far as label selectors can express them: terms joined by `&&`.
import type { LabelSelector } from '../../../src/model.ts';

type Requirement = NonNullable<LabelSelector['matchExpressions']>[number];

const key = String.raw`([\w./-]+)`;
const text = String.raw`(?:'([^']*)'|"([^"]*)")`;
const compare = new RegExp(`^${key}\\s*(==|!=)\\s*${text}$`);
const among = new RegExp(`^${key}\\s+(in|not in)\\s*\\{([^{}]*)\\}$`);
const has = new RegExp(`^(!?)\\s*has\\(\\s*${key}\\s*\\)$`);
const mostText = 4096;

/** Undefined if it selects nothing or cannot be expressed: what is not understood selects nothing. */
export function calicoSelector(value: unknown, empty: 'all' | 'none'): LabelSelector | undefined {
  if (typeof value !== 'string' || value.length > mostText) return undefined;
  const said = value.trim();
  if (said === '') return empty === 'all' ? {} : undefined;
  const terms = said.split('&&').map((term) => term.trim());
  const read = terms.map(requirementOf);
  const sound = read.filter((each) => each !== undefined).flat();
  return read.every((each) => each !== undefined) ? matching(sound) : undefined;
}

function matching(matchExpressions: Requirement[]): LabelSelector {
  return matchExpressions.length > 0 ? { matchExpressions } : {};
}

function requirementOf(term: string): Requirement[] | undefined {
  if (/^all\(\s*\)$/.test(term)) return [];
  const [, compared, operator, single, double] = compare.exec(term) ?? [];
  if (compared) {
    const values = [single ?? double ?? ''];
    return [{ key: compared, operator: operator === '==' ? 'In' : 'NotIn', values }];
  }
  const [, listed, way, list] = among.exec(term) ?? [];
  if (listed) {
    const values = list?.split(',').map((each) => new RegExp(`^${text}$`).exec(each.trim()));
    if (!values?.every((each) => each !== null)) return undefined;
    const texts = values.map((each) => each[1] ?? each[2] ?? '');
    return [{ key: listed, operator: way === 'in' ? 'In' : 'NotIn', values: texts }];
  }
  const [, not, present] = has.exec(term) ?? [];
  return present ? [{ key: present, operator: not === '!' ? 'DoesNotExist' : 'Exists' }] : undefined;
}
