// Credentials from a program named in the kubeconfig, as cloud providers use.
// https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
// client-node's own runner starts one program per concurrent request, does not set KUBERNETES_EXEC_INFO, has no timeout,
// uses credentials up to the last second, and does not renew rejected ones.
import { type ExecFileException, execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Clock } from '../../../src/clock.ts';
import { isName, isRecord, itemsOf } from '../../../src/fields.ts';
import type { Entry, Environment } from './kubeconfig.ts';

export interface Credential {
  readonly token?: string;
  /** PEM. */
  readonly cert?: string;
  readonly key?: string;
}

export interface ExecPlugin {
  credential(): Promise<Credential>;
  /** Runs the program again next time: the credential was rejected. */
  forget(): void;
}

interface Held {
  readonly credential: Credential;
  readonly until: number;
}

/** Credentials are not used in their last seconds, since a request takes time. */
const margin = 10_000;
const patience = 60_000;

export function createExecPlugin(exec: Entry, cluster: Entry, env: Environment, clock: Clock): ExecPlugin {
  let held: Held | undefined;
  let running: Promise<Credential> | undefined;

  async function ask(): Promise<Credential> {
    const status = statusOf(await run(exec, cluster, env));
    held = { credential: credentialOf(status), until: endOf(status) };
    return held.credential;
  }

  return {
    async credential() {
      if (held !== undefined && clock() < held.until - margin) return held.credential;
      running ??= ask().finally(() => {
        running = undefined;
      });
      return running;
    },
    forget() {
      held = undefined;
    },
  };
}

function run(exec: Entry, cluster: Entry, env: Environment): Promise<string> {
  const command = String(exec.command ?? '');
  const args = itemsOf(exec.args as unknown[]).map(String);
  const options = {
    env: environmentOf(exec, cluster, env),
    timeout: patience,
    maxBuffer: 1 << 20,
    encoding: 'utf8',
  } as const;
  return new Promise((done, failed) => {
    const child = execFile(command, args, options, (error, stdout, stderr) => {
      if (error === null) done(stdout);
      else failed(failure(exec, command, error, stderr));
    });
    child.stdin?.end();
  });
}

function failure(exec: Entry, command: string, error: ExecFileException, stderr: string): Error {
  const hint = isName(exec.installHint) && error.code === 'ENOENT' ? ` ${exec.installHint.trim()}` : '';
  const said = stderr.trim().slice(0, 500) || (error.code === 'ENOENT' ? 'not found' : error.message);
  return new Error(`credential plugin ${command}: ${said}${hint}`, { cause: error });
}

function environmentOf(exec: Entry, cluster: Entry, env: Environment): NodeJS.ProcessEnv {
  const given = itemsOf(exec.env as Entry[]).flatMap((one) =>
    isName(one?.name) ? [[one.name, String(one.value ?? '')]] : [],
  );
  return { ...env, ...Object.fromEntries(given), KUBERNETES_EXEC_INFO: JSON.stringify(infoOf(exec, cluster)) };
}

function infoOf(exec: Entry, cluster: Entry) {
  const spec = { interactive: false, ...(exec.provideClusterInfo === true ? { cluster: clusterInfo(cluster) } : {}) };
  return { apiVersion: exec.apiVersion ?? 'client.authentication.k8s.io/v1', kind: 'ExecCredential', spec };
}

const clusterFields = [
  'server',
  'tls-server-name',
  'insecure-skip-tls-verify',
  'certificate-authority-data',
  'proxy-url',
];

function clusterInfo(cluster: Entry): Entry {
  const known = clusterFields.filter((field) => cluster[field] !== undefined);
  return { ...authorityOf(cluster), ...Object.fromEntries(known.map((field) => [field, cluster[field]])) };
}

function authorityOf({ 'certificate-authority': file }: Entry): Entry {
  return isName(file) ? { 'certificate-authority-data': readFileSync(file).toString('base64') } : {};
}

function statusOf(output: string): Entry {
  const { status } = JSON.parse(output) as { readonly status?: unknown };
  if (!isRecord(status)) throw new Error('the credential plugin answered no status');
  return status;
}

function credentialOf(status: Entry): Credential {
  const { token, clientCertificateData: cert, clientKeyData: key } = status;
  if (!isName(token) && !(isName(cert) && isName(key))) throw new Error('the credential plugin gave no credential');
  return { ...(isName(token) ? { token } : {}), ...(isName(cert) && isName(key) ? { cert, key } : {}) };
}

function endOf({ expirationTimestamp }: Entry): number {
  return isName(expirationTimestamp) ? Date.parse(expirationTimestamp) : Number.POSITIVE_INFINITY;
}
