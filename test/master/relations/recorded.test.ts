// All references of a real cluster's objects, checked in and reviewed: any change of a rule shows as a difference of this file.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ItemMaker } from '../../../master/ingest/item.ts';
import { kinds } from '../../../master/kinds/index.ts';
import { typeOfKind } from '../../../master/kinds/lookup.ts';
import { rules } from '../../../master/relations/index.ts';
import type { End, Namespaces, Reference, Rule } from '../../../master/relations/relation.ts';
import { resourceId, typeOfReference } from '../../../src/ids.ts';
import type { KubernetesObject, LabelSelector } from '../../../src/model.ts';

const recorded = join(import.meta.dirname, '../../../src/demo/recorded/kubernetes');
const maker = new ItemMaker(() => [], false);

interface SourcedReference {
  readonly id: string;
  readonly rule: Rule;
  readonly reference: Reference;
}

function* recordedObjects(): Generator<{ readonly id: string; readonly object: KubernetesObject }> {
  for (const name of readdirSync(recorded).filter((file) => file.includes('__'))) {
    const list = JSON.parse(readFileSync(join(recorded, name), 'utf8'));
    const kind = list.kind.replace(/List$/, '');
    // Events are counted and Leases left out; other unread kinds are not in the graph.
    if (kind === 'Event' || kind === 'Lease') continue;
    const known = kinds.find((each) => typeOfKind(each) === typeOfReference(list.apiVersion, kind));
    for (const item of list.items) {
      const fresh = { ...item, kind, apiVersion: list.apiVersion };
      const object = known ? maker.reduce(known, fresh) : fresh;
      yield { id: idOf(object), object };
      for (const part of known?.parts?.(object) ?? []) yield { id: part.id, object: part.object };
    }
  }
}

function idOf({ apiVersion, kind = '', metadata }: KubernetesObject): string {
  return resourceId(typeOfReference(apiVersion, kind), metadata.name, metadata.namespace);
}

function everythingSaid(): SourcedReference[] {
  const said: SourcedReference[] = [];
  for (const { id, object } of recordedObjects()) {
    const type = typeOfReference(object.apiVersion, object.kind ?? '');
    for (const rule of rules) {
      if (!rule.reads.includes('*') && !rule.reads.includes(type)) continue;
      rule.infer(object, (reference) => said.push({ id, rule, reference }));
    }
  }
  return said;
}

function selectorText({ matchLabels, matchExpressions }: LabelSelector): string {
  const pairs = Object.entries(matchLabels ?? {}).map(([key, value]) => `${key}=${value}`);
  const tests = (matchExpressions ?? []).map(({ key, operator, values }) =>
    `${key} ${operator} ${values ?? ''}`.trim(),
  );
  return `{${[...pairs, ...tests].join(', ')}}`;
}

function placesText(namespaces: Namespaces): string {
  if ('in' in namespaces) return `in ${namespaces.in.join(',')}`;
  return 'labels' in namespaces ? `in namespaces ${selectorText(namespaces.labels)}` : 'anywhere';
}

function endText(end: End | undefined, self: string): string {
  if (!end) return self;
  if (end.by === 'cluster') return 'the Cluster';
  if (end.by === 'key') return `${end.index} ${end.key}`;
  if (end.by === 'kind') return `every ${end.type} ${placesText(end.namespaces)}`;
  if (end.by === 'name') return resourceId(end.type, end.name, end.namespace);
  if (end.by === 'uid') return `${resourceId(end.type, end.name, end.namespace)}@${end.uid.slice(0, 8)}`;
  if (end.by === 'first') {
    const all = [...end.of, ...(end.otherwise ? [end.otherwise] : [])];
    return all.map((each) => endText(each, self)).join(' or ');
  }
  const which = `${end.orphansOnly ? 'orphaned ' : ''}${end.templates ? 'templates of ' : ''}${end.phaseNot ? 'unfinished ' : ''}`;
  return `${which}${end.type} ${selectorText(end.selector)} ${placesText(end.namespaces)}`;
}

function flagsText({ source: _, target: __, field: ___, ready, notes, states, when, ...flagged }: Reference): string {
  const flags = [
    ...Object.entries(flagged).flatMap(([name, value]) =>
      value === true ? [name] : value ? [`${name} ${value}`] : [],
    ),
    ready !== undefined && `ready=${ready}`,
    when && `when ${JSON.stringify(when)}`,
    states && `states ${JSON.stringify(states)}`,
    ...Object.entries(notes ?? {}).map(([name, value]) => `${name}=${value}`),
  ].filter((flag) => flag !== undefined && flag !== false);
  return flags.length > 0 ? ` (${flags.join(', ')})` : '';
}

function line({ id, rule, reference }: SourcedReference): string {
  const { source, target, field } = reference;
  const ends = reference.states ? id : `${endText(source, id)} ${rule.relation} ${endText(target, id)}`;
  return `${ends}: ${rule.name}, ${field}${flagsText(reference)}`;
}

test('the recorded cluster says exactly what was read by eye', async () => {
  const said = everythingSaid();
  expect(said.length).toBeGreaterThan(400);
  const text = `${said.map(line).toSorted().join('\n')}\n`;
  await expect(text).toMatchFileSnapshot('../../fixtures/recorded-references.txt');
});

test('no rule says the same thing twice of one object', () => {
  const lines = everythingSaid().map(line);
  expect(lines.filter((each, i) => lines.indexOf(each) !== i)).toEqual([]);
});
