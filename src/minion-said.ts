// Whether the process is to be a minion, told from the command line and the environment before the settings are loaded.

/** Undefined where only the settings can tell: one of several words, a flag for the mode, a folder of settings. */
export function minionSaid(
  argv: readonly string[],
  env: { readonly [variable: string]: string | undefined },
): boolean | undefined {
  const [first = ''] = argv;
  if (first !== '' && !first.startsWith('-')) return first === 'minion';
  const isSaidElsewhere = argv.some((word) => word === 'minion' || /^--(mode|config-dir)\b/.test(word));
  if (isSaidElsewhere || env['CLUSTER_INSIGHT_CONFIG_DIR']) return undefined;
  return env['CLUSTER_INSIGHT_MODE'] === 'minion';
}
