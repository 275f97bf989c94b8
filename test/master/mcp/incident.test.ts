// The incident of docs/assistants.md: the answers equal those on the page, and few words lead to the cause. No model is involved.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DemoMaster, startDemoMaster } from '../../support/demo-master.ts';
import { call } from '../../support/mcp-call.ts';
import { root } from '../../support/source-tree.ts';

const page = readFileSync(join(root, 'docs/assistants.md'), 'utf8');
const calls = [...page.matchAll(/^```text\n> (\w+) (\{[^\n]*\})\n(.*?)^```$/gms)].map(
  ([, name = '', given = '', text = '']) => ({
    name,
    given: JSON.parse(given) as object,
    text,
  }),
);

let demo: DemoMaster;
beforeAll(async () => {
  demo = await startDemoMaster();
});
afterAll(() => demo.close());

/** Times depend on the day. */
const timeless = (text: string) =>
  text.replace(/revision \d+ at [^,]+,/, 'revision N at T,').replace(/^changed: .*$/m, 'changed: T');

test('five calls lead from the symptom to the missing ConfigMap, in fewer than 4,000 words and 12 KiB', async () => {
  expect(calls.map(({ name }) => name)).toEqual(['groups', 'get', 'search', 'impact', 'path']);
  const inject = async ({ payload, headers }: { payload: object; headers: Record<string, string> }) => {
    const answer = await fetch(`${demo.url}/mcp`, { method: 'POST', headers, body: JSON.stringify(payload) });
    return { payload: await answer.text() };
  };
  let all = '';
  for (const { name, given, text } of calls) {
    const answer = await call({ inject } as never, name, given);
    expect(timeless(`${answer.text}\n`)).toBe(timeless(text));
    all += `${JSON.stringify(given)} ${answer.text}\n`;
  }
  expect(all).toContain('"Deployment:web/checkout" uses "ConfigMap:web/checkout-env"');
  expect(all).toContain('(missing)');
  expect(all.split(/\s+/).length).toBeLessThan(4000);
  expect(Buffer.byteLength(all)).toBeLessThan(12 << 10);
});
