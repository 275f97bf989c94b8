import { expect, test } from 'vitest';
import { FindingBook } from '../../../master/findings/book.ts';
import { findingRuleOf } from '../../../master/findings/declared/compile.ts';
import { readDeclaredFindings } from '../../../master/findings/declared/read.ts';
import { createTestApp } from '../../support/app.ts';

test('/rules says every rule of findings, and which of them are of users', async () => {
  const book = new FindingBook();
  const text = 'findings:\n  - {finding: old-pod, type: Pod, age: 90d, sentence: "{name} is old."}\n';
  book.declare(readDeclaredFindings([{ file: 'a.yaml', text }], []).findings.map(findingRuleOf));
  const { app } = createTestApp({ findingBook: book } as never);
  const { findings } = (await app.inject('/rules')).json<{ findings: { name: string; declared?: true }[] }>();
  await app.close();
  expect(findings.length).toBeGreaterThan(70);
  expect(findings.find(({ name }) => name === 'service-selects-nothing')).not.toHaveProperty('declared');
  expect(findings.filter(({ declared }) => declared)).toEqual([
    expect.objectContaining({
      name: 'old-pod',
      group: 'own',
      class: 'broken',
      severity: 'medium',
      sentence: '{name} is old.',
    }),
  ]);
});
