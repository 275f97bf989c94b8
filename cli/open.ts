// Opens the source chosen by the options: files, a master's URL, or the kubeconfig's cluster. Dependencies are loaded on
// demand: questions to files need no cluster clients.
import { readFileSync } from 'node:fs';
import type { Graph } from '../master/build-graph.ts';
import type { FindingBook } from '../master/findings/book.ts';
import type { Finding } from '../master/findings/contract.ts';
import type { Environment } from '../master/sources/kubernetes/kubeconfig.ts';
import packageJson from '../package.json' with { type: 'json' };
import type { Audit } from '../src/audit/audit.ts';
import { silentLogger } from '../src/logger.ts';
import type { Values } from './arguments.ts';
import type { Reach } from './command.ts';
import { failed, reasonOf, usageFailure } from './failure.ts';
import type { GraphAnswer } from './forms.ts';
import { namespacesSaid, readWords } from './names.ts';
import type { Progress } from './print/progress.ts';
import type { FilesOptions } from './read/graph.ts';
import { jsonOf, type Source, usualNames } from './sources/source.ts';

export interface Surroundings {
  readonly env: Environment;
  readonly input: AsyncIterable<Buffer>;
  readonly warn: (line: string) => void;
  /** Shows the progress of long reads. */
  readonly progress: Progress;
  /** Records requests to the API server. */
  readonly audit: Audit;
}

const { version } = packageJson;

const ofServer = ['certificate-authority', 'insecure-skip-tls-verify'] as const;
const ofMaster = ['token', 'token-file', 'service-account', 'service'] as const;

export async function openSource(
  values: Values,
  words: readonly string[],
  reach: Reach,
  surroundings: Surroundings,
): Promise<Source> {
  checkPlaces(values);
  if (values.filename) return openFiles(values.filename, values, surroundings);
  const source =
    values.server === undefined
      ? await openCluster(values, words, reach, surroundings)
      : await openServer(values.server, values, surroundings.env);
  const { tellingGaps } = await import('./sources/gaps.ts');
  return tellingGaps(source, surroundings.warn);
}

/** The actor at a URL, or the one installed in the cluster. */
export async function openActor(values: Values, { env, audit }: Surroundings): Promise<Source> {
  const { server, token, service } = values;
  if (server !== undefined) return openServer(server, values, env);
  checkOneToken(values);
  const { sourceOfActor } = await import('./sources/actor.ts');
  return sourceOfActor({
    access: { env, kubeconfig: values.kubeconfig, context: values.context },
    audit,
    service,
    token,
    tokenFile: readable(values['token-file']),
    serviceAccount: values['service-account'],
  });
}

/** The whole graph of a path or URL, for `diff`; a saved answer is returned as it is. */
export async function graphNamed(name: string, values: Values, surroundings: Surroundings): Promise<GraphAnswer> {
  if (/^https?:\/\//.test(name)) {
    const { tellingGaps } = await import('./sources/gaps.ts');
    return wholeOf(tellingGaps(await openServer(name, values, surroundings.env), surroundings.warn));
  }
  const { answer, graph } = await readFiles([name], values, surroundings);
  return answer ?? wholeOf(await sourceOfFiles(graph(), [name], values, surroundings.warn));
}

/** Findings of the classes broken and risk in the graph of a path or URL. */
export async function findingsNamed(
  name: string,
  values: Values,
  surroundings: Surroundings,
): Promise<readonly Finding[]> {
  if (name === '-') throw usageFailure('--fail-on new-finding reads twice: standard input can be read once');
  const { findingsOf } = await import('./findings.ts');
  const source = /^https?:\/\//.test(name)
    ? await openServer(name, values, surroundings.env)
    : await openFiles([name], values, surroundings);
  try {
    return (await findingsOf(source, {})).findings;
  } finally {
    await source.close();
  }
}

async function wholeOf(source: Source): Promise<GraphAnswer> {
  try {
    return await jsonOf<GraphAnswer>(source, '/cluster');
  } finally {
    await source.close();
  }
}

function checkPlaces(values: Values): void {
  const isGiven = (name: keyof Values) => values[name] !== undefined;
  if (isGiven('namespace') && isGiven('all-namespaces')) throw usageFailure('-n and -A exclude each other');
  if (isGiven('filename')) refuse(['server', 'context', 'kubeconfig', 'direct', ...ofMaster], '-f', isGiven);
  if (isGiven('direct')) refuse(ofMaster, '--direct', isGiven);
  if (isGiven('server')) refuse(['context', 'kubeconfig', 'service', 'service-account', 'direct'], '--server', isGiven);
  else refuse(ofServer, undefined, isGiven);
  // A master has its own rules.
  for (const name of ['rules', 'findings'] as const)
    if (isGiven(name) && isGiven('server')) throw usageFailure(`--${name} and --server exclude each other`);
}

function refuse(
  names: readonly (keyof Values)[],
  beside: string | undefined,
  isGiven: (name: keyof Values) => boolean,
): void {
  const name = names.find(isGiven);
  if (name === undefined) return;
  throw usageFailure(
    beside === undefined ? `--${name} goes with --server` : `--${name} and ${beside} exclude each other`,
  );
}

async function openFiles(paths: readonly string[], values: Values, surroundings: Surroundings): Promise<Source> {
  const { answer, graph } = await readFiles(paths, values, surroundings);
  if (!answer) return sourceOfFiles(graph(), paths, values, surroundings.warn);
  const { sourceOfAnswer } = await import('./sources/saved.ts');
  return sourceOfAnswer({ answer, name: paths.join(', '), version });
}

/** A saved answer, or a graph built from the objects in the files. */
async function readFiles(paths: readonly string[], values: Values, surroundings: Surroundings) {
  const { documentsIn, graphOfDocuments } = await import('./read/graph.ts');
  const { savedIn } = await import('./compare/side.ts');
  const options = await filesOptions(paths, values, surroundings);
  const read = await documentsIn(options);
  return { answer: savedIn(read, paths.join(', ')), graph: () => graphOfDocuments(read, options) };
}

async function filesOptions(
  paths: readonly string[],
  values: Values,
  surroundings: Surroundings,
): Promise<FilesOptions> {
  const { input, warn } = surroundings;
  const { namespace = 'default' } = values;
  const declarations = await declarationsOf(values, warn);
  return { paths, namespace, input, version, logger: silentLogger, warn, declarations };
}

async function declarationsOf({ rules }: Values, warn: (line: string) => void) {
  if (rules === undefined) return [];
  const { soundRulesIn } = await import('./read/rules.ts');
  return soundRulesIn(rules, warn);
}

async function sourceOfFiles(
  made: Promise<Graph>,
  paths: readonly string[],
  values: Values,
  warn: (line: string) => void,
): Promise<Source> {
  const graph = await made;
  const { sourceOfGraph } = await import('./sources/in-process.ts');
  const findingBook = await bookOf(values, warn);
  // Files are already a selection: questions cover all of them unless -n restricts them.
  return sourceOfGraph({ name: paths.join(', '), namespace: undefined, version, graph, watched: false, findingBook });
}

/** Acceptance rules and user-defined findings from files. */
async function bookOf({ findings = [], rules = [] }: Values, warn: Warn): Promise<FindingBook | undefined> {
  if (findings.length + rules.length === 0) return undefined;
  const { bookIn } = await import('./read/finding-settings.ts');
  return bookIn({ settings: findings, rules }, warn);
}

type Warn = (line: string) => void;

async function openServer(url: string, values: Values, env: Environment): Promise<Source> {
  const { sourceOfServer } = await import('./sources/remote.ts');
  const { token } = values;
  checkOneToken(values);
  return sourceOfServer({
    url,
    token,
    tokenFile: readable(values['token-file']),
    certificateAuthority: readable(values['certificate-authority']),
    insecure: values['insecure-skip-tls-verify'],
    env,
  });
}

function checkOneToken(values: Values): void {
  const given = (['token', 'token-file', 'service-account'] as const).filter((name) => values[name] !== undefined);
  if (given.length > 1) throw usageFailure(`--${given.join(' and --')} exclude each other`);
}

/** @throws Failure if the file does not exist: later errors would be less clear. */
function readable(file: string | undefined): string | undefined {
  try {
    if (file !== undefined) readFileSync(file);
    return file;
  } catch (error) {
    throw failed(`${file} cannot be read: ${reasonOf(error)}`, error);
  }
}

async function openCluster(
  values: Values,
  words: readonly string[],
  reach: Reach,
  { env, warn, audit, progress }: Surroundings,
): Promise<Source> {
  const { namespaceOf, sourceOfKubeconfig } = await import('./sources/cluster.ts');
  const access = { env, kubeconfig: values.kubeconfig, context: values.context };
  const { service, direct = false, token } = values;
  const serviceAccount = values['service-account'];
  for (const [option, place] of Object.entries({ service, 'service-account': serviceAccount }))
    if (place !== undefined && !/^[^/]+\/[^/]+$/.test(place))
      throw usageFailure(`--${option} ${place}: write NAMESPACE/NAME`);
  checkOneToken(values);
  return sourceOfKubeconfig({
    access,
    audit,
    direct,
    service,
    token,
    tokenFile: readable(values['token-file']),
    serviceAccount,
    now: () => performance.now() / 1000,
    live: reach === 'live',
    ...namespacesToRead(values, words, reach, values.namespace ?? namespaceOf(access)),
    version,
    logger: silentLogger,
    warn,
    progress,
    declarations: await declarationsOf(values, warn),
    findingBook: await bookOf(values, warn),
  });
}

/**
 * For a cluster read here: the command's namespaces if they suffice; otherwise all, or the named ones for a user who may
 * not read all.
 */
function namespacesToRead(values: Values, words: readonly string[], reach: Reach, usual: string) {
  const { types, names } = readWords(words);
  const said = namespacesSaid(names, usualNames);
  const isOfCluster =
    said === undefined || types.some((type) => usualNames.clusterScoped(usualNames.find(type) ?? type));
  const named = [...new Set([...(said ?? []), usual])];
  const all = values['all-namespaces'] === true || reach !== 'within' || isOfCluster;
  return { only: all ? [] : named, named };
}
