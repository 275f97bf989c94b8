// Chooses the cluster and credentials by kubectl's rules: the named file; or all files of KUBECONFIG, where the first to
// set a value wins; or ~/.kube/config; otherwise the Pod's service account.
// https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
//
// @kubernetes/client-node 2.0.1 reads one file well but merges unlike kubectl, so the choice is made here and it gets one
// cluster, one user and one context. It takes the current context of the last file instead of the first, rejects duplicate
// names, fails on missing files, does not resolve paths of token files and exec plugins, prefers a certificate's file to
// its data, and fails on one broken entry.
import { readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { delimiter, dirname, join, resolve, sep } from 'node:path';
import { fault } from '../../../src/errors.ts';
import { isName, isRecord, itemsOf } from '../../../src/fields.ts';
import { yaml } from '../../../src/yaml.ts';

export type Environment = { readonly [variable: string]: string | undefined };

/** A kubeconfig's `cluster` or `user`, as in the file. */
export interface Entry {
  [field: string]: unknown;
}

/** One cluster and its credentials, with absolute paths. */
export interface Access {
  readonly contextName: string;
  readonly cluster: Entry & { server: string };
  readonly user: Entry;
  /** Default namespace, if the context has one. */
  readonly namespace?: string;
}

export interface AccessOptions {
  /** `--kubeconfig`; if equal to KUBECONFIG, it is treated as that. */
  readonly kubeconfig?: string | undefined;
  /** The content of a kubeconfig instead of a file; paths are relative to the working directory. */
  readonly document?: object | undefined;
  /** Default: the current context. */
  readonly context?: string | undefined;
  readonly env: Environment;
  /** Mount path of the Pod's service account. */
  readonly accountFolder?: string;
}

const accountFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * Undefined if no cluster is configured.
 * @throws Fault `bad_setting` if a configured one is unusable.
 */
export function findAccess(options: AccessOptions): Access | undefined {
  const documents = readDocuments(options);
  const context = options.context || documents.map((one) => one.currentContext).find(isName);
  if (context !== undefined) return accessOf(documents, context);
  const account = accountOfPod(options.env, options.accountFolder ?? accountFolder);
  if (account === undefined) checkNothingNamed(options, documents);
  return account;
}

/** A named file or existing contexts mean that the user wants a cluster. @throws Fault `bad_setting` */
function checkNothingNamed({ env, document }: AccessOptions, documents: readonly Document[]): void {
  const contexts = documents.flatMap((one) => one.contexts);
  if (contexts.length > 0)
    throw badKubeconfig(`sets no current context: choose one of ${contexts.slice(0, 5).join(', ')}`);
  if (document !== undefined || !isName(env.KUBECONFIG)) return;
  const fact = documents.length === 0 ? 'is not there' : 'names no cluster';
  throw badKubeconfig(`${env.KUBECONFIG} ${fact}`);
}

interface Document {
  readonly currentContext: unknown;
  readonly contexts: readonly string[];
  entry(list: 'clusters' | 'users' | 'contexts', name: string): Entry | undefined;
}

function readDocuments({ kubeconfig, document, env }: AccessOptions): Document[] {
  if (document !== undefined) return [documentOf({ ...document }, '')];
  if (isName(kubeconfig) && kubeconfig !== env.KUBECONFIG) return kubeconfig.split(delimiter).map(readDocument);
  const named = (env.KUBECONFIG ?? '').split(delimiter).filter(isName);
  const files = isName(env.KUBECONFIG) ? named : usualFile(env);
  return files.filter(isThere).map(readDocument);
}

function usualFile(env: Environment): string[] {
  const home = env.HOME || env.USERPROFILE;
  return isName(home) ? [join(home, '.kube', 'config')] : [];
}

function isThere(file: string): boolean {
  try {
    readFileSync(file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw unreadable(file, error);
  }
}

function readDocument(file: string): Document {
  return documentOf(contentOf(file), dirname(resolve(file)));
}

function documentOf(content: Entry, root: string): Document {
  return {
    currentContext: content['current-context'],
    contexts: itemsOf(content.contexts as Entry[]).flatMap((one) => (isName(one?.name) ? [one.name] : [])),
    entry(list, name) {
      const found = itemsOf(content[list] as Entry[]).find((one) => one?.name === name);
      if (found === undefined || found === null) return undefined;
      return withAbsolutePaths(root, (found[list.slice(0, -1)] ?? {}) as Entry);
    },
  };
}

function contentOf(file: string): Entry {
  try {
    const content = parsed(readFileSync(file, 'utf8'));
    return isRecord(content) ? content : {};
  } catch (error) {
    throw unreadable(file, error);
  }
}

/** JSON is YAML too, and read without the package. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return yaml().parse(text) as unknown;
  }
}

function unreadable(file: string, error: unknown): Error {
  return fault('bad_setting', { setting: 'KUBECONFIG', reason: `${file}: ${(error as Error).message}` }, error);
}

const pathFields = ['certificate-authority', 'client-certificate', 'client-key', 'tokenFile'];

function withAbsolutePaths(root: string, entry: Entry): Entry {
  const paths = pathFields.filter((field) => isName(entry[field]));
  const absolute = Object.fromEntries(paths.map((field) => [field, resolve(root, String(entry[field]))]));
  return { ...entry, ...absolute, ...(isRecord(entry.exec) ? { exec: withAbsoluteCommand(root, entry.exec) } : {}) };
}

/** A command without a slash is searched in PATH; with one it is relative to its file. */
function withAbsoluteCommand(root: string, exec: { readonly [field: string]: unknown }): Entry {
  const { command } = exec;
  return isName(command) && command.includes(sep) ? { ...exec, command: resolve(root, command) } : { ...exec };
}

function accessOf(documents: readonly Document[], contextName: string): Access {
  const context = entryOf(documents, 'contexts', contextName);
  if (context === undefined) throw badContext(contextName, 'is in no kubeconfig');
  const cluster = entryOf(documents, 'clusters', String(context.cluster));
  if (!isName(cluster?.server))
    throw badContext(contextName, `names cluster ${String(context.cluster)}, which has no server`);
  const user = isName(context.user) ? entryOf(documents, 'users', context.user) : {};
  if (user === undefined) throw badContext(contextName, `names user ${String(context.user)}, which is not there`);
  const namespace = isName(context.namespace) ? { namespace: context.namespace } : {};
  return { contextName, cluster: { ...cluster, server: cluster.server }, user, ...namespace };
}

function entryOf(documents: readonly Document[], list: 'clusters' | 'users' | 'contexts', name: string) {
  for (const document of documents) {
    const entry = document.entry(list, name);
    if (entry !== undefined) return entry;
  }
  return undefined;
}

function badContext(context: string, reason: string): Error {
  return badKubeconfig(`context ${context} ${reason}`);
}

function badKubeconfig(reason: string): Error {
  return fault('bad_setting', { setting: 'KUBECONFIG', reason });
}

/** https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/ */
function accountOfPod(env: Environment, folder: string): Access | undefined {
  const host = env.KUBERNETES_SERVICE_HOST;
  const token = join(folder, 'token');
  if (!isName(host) || !isThere(token)) return undefined;
  const server = `https://${isIPv6(host) ? `[${host}]` : host}:${env.KUBERNETES_SERVICE_PORT || '443'}`;
  const cluster = { server, 'certificate-authority': join(folder, 'ca.crt') };
  return { contextName: 'in-cluster', cluster, user: { tokenFile: token } };
}
