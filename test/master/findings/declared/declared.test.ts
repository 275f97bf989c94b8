import { describe, expect, test } from 'vitest';
import { FindingBook } from '../../../../master/findings/book.ts';
import { findingRuleOf } from '../../../../master/findings/declared/compile.ts';
import { DeclaredWatch } from '../../../../master/findings/declared/follow.ts';
import { readDeclaredFindings } from '../../../../master/findings/declared/read.ts';
import type { FindingRule } from '../../../../master/findings/finding-rule.ts';
import { readRules } from '../../../../master/relations/declared/read.ts';
import type { KubernetesObject } from '../../../../src/model.ts';
import type { RuleFiles } from '../../../../src/rule-files.ts';
import { findingCases } from '../../../support/finding-cases.ts';

function ruleOf(yaml: string): FindingRule {
  const { findings, faults } = readDeclaredFindings([{ file: 'rules.yaml', text: `findings:\n${yaml}` }], []);
  expect(faults).toEqual([]);
  const [first] = findings;
  if (!first) throw new Error('nothing was read');
  return findingRuleOf(first);
}

const faultsOf = (text: string, taken: readonly string[] = []) =>
  readDeclaredFindings([{ file: 'rules.yaml', text }], taken).faults.map(({ line, message }) => `${line}: ${message}`);

function object(
  apiVersion: string,
  kind: string,
  name: string,
  rest: object = {},
  meta: object = {},
): KubernetesObject {
  return {
    apiVersion,
    kind,
    metadata: { name, namespace: 'shop', uid: `${kind}-${name}`, creationTimestamp: '2020-11-01T00:00:00Z', ...meta },
    ...rest,
  };
}
const deployment = (
  name: string,
  { replicas = 1, tier = 'web', spec = {} }: { replicas?: number; tier?: string; spec?: object } = {},
) =>
  object(
    'apps/v1',
    'Deployment',
    name,
    {
      spec: {
        replicas,
        selector: { matchLabels: { app: name } },
        template: { metadata: { labels: { app: name } }, spec: { containers: [], ...spec } },
      },
    },
    { labels: { tier } },
  );
const pod = (name: string, app: string) =>
  object(
    'v1',
    'Pod',
    name,
    { spec: { containers: [{ name: 'c', image: 'x' }] }, status: { phase: 'Running' } },
    { labels: { app } },
  );
const service = (name: string) =>
  object('v1', 'Service', name, { spec: { selector: { app: name }, ports: [{ port: 80 }] } });
const budget = (name: string) =>
  object('policy/v1', 'PodDisruptionBudget', name, {
    spec: { minAvailable: 1, selector: { matchLabels: { app: name } } },
  });
const secret = (name: string) => object('v1', 'Secret', name);
const ingress = (backend: string) =>
  object('networking.k8s.io/v1', 'Ingress', 'shop', {
    spec: {
      rules: [
        {
          host: 'shop.example.com',
          http: {
            paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: backend, port: { number: 80 } } } }],
          },
        },
      ],
    },
  });

describe('a finding that is data', () => {
  findingCases(
    ruleOf(`
  - finding: single-tier-data
    type: Deployment
    selector: tier=data
    where: {field: spec.replicas, equals: 1}
    severity: high
    class: risk
    sentence: "{type} {namespace}/{name} holds data and has {value} replica."
    remedy: Run two.
`),
    [
      {
        says: 'is found by a label and a field, with its exact path',
        objects: [deployment('db', { tier: 'data' })],
        finds: ['Deployment:shop/db'],
        and: {
          severity: 'high',
          class: 'risk',
          field: 'spec.replicas',
          sentence: /^Deployment shop\/db holds data and has 1 replica\.$/,
        },
      },
      { says: 'is not found of another label', objects: [deployment('db')], finds: [] },
      { says: 'is not found of another value', objects: [deployment('db', { tier: 'data', replicas: 2 })], finds: [] },
    ],
    { alone: true },
  );

  findingCases(
    ruleOf(`
  - finding: pod-without-budget
    type: Pod
    relations: {missing: protects, from: PodDisruptionBudget}
    sentence: "Nothing protects {name}."
`),
    [
      {
        says: 'is found where a relation is missing',
        objects: [pod('web-0', 'web'), budget('other')],
        finds: ['Pod:shop/web-0'],
      },
      { says: 'is not found where it is there', objects: [pod('web-0', 'web'), budget('web')], finds: [] },
      {
        says: 'ends when what was missing comes',
        objects: [pod('web-0', 'web'), budget('other')],
        afterwards: (graph) => graph.put(budget('web')),
        finds: [],
      },
    ],
  );

  findingCases(
    ruleOf(`
  - finding: crowded
    type: Service
    relations: {present: loadBalances, to: Pod, least: 3}
    sentence: "{name} leads to {count} Pods, {other} among them."
`),
    [
      {
        says: 'is found by how many relations there are',
        objects: [service('web'), pod('a', 'web'), pod('b', 'web'), pod('c', 'web')],
        finds: ['Service:shop/web'],
        and: { field: 'spec.selector', sentence: /leads to 3 Pods, Pod:shop\/c among them/ },
      },
      { says: 'is not found of fewer', objects: [service('web'), pod('a', 'web'), pod('b', 'web')], finds: [] },
    ],
  );

  findingCases(
    ruleOf(`
  - finding: secret-gone
    type: Deployment
    relations: {present: uses, to: Secret, end: missing}
    sentence: "{name} needs {other}."
`),
    [
      {
        says: 'is found where the other end is missing',
        objects: [deployment('web', { spec: { imagePullSecrets: [{ name: 'pull' }] } }), secret('other')],
        finds: ['Deployment:shop/web'],
        and: { sentence: /web needs Secret:shop\/pull\./ },
      },
      {
        says: 'is not found where it is there',
        objects: [deployment('web', { spec: { imagePullSecrets: [{ name: 'pull' }] } }), secret('pull')],
        finds: [],
      },
    ],
  );

  findingCases(
    ruleOf(`
  - finding: reachable-from-outside
    type: Pod
    path: {to: Host, over: "loadBalances,routesTo,serves,routes*", direction: both, depth: 4}
    sentence: "{name} can be reached from outside."
`),
    [
      {
        says: 'is found where something is reached, with the way as proof',
        objects: [pod('web-0', 'web'), service('web'), ingress('web')],
        finds: ['Pod:shop/web-0'],
      },
      {
        says: 'is not found where nothing leads there',
        objects: [pod('web-0', 'web'), service('other'), ingress('other')],
        finds: [],
      },
    ],
  );

  findingCases(
    ruleOf(`
  - finding: service-inside-only
    type: Service
    path: {to: Host, over: "routesTo,serves", direction: both, missing: true}
    sentence: "No Host leads to {name}."
    age: 1h
`),
    [
      {
        says: 'is found where nothing is reached',
        objects: [service('web'), ingress('other')],
        finds: ['Service:shop/web'],
        and: { possibly: true },
      },
      { says: 'is not found where something is', objects: [service('web'), ingress('web')], finds: [] },
    ],
  );
});

describe('an invalid finding is reported with its line, and only it is left out', () => {
  test.each([
    [
      'a key that there is not',
      'findings:\n  - finding: a\n    type: Pod\n    sentance: x\n',
      '4: findings[0].sentance: there is no such key',
    ],
    [
      'nothing that is asked',
      'findings:\n  - {finding: a, type: Pod, sentence: x}\n',
      '2: findings[0]: needs one of selector',
    ],
    [
      'what is missing of an unknown kind',
      'findings:\n  - finding: a\n    type: Pod\n    sentence: x\n    relations: {missing: uses}\n',
      '5: findings[0].relations[0]: needs to or from',
    ],
    [
      'a requirement of two kinds',
      'findings:\n  - finding: a\n    type: Pod\n    sentence: x\n    where: {field: a.b, equals: 1, exists: true}\n',
      '5: findings[0].where[0]: needs one of exists, equals, in',
    ],
    [
      'a path that is none',
      'findings:\n  - finding: a\n    type: Pod\n    sentence: x\n    where:\n      - {field: "a..b", equals: 1}\n',
      '6: findings[0].where[0].field',
    ],
    [
      'a selector that is none',
      'findings:\n  - finding: a\n    type: Pod\n    sentence: x\n    selector: "a in"\n',
      '5: findings[0].selector',
    ],
    [
      'the name of another',
      'findings:\n  - {finding: a, type: Pod, sentence: x, age: 1h}\n  - {finding: a, type: Pod, sentence: x, age: 1h}\n',
      '3: findings[1].finding: another is called a',
    ],
    [
      'the name of one that is built in',
      'findings:\n  - {finding: taken, type: Pod, sentence: x, age: 1h}\n',
      '2: findings[0].finding: another is called taken',
    ],
    ['no list', 'findings: none\n', '1: findings: must be a list'],
  ])('%s', (_, text, expected) => {
    expect(faultsOf(text, ['taken']).join('\n')).toContain(expected);
  });

  test('rules of relations and findings share a file, and each reads its own', () => {
    const file = {
      file: 'rules.yaml',
      text: 'findings:\n  - {finding: a, type: Pod, sentence: x, age: 1h}\nrules:\n  - {from: Widget.example.com, name: spec.a, to: Secret}\n',
    };
    expect(readRules([file], []).faults).toEqual([]);
    expect(readRules([file], []).declarations).toHaveLength(1);
    expect(readDeclaredFindings([file], []).findings).toHaveLength(1);
    const alone = { ...file, text: file.text.split('rules:')[0] ?? '' };
    expect(readRules([alone], [])).toEqual({ declarations: [], faults: [] });
    const rules = { ...file, text: '- {from: Widget.example.com, name: spec.a, to: Secret}\n' };
    expect(readDeclaredFindings([rules], [])).toEqual({ findings: [], faults: [] });
  });
});

test('files are followed: changes are applied, and errors are in completeness', () => {
  const book = new FindingBook([]);
  const file = { file: 'rules.yaml', text: 'findings:\n  - {finding: a, type: Pod, sentence: x, age: 1h}\n' };
  const sources: unknown[][] = [];
  const watch = new DeclaredWatch({
    paths: ['rules.yaml'],
    book,
    writer: { transact: (change) => change(), setSource: (...said) => void sources.push(said) },
    clock: () => 0,
    logger: { info() {}, warn() {} } as never,
    read: () => ({ texts: [{ ...file }], unread: [] }),
  });
  watch.look();
  expect(book.own.map(({ name }) => name)).toEqual(['a']);
  file.text = 'findings:\n  - {finding: b, type: Pod, sentence: x, age: 1h}\n  - {finding: C}\n';
  watch.look();
  watch.look();
  expect(book.own.map(({ name }) => name)).toEqual(['b']);
  expect(sources).toEqual(
    [
      [
        'findingRules',
        'rules.yaml:3',
        expect.objectContaining({ state: 'unknown', reason: expect.stringContaining('findings[1]') }),
      ],
      ['findingRules', 'rules.yaml:3', expect.objectContaining({ state: 'unknown' })],
      ['findingRules', 'rules.yaml:3', expect.anything()],
    ].slice(0, sources.length),
  );
  file.text = '';
  watch.look();
  expect(book.own).toEqual([]);
  expect(sources.at(-1)).toEqual(['findingRules', 'rules.yaml:3', undefined]);
});

test('files that cannot be read are told, and taken back once they can', () => {
  const files = { texts: [], unread: [{ file: 'gone.yaml', reason: 'no such file' }] };
  const sources: unknown[][] = [];
  const warned: string[] = [];
  let read: RuleFiles = files;
  const watch = new DeclaredWatch({
    paths: ['gone.yaml'],
    book: new FindingBook([]),
    writer: { transact: (change) => change(), setSource: (...said) => void sources.push(said) },
    clock: () => 0,
    logger: { info() {}, warn: (line: string) => void warned.push(line) } as never,
    read: () => read,
  });
  watch.look();
  watch.look();
  expect(warned).toEqual(['findings of your own are left out: gone.yaml: no such file']);
  expect(sources).toEqual([
    ['findingRules', 'gone.yaml', { state: 'unknown', since: expect.anything(), reason: 'no such file' }],
  ]);
  read = { texts: [], unread: [] };
  watch.look();
  expect(sources.at(-1)).toEqual(['findingRules', 'gone.yaml', undefined]);
});
