// Gateways as processes: over TLS, behind one name, with masters enrolled by one command each.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { Enrolments } from '../../master/gateway/enrolments.ts';
import { createAuthority } from '../support/certificates.ts';
import { startDemoMasterFor } from '../support/demo-master.ts';
import { eventually } from '../support/engines/daemon.ts';
import { natsServer, startNats } from '../support/nats-servers.ts';
import { endPrograms, type Program, runProgram, startProgram } from '../support/program.ts';

const nats = natsServer();

const seconds = 60_000;
const opened: (() => Promise<unknown>)[] = [];
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ci-e2e-gateway-'));
});
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
  rmSync(root, { recursive: true });
});
afterAll(endPrograms);

const enrolments = () => join(root, 'enrolments');

function enrol(cluster: string): string {
  const file = join(root, `${cluster}.secret`);
  writeFileSync(file, `${new Enrolments(enrolments()).enrol(cluster, 'default').secret}\n`);
  return file;
}

async function startGateway(...args: string[]): Promise<Program> {
  const program = await startProgram({ args: ['gateway', '--enrolments', enrolments(), '--history', 'off', ...args] });
  opened.push(() => program.end());
  return program;
}

async function startAgent(cluster: string, gateway: string, ...args: string[]): Promise<Program> {
  const secret = enrol(cluster);
  const program = await startProgram({
    args: [
      'demo',
      '--minions',
      'off',
      '--history',
      'off',
      '--gateway',
      gateway,
      '--gateway-cluster',
      cluster,
      '--gateway-secret-file',
      secret,
      ...args,
    ],
  });
  opened.push(() => program.end());
  return program;
}

/** GET over TLS without checking the certificate: only the agent's check is tested. */
function text(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    request(url, { rejectUnauthorized: false, agent: false }, (answer) => {
      let body = '';
      answer.on('data', (data: Buffer) => (body += data.toString()));
      answer.on('end', () => resolve(body));
    })
      .on('error', reject)
      .end();
  });
}

interface Standing {
  readonly name: string;
  readonly state: string;
  readonly revision?: number;
}

const clustersOf = async (url: string) =>
  (JSON.parse(await text(`${url}/clusters`)) as { clusters: Standing[] }).clusters;

/** One name for several servers: connects to the first that accepts. */
async function nameFor(...urls: string[]): Promise<string> {
  const open = new Set<Socket>();
  const server: Server = createServer((socket) => {
    open.add(socket.on('error', () => socket.destroy()).on('close', () => open.delete(socket)));
    forward(
      socket,
      urls.map((url) => Number(new URL(url).port)),
      open,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  opened.push(() => {
    for (const socket of open) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return `wss://127.0.0.1:${(server.address() as { port: number }).port}`;
}

function forward(socket: Socket, [port, ...others]: readonly number[], open: Set<Socket>): void {
  if (port === undefined) return void socket.destroy();
  const behind = connect(port, '127.0.0.1');
  let connected = false;
  behind.on('connect', () => {
    connected = true;
    socket.pipe(behind).pipe(socket);
  });
  behind.on('error', () => (connected ? socket.destroy() : forward(socket, others, open)));
  behind.on('close', () => connected && socket.destroy());
  open.add(behind.on('close', () => open.delete(behind)));
  socket.on('close', () => behind.destroy());
}

test('two gateways behind one name, over TLS: one is killed, and nothing is lost but the time to call the other', async () => {
  const authority = createAuthority(root);
  const { certFile, keyFile } = authority.issue('gateway', ['IP:127.0.0.1']);
  const tls = ['--tls-cert-file', certFile, '--tls-key-file', keyFile];
  const [first, second] = [await startGateway(...tls), await startGateway(...tls)];
  const name = await nameFor(first.url, second.url);
  const agent = await startAgent('east', name, '--gateway-ca-file', authority.caFile);
  await eventually(
    'the first gateway to serve it',
    seconds,
    async () => (await clustersOf(first.url))[0]?.state === 'following',
  );
  expect(await clustersOf(second.url)).toEqual([]);
  await first.end('SIGKILL');
  await eventually(
    'the second gateway to serve it',
    seconds,
    async () => (await clustersOf(second.url))[0]?.state === 'following',
  );
  const revisions = async () => {
    const own = JSON.parse(await (await fetch(`${agent.url}/cluster?type=Namespace`)).text()) as { revision: number };
    return [own.revision, (await clustersOf(second.url))[0]?.revision];
  };
  await eventually('it to be as far as its master', seconds, async () => {
    const [own, told] = await revisions();
    return own === told;
  });
});

test('an agent does not call a gateway whose certificate is not of the CA that it was told, nor one without TLS elsewhere', async () => {
  const { certFile, keyFile } = createAuthority(root, 'other').issue('gateway', ['IP:127.0.0.1']);
  const gateway = await startGateway('--tls-cert-file', certFile, '--tls-key-file', keyFile);
  const { caFile } = createAuthority(root, 'known');
  const agent = await startAgent('east', gateway.url.replace(/^https/, 'wss'), '--gateway-ca-file', caFile);
  await eventually('it to say so', seconds, () => agent.words().includes('there is no connection to the gateway'));
  await expect.poll(() => agent.words()).toMatch(/certificate/);
  expect(gateway.words()).not.toContain('an agent has connected');
  const plain = await runProgram([
    'demo',
    '--gateway',
    'ws://gw.example.com',
    '--gateway-secret-file',
    join(root, 'east.secret'),
  ]);
  expect(plain).toMatchObject({ status: 2, errors: expect.stringContaining('must begin with wss://') });
  const open = await runProgram(['gateway', '--enrolments', enrolments(), '--host', '0.0.0.0', '--auth', 'kubernetes']);
  expect(open).toMatchObject({ status: 2, errors: expect.stringContaining('in clear text') });
});

test('a killed and restarted agent continues with the unsent records in its folder', async () => {
  const gateway = await startGateway();
  const url = gateway.url.replace(/^http/, 'ws');
  const spool = join(root, 'spool');
  const agent = await startAgent('east', url, '--gateway-spool', spool);
  await eventually('the gateway to serve it', seconds, async () =>
    (await (await fetch(`${gateway.url}/clusters`)).text()).includes('following'),
  );
  // Logs of its last second before being killed may be lost.
  const ready = () => gateway.words().match(/ready after/g)?.length ?? 0;
  await eventually('its log to arrive', seconds, () => ready() >= 1);
  await agent.end('SIGKILL');
  const again = await startAgent('east', url, '--gateway-spool', spool);
  const serving = () => gateway.words().match(/serving east: /g)?.length ?? 0;
  await eventually('the gateway to serve the new one', seconds, () => serving() >= 2);
  await eventually('the log of the new one to arrive', seconds, () => ready() >= 2);
  expect(again.words()).not.toContain('is of the cluster');
});

test('callers of the gateway see what the cluster itself lets them see', async () => {
  const gateway = await startGateway('--auth', 'kubernetes');
  const secret = enrol('east');
  const master = await startDemoMasterFor(
    {
      token: 'master-token',
      users: [
        {
          username: 'system:serviceaccount:cluster-insight:cluster-insight-master',
          groups: ['system:authenticated'],
          token: 'master-token',
          rules: [
            { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
            { verbs: ['*'], nonResourceURLs: ['*'] },
          ],
        },
        {
          username: 'ada',
          groups: ['system:authenticated'],
          token: 'ada-token',
          rules: [{ verbs: ['get', 'list', 'watch'], apiGroups: [''], resources: ['pods'], namespaces: ['shop'] }],
        },
      ],
    },
    ...['--history', 'off', '--gateway', gateway.url.replace(/^http/, 'ws'), '--gateway-cluster', 'east'],
    ...['--gateway-secret-file', secret],
  );
  opened.push(() => master.close());
  const ask = (token: string, path = '/cluster?cluster=east') =>
    fetch(`${gateway.url}${path}`, { headers: token === '' ? {} : { authorization: `Bearer ${token}` } });
  await eventually('the cluster to be served', seconds, async () => (await ask('master-token')).status === 200);
  expect((await ask('')).status).toBe(401);
  expect((await ask('nobody-token')).status).toBe(401);
  const { resources } = (await (await ask('ada-token')).json()) as { resources: { id: string }[] };
  expect(resources.some(({ id }) => id.startsWith('Pod:shop/'))).toBe(true);
  expect(
    resources.filter(({ id }) => /^(Pod:(?!shop\/)|Secret|Deployment)/.test(id) && !id.includes(':shop/')),
  ).toEqual([]);
  const whole = (await (await ask('master-token')).json()) as { resources: unknown[] };
  expect(whole.resources.length).toBeGreaterThan(resources.length);
});

test.skipIf(nats === undefined)(
  "the gateway publishes its agents' graphs to NATS JetStream, and a replica serves them as the gateway does",
  async () => {
    const servers = await startNats(nats ?? '', 1);
    opened.push(() => servers.close());
    const stream = servers.stream.join(',');
    const gateway = await startGateway('--stream', stream);
    await startAgent('east', gateway.url.replace(/^http/, 'ws'), '--demo-life=false');
    await eventually('the gateway to serve it', seconds, async () =>
      (await (await fetch(`${gateway.url}/clusters`)).text()).includes('following'),
    );
    const replica = await startProgram({ args: ['replica', '--stream', stream, '--history', 'off'] });
    opened.push(() => replica.end());
    const ask = async (url: string) => (await fetch(`${url}/cluster?cluster=east&type=Pod,Deployment`)).text();
    await eventually('the replica to be as far', seconds, async () => {
      const [told, served] = await Promise.all([ask(gateway.url), ask(replica.url)]);
      return told === served && told.includes('"resources"');
    });
    expect(await (await fetch(`${replica.url}/clusters`)).text()).toContain('"name":"east"');
  },
);
