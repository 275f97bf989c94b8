// `rules`: the rules of relations, built in and of the user's own, and what those would make of given objects.
import { isAsked } from '../../master/ingest/rules-of-type.ts';
import { ruleOf } from '../../master/relations/declared/compile.ts';
import type { RuleFault } from '../../master/relations/declared/read.ts';
import { rules as builtIn } from '../../master/relations/index.ts';
import type { End, Reference, Rule } from '../../master/relations/relation.ts';
import { isRecord } from '../../src/fields.ts';
import { resourceId, typeOfReference } from '../../src/ids.ts';
import type { KubernetesObject } from '../../src/model.ts';
import { readRuleFiles } from '../../src/rule-files.ts';
import type { Call, Command } from '../command.ts';
import { exitStatus, notThere, usageFailure } from '../failure.ts';
import type { Output } from '../print/output.ts';
import { printTable } from '../print/table.ts';
import { documentsOf } from '../read/documents.ts';
import { rulesIn, soundRulesIn } from '../read/rules.ts';

export const rules = {
  name: 'rules',
  position: 6,
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
  const own = soundRulesIn(call.values.rules ?? [], call.warn).map(ruleOf);
  const all = [...builtIn, ...own];
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

async function explain(output: Output, all: readonly Rule[], name: string): Promise<number> {
  const rule = all.find((each) => each.name === name);
  if (!rule) throw notThere(`no rule is called ${name}; rules list shows all`);
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
  const { ruleFiles, objects } = sorted(values.filename ?? []);
  const paths = [...ruleFiles, ...(values.rules ?? [])];
  if (paths.length === 0) throw usageFailure('rules check: no rules are in the files: give -f RULES -f OBJECTS');
  const { declarations, faults } = rulesIn(paths);
  for (const fault of faults) await output.line(faultLine(fault));
  for (const declaration of declarations) {
    const rule = ruleOf(declaration);
    for (const line of linesOf(rule, objects)) await output.line(line);
  }
  return faults.length > 0 ? exitStatus.no : exitStatus.answered;
}

function faultLine({ file, line, message }: RuleFault): string {
  return `${file}:${line}: ${message}`;
}

/** Which of the files hold rules, and the objects of the others. */
function sorted(paths: readonly string[]) {
  const { texts, unread } = readRuleFiles(paths);
  const [first] = unread;
  if (first) throw usageFailure(`${first.file} cannot be read: ${first.reason}`);
  const ruleFiles: string[] = [];
  const objects: KubernetesObject[] = [];
  for (const { file, text } of texts) {
    const values = [...documentsOf(text)].map((each) => ('value' in each ? each.value : undefined));
    if (values.some((value) => isRuleList(value)) || values.every((value) => value === undefined)) ruleFiles.push(file);
    else objects.push(...values.flatMap((value) => objectsIn(value)));
  }
  return { ruleFiles, objects };
}

function isRuleList(value: unknown): boolean {
  if (Array.isArray(value)) return !(value as unknown[]).some((each) => isRecord(each) && 'kind' in each);
  return isRecord(value) && !('kind' in value) && 'rules' in value;
}

function objectsIn(value: unknown): KubernetesObject[] {
  if (!isRecord(value)) return [];
  const { items, metadata, kind } = value;
  if (Array.isArray(items)) return (items as unknown[]).flatMap(objectsIn);
  const isNamed = isRecord(metadata) && typeof metadata['name'] === 'string' && typeof kind === 'string';
  return isNamed ? [value as unknown as KubernetesObject] : [];
}

function linesOf(rule: Rule, objects: readonly KubernetesObject[]): string[] {
  const typeOf = ({ apiVersion, kind = '' }: KubernetesObject) => typeOfReference(apiVersion, kind);
  const asked = objects.filter((object) => isAsked(rule, typeOf(object)));
  const made = asked.flatMap((object) => {
    const said: Reference[] = [];
    rule.infer(object, (reference) => said.push(reference));
    const id = resourceId(typeOf(object), object.metadata.name, object.metadata.namespace);
    return said.map(({ source, target, field }) => {
      const [from, to] = [source ? wordsOf(source) : id, target ? wordsOf(target) : id];
      return `  ${from} ${rule.relation} ${to}   by ${field}`;
    });
  });
  if (asked.length === 0) return [`${rule.name}: nothing: none of the objects is a ${rule.reads.join(' or ')}`];
  if (made.length > 0) return [`${rule.name}: ${made.length}`, ...made];
  const where = rule.fields.join(' or ');
  return [
    `${rule.name}: nothing: of ${asked.length} objects that it reads none names anything in ${where}, or a condition is not met`,
  ];
}

function wordsOf(end: End): string {
  switch (end.by) {
    case 'name':
    case 'uid':
      return resourceId(end.type, end.name, end.namespace);
    case 'labels':
      return `${end.templates ? 'templates of ' : ''}${end.type} by ${JSON.stringify(end.selector)}`;
    case 'first':
      return end.of.map(wordsOf).join(' or ');
    case 'key':
      return `what is known as ${end.key}`;
    default:
      return end.by === 'cluster' ? 'the Cluster' : `every ${end.type}`;
  }
}
