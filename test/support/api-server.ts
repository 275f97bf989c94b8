// A real API server with a real etcd, on loopback, without controllers: nothing runs, and objects stay as they were written. It
// can be killed and restarted, and its etcd reset to an earlier state.
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Daemon, eventually, startDaemon } from './engines/daemon.ts';
import { freePorts } from './free-port.ts';

export interface Answer {
  readonly status: number;
  readonly body: Body;
}

/** The union of the answers that tests read. The test knows which fields exist. */
interface Body {
  /** In failures. */
  readonly message: string;
  /** In objects. */
  readonly metadata: Named;
  readonly spec: unknown;
  /** In TokenRequests. */
  readonly status: { readonly token: string };
  /** In lists. */
  readonly items: readonly { readonly metadata: Named }[];
  /** In discovery. */
  readonly resources?: readonly { readonly name: string; readonly kind: string; readonly namespaced: boolean }[];
}

interface Named {
  readonly name: string;
  readonly namespace?: string;
  readonly uid: string;
}

export interface ApiServer {
  readonly url: string;
  /** Token of a caller with all rights. */
  readonly token: string;
  /** A kubeconfig with the token, by default `token`. */
  kubeconfig(name: string, token?: string): string;
  call(method: string, path: string, body?: unknown, type?: string): Promise<Answer>;
  /** Runs the real kubectl. */
  kubectl(args: readonly string[], input?: string): string;
  /** Fills aggregated ClusterRoles, as the missing controller would. */
  aggregate(): Promise<void>;
  /** A token of the account, issued by the API server. */
  tokenOf(namespace: string, account: string): Promise<string>;
  /** Requests of a user in its audit log, as `verb path`. */
  audited(user: string): readonly string[];
  /** Remembers the current content of etcd. */
  keep(): Promise<void>;
  /** Resets etcd to what `keep` remembered, as a restored backup would. */
  restore(): Promise<void>;
  close(): Promise<void>;
}

const admin = 'token-of-the-test';

export async function startApiServer(program: string): Promise<ApiServer> {
  const folder = mkdtempSync(join(tmpdir(), 'api-server-'));
  const [port = 0, client = 0, peer = 0] = await freePorts(3);
  const url = `https://127.0.0.1:${port}`;
  const agent = new Agent({ rejectUnauthorized: false, keepAlive: true, maxSockets: 8 });
  const path = (name: string) => join(folder, name);
  writeKeys(path);
  let daemons: Daemon[] = [];

  async function start(): Promise<void> {
    const etcd = await startDaemon('etcd', etcdArguments(path('etcd'), client, peer), client, path('etcd.log'));
    daemons = [etcd];
    daemons.push(await startDaemon(program, serverArguments(path, port, client), port, path('api-server.log')));
    await eventually('the API server to be ready', 60_000, async () => (await ask('GET', '/readyz')).status === 200);
  }

  async function stop(): Promise<void> {
    for (const daemon of daemons.toReversed()) await daemon.stop();
    daemons = [];
  }

  const ask: ApiServer['call'] = (method, target, body, type = 'application/json') =>
    asked(`${url}${target}`, agent, { method, type, body: body === undefined ? undefined : JSON.stringify(body) });

  function kubeconfig(name: string, token = admin): string {
    const file = path(`${name}.kubeconfig`);
    writeFileSync(file, JSON.stringify(kubeconfigOf(url, token)));
    return file;
  }

  async function close(): Promise<void> {
    agent.destroy();
    await stop();
    rmSync(folder, { recursive: true, force: true });
  }

  await start().catch(async (error: unknown) => {
    const said = readFileSync(path('api-server.log'), 'utf8').slice(-2000);
    await close();
    throw new Error(`the API server does not start: ${said}`, { cause: error });
  });
  return {
    url,
    token: admin,
    kubeconfig,
    call: ask,
    kubectl: (args, input) =>
      execFileSync('kubectl', ['--kubeconfig', kubeconfig('admin'), ...args], {
        stdio: ['pipe', 'pipe', 'pipe'],
        maxBuffer: 64 << 20,
        env: { PATH: process.env['PATH'], HOME: folder },
        ...(input === undefined ? {} : { input }),
      }).toString(),
    aggregate: () => aggregate(ask),
    async tokenOf(namespace, account) {
      const spec = { spec: { expirationSeconds: 3600 } };
      const target = `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`;
      return (await ask('POST', target, spec)).body.status.token;
    },
    audited: (user) => auditedIn(path('audit.log'), user),
    async keep() {
      await stop();
      rmSync(path('kept'), { recursive: true, force: true });
      cpSync(path('etcd'), path('kept'), { recursive: true });
      await start();
    },
    async restore() {
      await stop();
      rmSync(path('etcd'), { recursive: true, force: true });
      cpSync(path('kept'), path('etcd'), { recursive: true });
      await start();
    },
    close,
  };
}

async function aggregate(call: ApiServer['call']): Promise<void> {
  const path = '/apis/rbac.authorization.k8s.io/v1/clusterroles';
  const roles = (await call('GET', path)).body.items as readonly ClusterRole[];
  for (const { metadata, aggregationRule } of roles) {
    if (!aggregationRule) continue;
    const wanted = aggregationRule.clusterRoleSelectors.map(({ matchLabels }) => Object.entries(matchLabels));
    const parts = roles.filter((role) =>
      wanted.some((labels) => labels.every(([key, value]) => role.metadata.labels?.[key] === value)),
    );
    const rules = parts.flatMap((role) => role.rules ?? []);
    await call('PATCH', `${path}/${metadata.name}`, { rules }, 'application/merge-patch+json');
  }
}

interface ClusterRole {
  readonly metadata: Named & { readonly labels?: { readonly [key: string]: string } };
  readonly rules?: readonly object[] | null;
  readonly aggregationRule?: {
    readonly clusterRoleSelectors: readonly { readonly matchLabels: { readonly [key: string]: string } }[];
  };
}

function writeKeys(path: (name: string) => string): void {
  mkdirSync(path('etcd'), { mode: 0o700 });
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  writeFileSync(path('accounts.key'), privateKey.export({ type: 'pkcs1', format: 'pem' }));
  writeFileSync(path('accounts.pub'), publicKey.export({ type: 'spki', format: 'pem' }));
  writeFileSync(path('tokens.csv'), `${admin},admin,1,system:masters\n`);
  writeFileSync(
    path('audit.yaml'),
    JSON.stringify({
      apiVersion: 'audit.k8s.io/v1',
      kind: 'Policy',
      rules: [{ level: 'Metadata', omitStages: ['RequestReceived'] }],
    }),
  );
}

function etcdArguments(folder: string, client: number, peer: number): string[] {
  const [clients, peers] = [`http://127.0.0.1:${client}`, `http://127.0.0.1:${peer}`];
  return [
    `--data-dir=${folder}`,
    `--listen-client-urls=${clients}`,
    `--advertise-client-urls=${clients}`,
    `--listen-peer-urls=${peers}`,
    `--initial-advertise-peer-urls=${peers}`,
    `--initial-cluster=default=${peers}`,
  ];
}

function serverArguments(path: (name: string) => string, port: number, etcd: number): string[] {
  return [
    `--etcd-servers=http://127.0.0.1:${etcd}`,
    `--secure-port=${port}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    `--cert-dir=${path('certificates')}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${path('accounts.pub')}`,
    `--service-account-signing-key-file=${path('accounts.key')}`,
    '--service-cluster-ip-range=10.96.0.0/16',
    '--authorization-mode=RBAC',
    `--token-auth-file=${path('tokens.csv')}`,
    '--allow-privileged',
    '--endpoint-reconciler-type=none',
    `--audit-log-path=${path('audit.log')}`,
    `--audit-policy-file=${path('audit.yaml')}`,
  ];
}

function kubeconfigOf(server: string, token: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'real', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'user', user: { token } }],
    contexts: [{ name: 'real', context: { cluster: 'real', user: 'user' } }],
    'current-context': 'real',
  };
}

interface Question {
  readonly method: string;
  readonly type: string;
  readonly body: string | undefined;
}

function asked(url: string, agent: Agent, { method, type, body }: Question): Promise<Answer> {
  return new Promise((resolve) => {
    const headers = { authorization: `Bearer ${admin}`, 'content-type': type };
    const sent = request(url, { method, agent, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: readJson(text) as Body }));
    });
    sent.on('error', (error) => resolve({ status: 0, body: { message: error.message } as Body }));
    sent.end(body);
  });
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return { message: text };
  }
}

function auditedIn(file: string, user: string): string[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return lines
    .map((line) => JSON.parse(line) as { user: { username: string }; stage: string; verb: string; requestURI: string })
    .filter((each) => each.user.username === user && each.stage === 'ResponseComplete')
    .map(({ verb, requestURI }) => `${verb} ${requestURI.split('?')[0]}`);
}
