// What of the repository is printed from code: the text each file must have. Pure; docs.ts writes them and a test compares.
import { kinds } from '../master/kinds/index.ts';
import { relationsPage } from '../master/relations/docs.ts';
import { settings } from '../src/settings/config.ts';
import { settingsTable } from '../src/settings/settings-table.ts';
import { metricsTable } from './metrics-table.ts';
import { printedFiles } from './rbac.ts';

/** Reads a file of the repository as it is now. */
type Read = (path: string) => string;

/** By path, the text that each printed file must have. */
export function generatedFiles(read: Read): { readonly [path: string]: string } {
  return {
    'README.md': withSection(read('README.md'), 'settings', settingsTable(settings)),
    'docs/relations.md': relationsPage(),
    'docs/operations.md': withSection(read('docs/operations.md'), 'metrics', metricsTable()),
    ...printedFiles(kinds),
  };
}

/** Puts `text` between `<!-- name -->` and `<!-- /name -->`. */
export function withSection(page: string, name: string, text: string): string {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [page.indexOf(open), page.indexOf(close)];
  if (from < 0 || to < from) throw new Error(`the page has no section between ${open} and ${close}`);
  return `${page.slice(0, from + open.length)}\n${text}\n${page.slice(to)}`;
}
