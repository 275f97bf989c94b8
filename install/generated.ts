// The text of every file generated from code. Pure; docs.ts writes them and a test compares.
import { findingTables } from '../master/findings/docs.ts';
import { healthPage } from '../master/health/docs.ts';
import { kinds } from '../master/kinds/index.ts';
import { relationsPage } from '../master/relations/docs.ts';
import { rules } from '../master/relations/index.ts';
import { views } from '../master/views/index.ts';
import { protocolSchema } from '../src/gateway-protocol/messages.ts';
import { settings } from '../src/settings/config.ts';
import { settingsTable } from '../src/settings/settings-table.ts';
import { agentManifest } from './agent-manifest.ts';
import { filesBelow } from './import-lines.ts';
import { metricsTable } from './metrics-table.ts';
import { probesTable } from './probes-table.ts';
import { printedFiles } from './rbac.ts';
import { roomsPicture } from './rooms-picture.ts';

/** Reads a file of the repository. */
type Read = (path: string) => string;

/** Text by path. */
export function generatedFiles(read: Read): { readonly [path: string]: string } {
  const printed: { readonly [path: string]: string } = printedFiles(kinds);
  return {
    'docs/settings.md': withSection(read('docs/settings.md'), 'settings', settingsTable(settings)),
    'docs/findings.md': withSection(read('docs/findings.md'), 'findings', findingTables()),
    'docs/health.md': healthPage(),
    'docs/relations.md': relationsPage(),
    'docs/operations.md': withSection(read('docs/operations.md'), 'metrics', metricsTable()),
    'docs/compared.md': comparedPage(read('docs/compared.md')),
    'docs/telemetry.md': withSection(read('docs/telemetry.md'), 'probes', probesTable()),
    // A chart cannot read files outside of it.
    'install/chart/files/verify.js': read('install/verify.js'),
    'docs/gateway-protocol.schema.json': `${JSON.stringify(protocolSchema(), null, 2)}\n`,
    'master/gateway/agent-manifest.yaml': agentManifest((path) => printed[path] ?? read(path)),
    'docs/architecture.md': withSection(read('docs/architecture.md'), 'rooms', rooms()),
    ...printed,
  };
}

function comparedPage(page: string): string {
  const forms = views.map(({ name }) => `\`${name}\``).join(', ');
  return withWords(withWords(page, 'rules', `${rules.length} rules`), 'forms', forms);
}

function rooms(): string {
  return `\`\`\`mermaid\n${roomsPicture(['src', 'master', 'minion', 'actor', 'cli'].flatMap(filesBelow))}\n\`\`\``;
}

/** Replaces the lines between `<!-- name -->` and `<!-- /name -->`. */
export function withSection(page: string, name: string, text: string): string {
  return withWords(page, name, `\n${text}\n`);
}

/** The same within a line, such as a cell of a table. */
export function withWords(page: string, name: string, text: string): string {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [page.indexOf(open), page.indexOf(close)];
  if (from < 0 || to < from) throw new Error(`the page has no section between ${open} and ${close}`);
  return `${page.slice(0, from + open.length)}${text}${page.slice(to)}`;
}
