// Master and minions as processes with the install's certificates: the first rollout from plain HTTP, then TLS only, then a
// renewed certificate.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type ApiServer, startApiServer } from '../../src/demo/api-server.ts';
import type { KubernetesObject } from '../../src/model.ts';
import { eventually } from '../support/engines/daemon.ts';
import { freePort } from '../support/free-port.ts';
import { ask, askJson } from '../support/http.ts';
import { objectsOf, root } from '../support/manifests.ts';
import { endPrograms, type Program, startProgram } from '../support/program.ts';
import { fakeContainer, type RecordingEngine, startRecordingEngine } from '../support/recording-engine.ts';

const folder = mkdtempSync(join(tmpdir(), 'minion-tls-'));
const file = (name: string) => join(folder, name);
let engine: RecordingEngine;
let api: ApiServer;
const programs: Program[] = [];

/** Replaces the files atomically by a new pair, as the kubelet replaces a Secret. */
function makeCertificates(): void {
  const printed = execFileSync('sh', [join(root, 'install/certificates.sh')], { encoding: 'utf8' });
  const { data } = objectsOf(printed)[1] as unknown as { data: Record<string, string> };
  for (const [name, value] of Object.entries(data)) {
    writeFileSync(file(`${name}.new`), Buffer.from(value, 'base64'));
    renameSync(file(`${name}.new`), file(name));
  }
}

beforeAll(async () => {
  makeCertificates();
  writeFileSync(file('token'), 'a-token-that-all-share');
  engine = await startRecordingEngine([fakeContainer(1)]);
});
afterEach(async () => {
  await Promise.all(programs.splice(0).map((program) => program.end('SIGKILL')));
  await api.stop();
});
afterAll(async () => {
  endPrograms();
  await engine.close();
  rmSync(folder, { recursive: true });
});

async function start(mode: string, env: NodeJS.ProcessEnv): Promise<Program> {
  const program = await startProgram({ args: [mode], env: { CLUSTER_INSIGHT_TOKEN_FILE: file('token'), ...env } });
  programs.push(program);
  return program;
}

/** Masters and minions of version 3.0 share one token. */
const ofOld = { CLUSTER_INSIGHT_MINION_TOKEN: 'shared' };

interface MinionOptions {
  readonly tls?: boolean;
  readonly offered?: boolean;
}

const offering = { CLUSTER_INSIGHT_MINION_TLS: 'offered' };

async function startMinion(node: string, { tls = true, offered = false }: MinionOptions = {}): Promise<Program> {
  const port = await freePort();
  const minion = await start('minion', {
    CLUSTER_INSIGHT_PORT: String(port),
    CLUSTER_INSIGHT_NODE_NAME: node,
    CLUSTER_INSIGHT_RUNTIME_SOCKET: engine.socket,
    ...(tls
      ? { CLUSTER_INSIGHT_TLS_CERT_FILE: file('tls.crt'), CLUSTER_INSIGHT_TLS_KEY_FILE: file('tls.key') }
      : ofOld),
    ...(offered ? offering : {}),
  });
  api.apply({ apiVersion: 'v1', kind: 'Node', metadata: { name: node } });
  api.apply(podOf(node, port, tls));
  return minion;
}

function podOf(node: string, containerPort: number, tls: boolean): KubernetesObject {
  const labels = { 'app.kubernetes.io/name': 'cluster-insight', 'app.kubernetes.io/component': 'minion' };
  const httpGet = { path: '/readyz', port: 'relay', scheme: tls ? 'HTTPS' : 'HTTP' };
  const container = { name: 'minion', ports: [{ name: 'relay', containerPort }], readinessProbe: { httpGet } };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `minion-${node}`, namespace: 'cluster-insight', labels },
    spec: { nodeName: node, containers: [container] },
    status: { phase: 'Running', podIP: '127.0.0.1', conditions: [{ type: 'Ready', status: 'True' }] },
  };
}

async function startMaster(env: NodeJS.ProcessEnv = {}): Promise<Program> {
  const kubeconfig = file('kubeconfig');
  writeFileSync(kubeconfig, JSON.stringify(api.kubeconfig()));
  return start('master', { KUBECONFIG: kubeconfig, CLUSTER_INSIGHT_REFRESH: '1s', ...env });
}

const trusting = () => ({
  CLUSTER_INSIGHT_MINION_CA_FILE: file('ca.crt'),
  CLUSTER_INSIGHT_MINION_SERVER_NAME: 'cluster-insight-minion',
});

async function minionStates(master: Program): Promise<Record<string, string>> {
  const { completeness } = await askJson<{
    completeness: { minions: Record<string, { state: string; reason?: string }> };
  }>(`${master.url}/cluster/completeness`);
  return Object.fromEntries(
    Object.entries(completeness.minions).map(([node, { state, reason }]) => [
      node,
      reason ? `${state}: ${reason}` : state,
    ]),
  );
}

const states = (master: Program, what: string, expected: Record<string, unknown>) =>
  eventually(what, 30_000, async () => {
    const found = await minionStates(master);
    return Object.entries(expected).every(([node, state]) =>
      state instanceof RegExp ? state.test(found[node] ?? '') : found[node] === state,
    );
  });

/** The unencrypted response to an unencrypted request. */
function inClear(url: string): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () =>
      socket.write('GET /snapshot HTTP/1.1\r\nhost: x\r\n\r\n'),
    );
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      socket.destroy();
    });
    socket.on('error', () => undefined).on('close', () => resolve(text));
  });
}

describe('minions and their certificates', () => {
  test('during the first rollout old and new masters get answers from old and new minions', async () => {
    api = await startApiServer({});
    await startMinion('old', { tls: false });
    await startMinion('new', { offered: true });
    // As before: it knows no certificates, and uses plain HTTP whatever the Pod says.
    const port = new URL(programs[1]?.url ?? '').port;
    const before = await startMaster({
      ...ofOld,
      CLUSTER_INSIGHT_MINIONS: `old=${programs[0]?.url},new=http://127.0.0.1:${port}`,
    });
    await states(before, 'the master without TLS to read both', { old: 'synced', new: 'synced' });
    const after = await startMaster({ ...trusting(), ...offering });
    await states(after, 'the master with TLS to read both', { old: 'synced', new: 'synced' });
    expect((await ask(`${after.url}/readyz?verbose`)).text).toMatch(/minion-certificates ok: it ends at 20\d\d-/);
  });

  test('where TLS is required nothing is asked or answered unencrypted', async () => {
    api = await startApiServer({});
    const minion = await startMinion('new');
    await startMinion('old', { tls: false });
    const master = await startMaster(trusting());
    await states(master, 'the one to be read', { new: 'synced', old: /^stale/ });
    expect(await inClear(minion.url)).toBe('');
    const metrics = (await ask(`${master.url}/metrics`)).text;
    expect(metrics).toMatch(/cluster_insight_certificate_end_timestamp_seconds\{of="minions"\} \d{10}/);
    expect(metrics).toMatch(/cluster_insight_certificate_end_timestamp_seconds\{of="minion_ca"\} \d{10}/);
  });

  test('a certificate of another authority or for another name is refused', async () => {
    api = await startApiServer({});
    await startMinion('new');
    const named = await startMaster({ ...trusting(), CLUSTER_INSIGHT_MINION_SERVER_NAME: 'somebody-else' });
    await states(named, 'the wrong name to be refused', { new: /^stale: .*ERR_TLS_CERT_ALTNAME_INVALID/ });
    execFileSync('cp', [file('ca.crt'), file('first.crt')]);
    makeCertificates();
    execFileSync('cp', [file('ca.crt'), file('second.crt')]);
    const stranger = await startMaster({ ...trusting(), CLUSTER_INSIGHT_MINION_CA_FILE: file('first.crt') });
    await states(stranger, 'the wrong authority to be refused', {
      new: /^stale: .*(SIGNATURE|ISSUER|SELF_SIGNED|UNABLE)/,
    });
  });

  test('both sides use a renewed certificate without a restart', async () => {
    api = await startApiServer({});
    await startMinion('new');
    const master = await startMaster(trusting());
    await states(master, 'the first certificate', { new: 'synced' });
    const ends = async () => /of="minions"\} (\d+)/.exec((await ask(`${master.url}/metrics`)).text)?.[1];
    const first = await ends();
    makeCertificates();
    await eventually('the new certificate to be shown', 60_000, async () => {
      const now = await ends();
      return now !== undefined && now !== first;
    });
    await states(master, 'the second certificate', { new: 'synced' });
  });
});
