// Generates the tables of findings from the registry.
import { type FindingGroup, type FindingRule, findingGroups } from './finding-rule.ts';
import { findingRules } from './index.ts';

const titles: { readonly [group in FindingGroup]: string } = {
  traffic: 'Traffic',
  configuration: 'Configuration and storage',
  workloads: 'Workloads and availability',
  scaling: 'Scaling',
  access: 'Security and access',
  policies: 'Network policies',
  nodes: 'Nodes and capacity',
  lifecycle: 'Lifecycle and leftovers',
  delivery: 'Delivery, certificates, admission, APIs and images',
  own: 'Your own',
};

const letters = { broken: 'broken', risk: 'risk', advice: 'advice' } as const;

/** The generated part of `docs/findings.md`. */
export function findingTables(): string {
  const counted = `${findingRules.length} findings. **M**: counted since the program started; not available for the past or for files. **1/min**: computed at most once a minute; \`asOf\` says when.`;
  return [counted, ...findingGroups.flatMap(sectionOf)].join('\n\n');
}

function sectionOf(group: FindingGroup): string[] {
  const rules = findingRules.filter((rule) => rule.group === group);
  if (rules.length === 0) return [];
  const head = '| finding | class, severity | found when | what to do |\n|---|---|---|---|';
  return [`### ${titles[group]}`, [head, ...rules.map(rowOf)].join('\n')];
}

function rowOf(rule: FindingRule): string {
  const marks = [...('over' in rule ? ['1/min'] : []), ...(rule.remembers ? ['M'] : [])];
  const name = `[\`${rule.name}\`](${rule.link})${marks.length > 0 ? ` ${marks.join(' ')}` : ''}`;
  return `| ${name} | ${letters[rule.class]}, ${rule.severity} | ${cell(rule.sentence)} | ${cell(rule.remedy)} |`;
}

/** In a table a bar would end the cell, and `<` would start a tag. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}
