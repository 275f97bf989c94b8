// The settings for people: the table of docs/settings.md and the command-line help.
import { modes, type SettingInfo } from './config.ts';

/** A Markdown table, one row per setting. */
export function settingsTable(settings: readonly SettingInfo[]): string {
  const rows = settings.map((one) => `| \`${one.variable}\` | ${one.default} | ${one.description} |`);
  return ['| variable | default | meaning |', '|---|---|---|', ...rows].join('\n');
}

export function helpText(settings: readonly SettingInfo[]): string {
  const width = Math.max(...settings.map(({ flag }) => flag.length)) + 4;
  const lines = settings.map(
    (one) => `  ${`--${one.flag}`.padEnd(width)}${plain(one.description)} (${plain(one.default)})`,
  );
  const head = [`Usage: node src/main.ts [${modes.join('|')}] [--name value …]`, '', ...lines, ''];
  return [...head, 'Each is also a variable: --log-level is CLUSTER_INSIGHT_LOG_LEVEL. Flags win.', ''].join('\n');
}

function plain(markdown: string): string {
  return markdown.replaceAll('`', '');
}
