// Reads of what is to be told: how findings are told, and which changes are.
import { parseChange } from '../changes/change-rule.ts';
import type { AlertRule, FindingAlertRule } from './alert-settings.ts';
import { duration, flag, type Place, record, text } from './checked.ts';
import { httpUrl, names, parsed, severity, type Tell, word } from './words.ts';

const minute = 60_000;

const findingRule = record(
  { finding: names, namespace: names, for: duration(), end: duration(), severity, never: flag },
  ['finding'],
);
const changeRule = record(
  {
    alert: word,
    change: parsed((said) => ({ ...parseChange(said), said })),
    severity,
    sentence: text(/^[^\n]+$/, 'a sentence on one line'),
    remedy: text(/^[^\n]+$/, 'a sentence on one line'),
    link: httpUrl,
    for: duration(),
    lasts: duration(minute),
  },
  ['alert', 'change'],
);

export function rulesIn(value: unknown, tell: Tell): readonly AlertRule[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) {
    tell({ place: ['alerts'], message: 'must be a list' });
    return [];
  }
  const taken = new Set<string>();
  return (value as unknown[]).flatMap((each, at) => {
    const place = ['alerts', at];
    const rule = isChange(each) ? changeOf(each, place, tell) : findingOf(each, place, tell);
    if (rule?.kind !== 'change') return rule ?? [];
    const isTaken = taken.has(rule.name);
    if (isTaken) tell({ place: [...place, 'alert'], message: `another is called ${rule.name}` });
    taken.add(rule.name);
    return isTaken ? [] : rule;
  });
}

function isChange(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'change' in value;
}

function findingOf(value: unknown, place: Place, tell: Tell) {
  const read = findingRule(value, place, tell);
  return read && ({ kind: 'finding', ...read } satisfies FindingAlertRule);
}

function changeOf(value: unknown, place: Place, tell: Tell) {
  const read = changeRule(value, place, tell);
  if (!read) return undefined;
  const { alert, change: parsedChange, severity: said = 'medium', ...rest } = read;
  return { kind: 'change' as const, ...rest, ...parsedChange, name: alert, severity: said };
}
