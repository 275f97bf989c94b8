// `kubectl insight export`: runs the program's mode of that name with its flags and exit statuses.
import { createLogger, errorOutput } from '../src/logger.ts';
import { readConfig, settings } from '../src/settings/config.ts';
import { environment } from '../src/settings/environment.ts';
import { wantsHelp } from '../src/settings/setting-sources.ts';
import { helpText } from '../src/settings/settings-table.ts';
import { reasonOf } from './failure.ts';

/** `argv` starts with `export`. Resolves with the exit status: 0 everything, 3 a part, 1 nothing, 2 invalid settings. */
export async function exportFromHere(argv: readonly string[]): Promise<number> {
  if (wantsHelp(argv)) return help();
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort()).once('SIGTERM', () => stop.abort());
  try {
    const config = readConfig(environment, argv);
    const logger = createLogger({ level: config.logLevel, format: config.logFormat, destination: errorOutput() });
    const { start } = await import('../master/export/start.ts');
    const { ended } = await start({ config, logger, signal: stop.signal });
    return (await ended) ?? 0;
  } catch (error) {
    process.stderr.write(`error: ${reasonOf(error)}\n`);
    return (error as { code?: unknown }).code === 'bad_setting' ? 2 : 1;
  }
}

function help(): number {
  const own = settings.filter(({ key }) => key.startsWith('export') || ofUse.includes(key));
  process.stdout.write(helpText(own));
  return 0;
}

/** Other settings that affect what is read. */
const ofUse: readonly string[] = [
  'kubeconfig',
  'context',
  'clusterName',
  'namespaces',
  'configDir',
  'logLevel',
  'logFormat',
];
