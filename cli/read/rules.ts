// Rules for relations from the files of `--rules`.

import { type ReadFindings, readDeclaredFindings } from '../../master/findings/declared/read.ts';
import { findingRules } from '../../master/findings/index.ts';
import { isAsked } from '../../master/ingest/rules-of-type.ts';
import type { Declaration } from '../../master/relations/declared/declaration.ts';
import { type ReadRules, readRules } from '../../master/relations/declared/read.ts';
import { rules as builtInRules } from '../../master/relations/index.ts';
import type { End, Reference, Rule } from '../../master/relations/relation.ts';
import { counted } from '../../src/counted.ts';
import { isRecord } from '../../src/fields.ts';
import { resourceId, typeOfReference } from '../../src/ids.ts';
import type { KubernetesObject } from '../../src/model.ts';
import { readRuleFiles } from '../../src/rule-files.ts';
import { failed } from '../failure.ts';
import { documentsOf } from './documents.ts';

export { ruleOf } from '../../master/relations/declared/compile.ts';
export { builtInRules };

/** @throws Failure if a path cannot be read. */
export function rulesIn(paths: readonly string[]): ReadRules {
  const { texts, unread } = readRuleFiles(paths);
  const [first] = unread;
  if (first) throw failed(`${first.file} cannot be read: ${first.reason}`);
  return readRules(
    texts,
    builtInRules.map(({ name }) => name),
  );
}

/** User-defined findings in the same files. */
export function declaredFindingsIn(paths: readonly string[]): ReadFindings {
  return readDeclaredFindings(
    readRuleFiles(paths).texts,
    findingRules.flatMap(({ name, aliases = [] }) => [name, ...aliases]),
  );
}

/** The valid ones; `warn` receives the errors of others. */
export function soundRulesIn(paths: readonly string[], warn: (line: string) => void): readonly Declaration[] {
  const { declarations, faults } = rulesIn(paths);
  for (const { file, line, message } of faults) warn(`rule left out: ${file}:${line}: ${message}`);
  return declarations;
}

/** Separates files with rules from files with objects. */
export function sortedFiles(paths: readonly string[]) {
  const { texts, unread } = readRuleFiles(paths);
  const [first] = unread;
  if (first) throw failed(`${first.file} cannot be read: ${first.reason}`);
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
  return isRecord(value) && !('kind' in value) && ('rules' in value || 'findings' in value);
}

function objectsIn(value: unknown): KubernetesObject[] {
  if (!isRecord(value)) return [];
  const { items, metadata, kind } = value;
  if (Array.isArray(items)) return (items as unknown[]).flatMap(objectsIn);
  const isNamed = isRecord(metadata) && typeof metadata['name'] === 'string' && typeof kind === 'string';
  return isNamed ? [value as unknown as KubernetesObject] : [];
}

/** The results of a rule on the objects, or why there are none, in lines. */
export function madeBy(rule: Rule, objects: readonly KubernetesObject[]): string[] {
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
    `${rule.name}: no relation: of ${counted(asked.length, 'object')} that it reads none names anything in ${where}, or a condition is not met`,
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
