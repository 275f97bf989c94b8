import { expect, test } from 'vitest';
import { settings } from '../../../src/settings/config.ts';
import { helpText, settingsTable } from '../../../src/settings/settings-table.ts';

test('the table has a row a setting: variable, default, meaning', () => {
  const lines = settingsTable(settings).split('\n');
  expect(lines).toHaveLength(settings.length + 2);
  expect(lines).toContain(
    '| `CLUSTER_INSIGHT_MODE` | `master` | `master`, `minion`, `demo`, `export`, `replica`, `gateway` or `actor`; the first argument wins |',
  );
  for (const line of lines) expect(line.match(/(?<!\\)\|/g), line).toHaveLength(4);
});

test('the help lists every flag in aligned columns', () => {
  const rows = helpText(settings)
    .split('\n')
    .filter((line) => line.startsWith('  --'));
  expect(rows).toHaveLength(settings.length);
  const columns = rows.map((row) => /^ {2}--\S+ +/.exec(row)?.[0].length);
  expect(new Set(columns).size).toBe(1);
});
