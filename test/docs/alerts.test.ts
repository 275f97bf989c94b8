// Every example of docs/alerts.md and of the findings in docs/rules.md is parsed as a master does; the code that checks a
// signature is run.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { usualChanges } from '../../master/alerts/changes/usual-changes.ts';
import { signatureOf } from '../../master/alerts/receivers/signature.ts';
import { usualSettings } from '../../master/alerts/settings/alert-settings.ts';
import { readAlertSettings } from '../../master/alerts/settings/read-settings.ts';
import { readDeclaredFindings } from '../../master/findings/declared/read.ts';
import { findingRules } from '../../master/findings/index.ts';
import { readText } from '../support/source-tree.ts';

const page = readText('docs/alerts.md');
const blocks = (text: string, language: string) =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, block = '']) => block);

describe('docs/alerts.md', () => {
  test.each(blocks(page, 'yaml').map((block) => [block.split('\n')[0], block]))(
    'has an example that is sound: %s',
    (_, block) => {
      expect(readAlertSettings('alerts.yaml', block ?? '').faults).toEqual([]);
    },
  );

  test('says what holds where a file says nothing', () => {
    const said = blocks(page, 'yaml').find((block) => block.startsWith('for:')) ?? '';
    const { settings } = readAlertSettings('alerts.yaml', said.replace('critical: 30s', 'critical: 1m'));
    expect({ ...settings, rules: [] }).toEqual(usualSettings);
  });

  test('names every change that is built in, and only findings that there are', () => {
    expect(usualChanges.filter(({ name }) => !page.includes(name))).toEqual([]);
    const names = findingRules.map(({ name }) => name);
    for (const name of ['crash-loop', 'image-mutable']) expect(names).toContain(name);
  });

  test('checks a signature as it says', async () => {
    const [code = ''] = blocks(page, 'js');
    const folder = mkdtempSync(join(tmpdir(), 'signature-'));
    try {
      writeFileSync(join(folder, 'check.mjs'), code);
      const { isGenuine } = (await import(pathToFileURL(join(folder, 'check.mjs')).href)) as {
        isGenuine(headers: object, body: string, secret: string, now: number): boolean;
      };
      const now = Date.parse('2026-11-28T12:00:00Z');
      const headers = (body: string, seconds: number) => ({
        'x-cluster-insight-timestamp': String(seconds),
        'x-cluster-insight-signature': `sha256=${signatureOf('quiet', seconds, body)}`,
      });
      expect(isGenuine(headers('a', now / 1000), 'a', 'quiet', now)).toBe(true);
      expect(isGenuine(headers('a', now / 1000), 'b', 'quiet', now)).toBe(false);
      expect(isGenuine(headers('a', now / 1000), 'a', 'other', now)).toBe(false);
      expect(isGenuine(headers('a', now / 1000 - 600), 'a', 'quiet', now)).toBe(false);
      expect(isGenuine({}, 'a', 'quiet', now)).toBe(false);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

test('the findings in docs/rules.md are sound', () => {
  const text = blocks(readText('docs/rules.md'), 'yaml').find((block) => block.startsWith('findings:')) ?? '';
  const { findings, faults } = readDeclaredFindings([{ file: 'rules.yaml', text }], []);
  expect([findings.length, faults]).toEqual([3, []]);
});
