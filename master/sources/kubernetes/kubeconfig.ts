// Finds out which cluster is meant and how to get in, by kubectl's rules: the named file, or every file of KUBECONFIG
// where the first one to say something wins, or ~/.kube/config; else the account of the pod this runs in.
// https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
//
// @kubernetes/client-node 2.0.1 reads one file well, but differs from kubectl in what goes on around it, so the choice
// is made here and it gets one cluster, one user and one context. It takes the current context of the last file, not the
// first; refuses a name found twice; fails on a missing file of the list; resolves no path of a token file or exec
// plugin; prefers a certificate's file over its data; and one broken entry spoils all.
import { readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { delimiter, dirname, join, resolve, sep } from 'node:path';
import { parse } from 'yaml';
import { fault } from '../../../src/errors.ts';
import { isName, isRecord, itemsOf } from '../../../src/fields.ts';

export type Environment = { readonly [variable: string]: string | undefined };

/** The fields of a kubeconfig's `cluster` or `user` as they stand in the file. */
export interface Entry {
  [field: string]: unknown;
}

/** One cluster and how to get in, with absolute paths. */
export interface Access {
  readonly contextName: string;
  readonly cluster: Entry & { server: string };
  readonly user: Entry;
  /** Where names without a namespace are, if the context says it. */
  readonly namespace?: string;
}

export interface AccessOptions {
  /** `--kubeconfig`; taken as KUBECONFIG itself where it says the same. */
  readonly kubeconfig?: string | undefined;
  /** A kubeconfig's content itself, instead of any file; its paths are relative to the working folder. */
  readonly document?: object | undefined;
  /** The current context where not given. */
  readonly context?: string | undefined;
  readonly env: Environment;
  /** Where the pod's account is mounted. */
  readonly accountFolder?: string;
}

const accountFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * Undefined when nothing names a cluster.
 * @throws Fault `bad_setting` when something does, and cannot be followed.
 */
export function findAccess(options: AccessOptions): Access | undefined {
  const documents = readDocuments(options);
  const context = options.context || documents.map((one) => one.currentContext).find(isName);
  if (context !== undefined) return accessOf(documents, context);
  const account = accountOfPod(options.env, options.accountFolder ?? accountFolder);
  if (account === undefined) checkNothingNamed(options, documents);
  return account;
}

/** Who names a file, or has contexts to choose from, means a cluster. @throws Fault `bad_setting` */
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
    const content: unknown = parse(readFileSync(file, 'utf8'));
    return isRecord(content) ? content : {};
  } catch (error) {
    throw unreadable(file, error);
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

/** A command without a slash is looked for in PATH; one with a slash is relative to the file that names it. */
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
