import { expect, test } from 'vitest';
import { readRules } from '../../../../master/relations/declared/read.ts';

const read = (text: string, taken: readonly string[] = []) => readRules([{ file: 'r.yaml', text }], taken);

test('four lines of YAML are a rule', () => {
  const { declarations, faults } = read(
    '- from: Backup.example.com\n  name: spec.secretName\n  to: Secret\n  relation: uses\n',
  );
  expect(faults).toEqual([]);
  expect(declarations).toEqual([
    {
      rule: 'backup-example-com-secret-name',
      from: 'Backup.example.com',
      name: 'spec.secretName',
      to: 'Secret',
      relation: 'uses',
    },
  ]);
});

test.each([
  ['an unknown key', '- from: A.b.c\n  name: spec.x\n  too: Secret', 3, 'too: there is no such key'],
  ['no kind that says it', '- name: spec.x\n  to: Secret', 1, 'from: is missing'],
  ['two shapes', '- from: A.b.c\n  to: Secret\n  name: x\n  ref: y', 3, 'exclude each other'],
  ['no shape', '- from: A.b.c\n  to: Secret', 1, 'is missing'],
  ['a path that is none', '- from: A.b.c\n  to: Secret\n  name: "spec..x"', 3, 'is not a path'],
  ['a name made of none', '- from: A.b.c\n  to: Secret\n  name: x\n  as: alertmanager', 4, 'a name with {name} in it'],
  ['a form without a name', '- from: A.b.c\n  to: Secret\n  name: x\n  form: "{kind}"', 4, 'has no {name}'],
  ['a limit without end', '- from: A.b.c\n  to: Secret\n  name: x\n  limit: 1000000', 4, 'whole number'],
  ['no type of what is named', '- from: A.b.c\n  name: x', 2, 'to: is missing'],
  ['a condition without a test', '- from: A.b.c\n  to: Secret\n  name: x\n  when: {field: y}', 4, 'one of exists'],
  ['a text that is not a list', 'from: A.b.c', 1, 'no list of rules'],
  ['a name that is taken', '- from: A.b.c\n  rule: taken\n  to: Secret\n  name: x', 2, 'another rule is called taken'],
])('%s is told with its line', (_, text, line, message) => {
  const { declarations, faults } = read(text, ['taken']);
  expect(declarations).toEqual([]);
  expect(faults).toHaveLength(1);
  expect(faults[0]).toMatchObject({ file: 'r.yaml', line });
  expect(faults[0]?.message).toContain(message);
});

test('a bad rule costs itself alone, and so does a bad file', () => {
  const good = '- from: A.b.c\n  name: x\n  to: Secret\n';
  expect(read(`${good}- 7\n${good}`)).toMatchObject({ declarations: [{}, {}], faults: [{ line: 4 }] });
  const two = readRules(
    [
      { file: 'bad', text: '{[' },
      { file: 'good', text: good },
    ],
    [],
  );
  expect(two.faults.map(({ file }) => file)).toEqual(['bad']);
  expect(two.declarations).toHaveLength(1);
});

test('rules that are called alike for want of names are numbered, also beside those built in', () => {
  const rule = '- from: A.b.c\n  name: x\n  to: Secret\n';
  expect(read(rule + rule, ['a-b-c-x']).declarations.map((each) => each.rule)).toEqual(['a-b-c-x-2', 'a-b-c-x-3']);
});

test('the rules may stand below a key, or in several documents', () => {
  expect(
    read('rules:\n- {from: A.b.c, name: x, to: Secret}\n---\n- {from: A.b.c, host: y}\n').declarations,
  ).toHaveLength(2);
  expect(read('# nothing yet\n')).toEqual({ declarations: [], faults: [] });
});

test.each([
  ['an empty file', ''],
  ['only a comment', '# to be written\n'],
  ['documents without contents', '---\n---\n~\n---\nnull\n'],
  ['only findings', 'findings: []\n'],
])('%s has no rules, and no fault', (_, text) => {
  expect(read(text)).toEqual({ declarations: [], faults: [] });
});

test('documents without contents hide no rule after them', () => {
  const { declarations, faults } = read('---\n~\n---\n- from: A.b.c\n  to: Secret\n  name: spec.x\n');
  expect(faults).toEqual([]);
  expect(declarations).toHaveLength(1);
});
