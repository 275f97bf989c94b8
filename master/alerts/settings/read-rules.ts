// Parses rules: how findings are reported, and which changes are.

import { isRecord } from '../../../src/fields.ts';
import { declaredFinding } from '../../findings/declared/read.ts';
import { duration, flag, type Place, record, text, told } from '../../yaml/checked.ts';
import { parseChange } from '../changes/change-rule.ts';
import type { AlertRule, FindingAlertRule } from './alert-settings.ts';
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
    const rule = ruleOf(each, place, tell);
    const name = rule && nameOf(rule);
    if (!rule || name === undefined) return rule ?? [];
    if (taken.has(name)) return told(tell, [...place, 'alert'], `another is called ${name}`) ?? [];
    taken.add(name);
    return rule;
  });
}

/** Name of what it reports; undefined for rules about existing findings. */
function nameOf(rule: AlertRule): string | undefined {
  return rule.kind === 'change' ? rule.name : rule.declared?.finding;
}

function ruleOf(value: unknown, place: Place, tell: Tell): AlertRule | undefined {
  if (isRecord(value) && 'change' in value) return changeOf(value, place, tell);
  if (isRecord(value) && 'type' in value) return queryOf(value, place, tell);
  return findingOf(value, place, tell);
}

function findingOf(value: unknown, place: Place, tell: Tell): FindingAlertRule | undefined {
  const read = findingRule(value, place, tell);
  return read && { kind: 'finding', ...read };
}

/** Its own finding, which is then reported. */
function queryOf(value: { readonly [key: string]: unknown }, place: Place, tell: Tell): FindingAlertRule | undefined {
  const { alert, for: wait, end, ...query } = value;
  const times = timesOf(
    { alert, ...(wait === undefined ? {} : { for: wait }), ...(end === undefined ? {} : { end }) },
    place,
    tell,
  );
  const declared = declaredFinding({ finding: alert, ...query }, place, tell);
  if (!times || !declared) return undefined;
  const name = declared.finding;
  return {
    kind: 'finding',
    finding: (each) => each === name,
    severity: declared.severity,
    for: times.for,
    end: times.end,
    declared,
  };
}

const timesOf = record({ alert: word, for: duration(), end: duration() }, ['alert']);

function changeOf(value: unknown, place: Place, tell: Tell) {
  const read = changeRule(value, place, tell);
  if (!read) return undefined;
  const { alert, change: parsedChange, severity: said = 'medium', ...rest } = read;
  return { kind: 'change' as const, ...rest, ...parsedChange, name: alert, severity: said };
}
