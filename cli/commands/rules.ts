// `rules`: built-in and user-defined rules for relations, and their results for given objects.
import type { RuleFault } from '../../master/relations/declared/read.ts';
import type { Rule } from '../../master/relations/relation.ts';
import { didYouMean } from '../../src/nearest.ts';
import type { Call, Command } from '../command.ts';
import { exitStatus, notThere, usageFailure } from '../failure.ts';
import type { Output } from '../print/output.ts';
import { printTable } from '../print/table.ts';
import { builtInRules, declaredFindingsIn, madeBy, ruleOf, rulesIn, sortedFiles, soundRulesIn } from '../read/rules.ts';

export const rules = {
  name: 'rules',
  position: 9,
  summary: 'The rules that relations are made by, and what rules of your own would make',
  usage: '(list | explain NAME | check -f RULES -f OBJECTS)',
  description: [
    'list shows every rule, those of --rules among them; explain says all of one. check reads rules and',
    'objects out of the files, says which rules are at fault and where, and what each would make of the objects,',
    'or why nothing. Exit status 1 if a rule is at fault, or none is of that name.',
  ],
  options: [],
  places: ['filename', 'rules', 'help'],
  examples: [
    { line: 'rules list', words: 'Every rule, with what it reads' },
    { line: 'rules explain ingress-class-name', words: 'One rule: its fields, its sentence' },
    { line: 'rules check -f rules.yaml -f objects.yaml', words: 'What rules of your own would make of objects' },
  ],
  run,
} as const satisfies Command;

async function run(call: Call): Promise<number> {
  const [what, name, ...rest] = call.words;
  if (rest.length > 0) throw usageFailure(`rules: ${rest[0]} is one word too many`);
  if (what === 'check' && name === undefined) return check(call);
  const own = soundRulesIn(call.values.rules ?? [], call.warn).map((declaration) => ruleOf(declaration));
  const all = [...builtInRules, ...own];
  if (what === 'list' && name === undefined) return list(call.output, all);
  if (what === 'explain' && name !== undefined) return explain(call.output, all, name);
  throw usageFailure('rules takes one of: list, explain NAME, check -f RULES -f OBJECTS');
}

async function list(output: Output, all: readonly Rule[]): Promise<number> {
  const rows = all.map(({ name, relation, reads, target }) =>
    [name, reads.join(','), relation, target.join(',')].map((text) => ({ text })),
  );
  await printTable(output, ['NAME', 'READS', 'RELATION', 'TARGET'], rows);
  return exitStatus.answered;
}

function namesOf(all: readonly Rule[]): string[] {
  return all.map(({ name }) => name);
}

async function explain(output: Output, all: readonly Rule[], name: string): Promise<number> {
  const rule = all.find((each) => each.name === name);
  if (!rule) throw notThere(`no rule is called ${name}${didYouMean(name, namesOf(all)) || '; rules list shows all'}`);
  const suffers = rule.dependence === 'none' ? 'neither end' : `the ${rule.dependence}`;
  const lines = [
    `${rule.name}: ${rule.sentence}`,
    `  reads     ${rule.reads.join(', ')}`,
    `  fields    ${rule.fields.join(', ')}`,
    `  makes     ${rule.source.join(', ')} ${rule.relation} ${rule.target.join(', ')}`,
    `  depends   ${suffers} suffers when the other goes`,
  ];
  for (const line of lines) await output.line(line);
  return exitStatus.answered;
}

async function check({ values, output }: Call): Promise<number> {
  const { ruleFiles, objects } = sortedFiles(values.filename ?? []);
  const paths = [...ruleFiles, ...(values.rules ?? [])];
  if (paths.length === 0) throw usageFailure('rules check: no rules are in the files: give -f RULES -f OBJECTS');
  const { declarations, faults: ofRules } = rulesIn(paths);
  const { findings, faults: ofFindings } = declaredFindingsIn(paths);
  const faults = [...ofRules, ...ofFindings];
  for (const fault of faults) await output.line(faultLine(fault));
  for (const declaration of declarations) {
    const rule = ruleOf(declaration);
    for (const line of madeBy(rule, objects)) await output.line(line);
  }
  for (const { finding, class: kind, severity } of findings) await output.line(`${finding}: ${severity}, ${kind}`);
  return faults.length > 0 ? exitStatus.no : exitStatus.answered;
}

function faultLine({ file, line, message }: RuleFault): string {
  return `${file}:${line}: ${message}`;
}
