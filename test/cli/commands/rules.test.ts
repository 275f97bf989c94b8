import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Values } from '../../../cli/arguments.ts';
import { rules } from '../../../cli/commands/rules.ts';
import { createOutput } from '../../../cli/print/output.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rules-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

async function answered(words: readonly string[], values: Values = {}) {
  let text = '';
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  const warned: string[] = [];
  const refuse = () => Promise.reject(new Error('not asked'));
  const output = createOutput(stream, false);
  const warn = (line: string) => void warned.push(line);
  const call = { values, words, output, warn, open: refuse, graphNamed: refuse } as unknown as Parameters<
    typeof rules.run
  >[0];
  return { status: await rules.run(call), text, warned };
}

const objects =
  'apiVersion: example.com/v1\nkind: Backup\nmetadata: {name: nightly, namespace: shop}\nspec: {secret: s3}\n';

test('check says what each rule makes, by which field, and why one makes nothing', async () => {
  const text = [
    '- {from: Backup.example.com, name: spec.secret, to: Secret}',
    '- {from: Backup.example.com, name: spec.other, to: Secret}',
    '- {from: Restore.example.com, name: spec.secret, to: Secret}',
  ].join('\n');
  const filename = [file('rules.yaml', text), file('objects.yaml', objects)];
  const { status, text: said } = await answered(['check'], { filename });
  expect(status).toBe(0);
  expect(said).toContain('Backup.example.com:shop/nightly uses Secret:shop/s3   by spec.secret');
  expect(said).toContain('backup-example-com-other: no relation: of 1 object ');
  expect(said).toContain('restore-example-com-secret: nothing: none of the objects is a Restore.example.com');
});

test('check names the file and line of a rule at fault, and fails', async () => {
  const bad = file('rules.yaml', '- from: Backup.example.com\n  name: spec.secret\n  two: Secret\n');
  const { status, text } = await answered(['check'], { filename: [bad, file('o.yaml', objects)] });
  expect(status).toBe(1);
  expect(text).toContain(`${bad}:3: two: there is no such key`);
});

test('list and explain show rules built in and those of the user', async () => {
  const own = { rules: [file('rules.yaml', '- {from: Backup.example.com, name: spec.secret, to: Secret}')] };
  expect((await answered(['list'], own)).text).toMatch(/backup-example-com-secret +Backup\.example\.com +uses +Secret/);
  expect((await answered(['explain', 'node-runs-pod'])).text).toContain('spec.nodeName');
  await expect(answered(['explain', 'no-such-rule'])).rejects.toThrow('no rule is called no-such-rule');
  await expect(answered(['what'])).rejects.toThrow('rules takes one of');
});

test('check reads findings from a file of rules or a separate one, and names the invalid ones', async () => {
  const sound = file('f.yaml', 'findings:\n  - {finding: old-pod, type: Pod, age: 90d, sentence: Old.}\n');
  expect(await answered(['check'], { filename: [sound] })).toMatchObject({
    status: 0,
    text: 'old-pod: medium, broken\n',
  });
  const bad = file(
    'b.yaml',
    'findings:\n  - {finding: service-selects-nothing, type: Pod, age: 90d, sentence: Old.}\n',
  );
  const { status, text } = await answered(['check'], { filename: [bad] });
  expect([status, text]).toEqual([1, `${bad}:2: findings[0].finding: another is called service-selects-nothing\n`]);
});
