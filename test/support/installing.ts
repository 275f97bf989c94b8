// A cluster for the install scripts: the fake API server, a controller that makes workloads ready, a stand-in for the service,
// and the real kubectl with `exec` redirected to this machine, because no containers run here.
import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { type ApiServer, startApiServer, type User } from '../../src/demo/api-server.ts';
import type { KubernetesObject } from '../../src/model.ts';
import { rulesOf } from './granted-master.ts';
import { type Manifest, root } from './manifests.ts';

export interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Place {
  readonly api: ApiServer;
  /** The service's answers by path without query; a number is a status. */
  readonly answers: Map<string, object | string | number>;
  /** Paths requested from the service. */
  readonly asked: readonly string[];
  /** The URL of the stand-in. */
  served(): string;
  /** Makes `url` the service; the script's requests from inside its Pod use `token`. */
  serveFrom(url: string, token: string): void;
  /** A new folder that goes with the cluster. */
  folder(name: string): string;
  /** A kubeconfig of the API server; by default the scripts use the first user's. */
  kubeconfig(token: string): string;
  /** Runs `install/NAME`. */
  run(name: string, args: readonly string[], environment?: { readonly [name: string]: string }): Promise<Run>;
  /** Runs the real kubectl as the scripts do, with `input` on standard input. */
  kubectl(args: readonly string[], input?: string): Promise<Run>;
  /** Runs another program with the same kubeconfig. */
  program(path: string, args: readonly string[]): Promise<Run>;
  /** Whether the workloads' Pods become ready. */
  ready: { deployments: boolean; daemonSets: boolean };
  /** A PATH without kubectl. */
  readonly withoutKubectl: string;
  /** A PATH without openssl. */
  readonly withoutOpenssl: string;
  close(): Promise<void>;
}

export const certificate = (file: string) => readFileSync(join(root, 'test/fixtures/api-server-tls', file), 'utf8');

const nodeOf = (name: string, runtime: string): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name },
  status: { nodeInfo: { operatingSystem: 'linux', containerRuntimeVersion: `${runtime}://1.7.0` } },
});

const administrator: User = {
  username: 'administrator',
  groups: ['system:masters', 'system:authenticated'],
  token: 'any',
  rules: [],
};

/** Namespaces that tests install into: the rights of the master's account there follow the API server's own roles and bindings. */
const places = ['cluster-insight', 'graph', 'tools', 'true', '123'];

function accountIn(namespace: string, api: () => ApiServer): User {
  return {
    username: `system:serviceaccount:${namespace}:cluster-insight-master`,
    groups: ['system:authenticated'],
    get rules() {
      return rulesOf(grantsIn(api()), { kind: 'ServiceAccount', name: 'cluster-insight-master', namespace });
    },
  };
}

/** Without the empty bindings. */
function grantsIn(api: ApiServer): Manifest[] {
  const resources = ['roles', 'clusterroles', 'rolebindings', 'clusterrolebindings'];
  const all = resources.flatMap((each) => api.list(`${each}.rbac.authorization.k8s.io`)) as unknown as Manifest[];
  return all.filter((object) => {
    const role = object['roleRef'] as { readonly name: string } | undefined;
    return (
      role === undefined ||
      role.name.startsWith('system:') ||
      all.some(({ kind, metadata }) => kind.endsWith('Role') && metadata.name === role.name)
    );
  });
}

export async function installing(
  runtimes: readonly string[],
  users: readonly User[] = [administrator],
): Promise<Place> {
  const answers = new Map<string, object | string | number>(Object.entries(soundAnswers));
  const asked: string[] = [];
  const service = await serve(answers, asked);
  const { port } = service.address() as AddressInfo;
  const served = { url: `http://127.0.0.1:${port}`, token: 'a-token' };
  const forward = (_resource: string, _namespace: string, name: string) =>
    name.includes('cluster-insight') ? served.url : undefined;
  // kubectl sends tokens to HTTPS servers only.
  const accounts = places.map((namespace) => accountIn(namespace, () => api));
  const told = new Set(users.map(({ username }) => username));
  const api: ApiServer = await startApiServer({
    users: [...users, ...accounts.filter(({ username }) => !told.has(username))],
    forward,
    tls: { cert: certificate('server.crt'), key: certificate('server.key') },
  });
  runtimes.forEach((runtime, index) => void api.create(nodeOf(`node-${index}`, runtime)));
  const folder = mkdtempSync(join(tmpdir(), 'installing-'));
  const ready = { deployments: true, daemonSets: true };
  const controller = setInterval(() => makeReady(api, ready), 20);
  const tools = makeTools(folder);
  const kubeconfig = (token: string) => {
    const path = join(folder, `config-${token}`);
    writeFileSync(path, JSON.stringify(api.kubeconfig({ token })), { mode: 0o600 });
    return path;
  };
  // kubectl ends before it is worth collecting garbage: without that it takes two thirds of the processor time.
  const usual = { HOME: folder, KUBECONFIG: kubeconfig(users[0]?.token ?? 'any'), TMPDIR: folder, GOGC: 'off' };
  const environment = () => ({
    ...{ ...usual, PATH: tools.path, INSIGHT_URL: served.url, INSIGHT_TOKEN: served.token },
    DEPLOYMENTS_READY: ready.deployments ? 'yes' : '',
    DAEMONSETS_READY: ready.daemonSets ? 'yes' : '',
  });
  const children = new Set<ChildProcess>();
  return {
    api,
    answers,
    asked,
    ready,
    withoutKubectl: tools.without,
    withoutOpenssl: tools.withoutOpenssl,
    folder(name) {
      const path = join(folder, name);
      mkdirSync(path);
      return path;
    },
    kubeconfig,
    served: () => served.url,
    serveFrom: (url, token) => void Object.assign(served, { url, token }),
    run: (name, args, more = {}) =>
      runProgram('/bin/sh', [join(root, 'install', name), ...args], { ...environment(), ...more }, children),
    program: (path, args) => runProgram(path, args, environment(), children),
    kubectl: (args, input) => runProgram(findKubectl(), args, environment(), children, input),
    async close() {
      clearInterval(controller);
      for (const child of children) child.kill('SIGKILL');
      await api.stop();
      service.closeAllConnections();
      await new Promise((resolve) => service.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const soundAnswers = {
  '/readyz': 'ok',
  '/cluster': {
    success: true,
    completeness: {
      kinds: { Pod: { state: 'synced' }, Node: { state: 'synced' }, Secret: { state: 'forbidden' } },
      minions: { 'node-0': { state: 'synced' } },
    },
    resources: [
      { id: 'Node:node-0', type: 'Node' },
      { id: 'Container:a/b/c', type: 'Container', properties: { State: { Running: true } } },
      { id: 'Container:a/b/d', type: 'Container', properties: { status: { state: { terminated: {} } } } },
    ],
    relations: [],
  },
  '/cluster/resources': { success: true, resources: [{ id: 'Node:node-0', type: 'Node' }] },
};

async function serve(answers: ReadonlyMap<string, object | string | number>, asked: string[]): Promise<Server> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://x');
    asked.push(pathname);
    const answer = answers.get(pathname) ?? 404;
    response.statusCode = typeof answer === 'number' ? answer : 200;
    response.end(typeof answer === 'object' ? JSON.stringify(answer) : String(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

/** Does what the cluster's controllers do. */
function makeReady(api: ApiServer, ready: Place['ready']): void {
  if (ready.deployments) for (const each of api.list('deployments.apps')) setStatus(api, each, deploymentStatus(each));
  if (ready.daemonSets) for (const each of api.list('daemonsets.apps')) setStatus(api, each, daemonSetStatus(each));
}

function setStatus(api: ApiServer, object: KubernetesObject, status: object): void {
  if (JSON.stringify(object.status) !== JSON.stringify(status)) api.update({ ...object, status }, 'status');
}

function deploymentStatus({ metadata, spec }: KubernetesObject): object {
  const replicas = (spec as { replicas: number }).replicas;
  const counts = { replicas, updatedReplicas: replicas, readyReplicas: replicas, availableReplicas: replicas };
  return { observedGeneration: metadata.generation ?? 0, ...counts };
}

function daemonSetStatus({ metadata }: KubernetesObject): object {
  const counts = {
    desiredNumberScheduled: 1,
    currentNumberScheduled: 1,
    updatedNumberScheduled: 1,
    numberAvailable: 1,
  };
  return { observedGeneration: metadata.generation ?? 0, ...counts, numberReady: 1, numberMisscheduled: 0 };
}

/**
 * Runs `exec … -- node -e SCRIPT URL RUNTIME` here against the stand-in; passes everything else to kubectl. A rollout that is over is
 * given time to be seen, however busy the machine: tests choose short limits for what never comes.
 */
const kubectl = (real: string) => `#!/bin/sh
case " $* " in
  *" rollout status deployment/"*) [ -z "$DEPLOYMENTS_READY" ] || set -- "$@" --timeout=60s ;;
  *" rollout status daemonset/"*) [ -z "$DAEMONSETS_READY" ] || set -- "$@" --timeout=60s ;;
esac
for word; do
  if [ "$word" = exec ]; then
    while [ "$1" != -e ]; do shift; done
    CLUSTER_INSIGHT_VERIFY_TOKEN="$INSIGHT_TOKEN" exec "${process.execPath}" -e "$2" "$INSIGHT_URL" "$4"
  fi
done
exec "${real}" "$@"
`;

const plainTools =
  'sh cat cp rm mkdir mktemp sed grep tr sort head tail base64 printf dirname uname cut sleep mv wc xargs awk date openssl'.split(
    ' ',
  );

function makeTools(folder: string): { path: string; without: string; withoutOpenssl: string } {
  const shim = join(folder, 'shim');
  const without = join(folder, 'bin');
  const fewer = join(folder, 'fewer');
  for (const each of [shim, without, fewer]) mkdirSync(each);
  for (const tool of plainTools) if (tool !== 'openssl') symlinkSync(find(tool), join(fewer, tool));
  writeFileSync(join(shim, 'kubectl'), kubectl(findKubectl()));
  chmodSync(join(shim, 'kubectl'), 0o755);
  for (const tool of plainTools) symlinkSync(find(tool), join(without, tool));
  return { path: [shim, without].join(delimiter), without, withoutOpenssl: [shim, fewer].join(delimiter) };
}

const searched = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

function find(tool: string): string {
  const found = searched.map((folder) => join(folder, tool)).find((path) => existsSync(path));
  if (!found) throw new Error(`${tool} is not installed`);
  return found;
}

/**
 * The kubectl that works. Where several are installed side by side, the one that is called kubectl may do no more than ask the server for
 * its version and start another one: of the hundreds of calls here each would be two.
 */
function findKubectl(): string {
  const found = realpathSync(find('kubectl'));
  const folder = dirname(found);
  const minorOf = (name: string) => Number(/^kubectl\.1\.(\d+)$/.exec(name)?.[1] ?? -1);
  const newest = readdirSync(folder).reduce((a, b) => (minorOf(b) > minorOf(a) ? b : a));
  return minorOf(newest) > 0 ? join(folder, newest) : found;
}

function runProgram(
  command: string,
  args: readonly string[],
  env: { readonly [name: string]: string },
  children: Set<ChildProcess>,
  input?: string,
): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...args], { env, stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'] });
    // A program that reads no input may end before all of it was written.
    child.stdin?.on('error', () => undefined).end(input);
    children.add(child);
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.on('error', reject);
    child.on('close', (status) => {
      children.delete(child);
      resolve({ status, stdout, stderr });
    });
  });
}
