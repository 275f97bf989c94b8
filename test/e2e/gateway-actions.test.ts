// An action through a gateway while its processes are killed, one after another: gateway and actor are separate processes over a
// real socket.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { type ApiServer, startApiServer } from '../../src/demo/api-server.ts';
import type { KubernetesObject } from '../../src/model.ts';
import { comeUp, containerOf, document, named, openPolicy, users, workload } from '../support/acting.ts';
import { eventually } from '../support/engines/daemon.ts';
import { ask } from '../support/http.ts';
import { endPrograms, type Program, runProgram, startProgram } from '../support/program.ts';

const seconds = 60_000;
let root: string;
let server: ApiServer;
let web: KubernetesObject;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'ci-e2e-gateway-actions-'));
  server = await startApiServer({ users });
  server.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
  web = workload(server);
  writeFileSync(join(root, 'config'), JSON.stringify(server.kubeconfig({ token: 'actor' })));
  writeFileSync(join(root, 'policy.yaml'), JSON.stringify(openPolicy));
});
afterEach(async () => {
  await server.stop();
  rmSync(root, { recursive: true });
});
afterAll(endPrograms);

const startGateway = (port: string): Promise<Program> =>
  startProgram({
    args: ['gateway', '--enrolments', join(root, 'enrolments'), '--history', 'off'],
    env: { CLUSTER_INSIGHT_PORT: port },
  });

const startActor = (port: string): Promise<Program> =>
  startProgram({
    listens: /http:\/\/127\.0\.0\.1:\d+(?=\/actions)/,
    args: [
      ...['actor', `--kubeconfig=${join(root, 'config')}`, `--actor-dir=${join(root, 'ledger')}`],
      ...[`--actor-policy=${join(root, 'policy.yaml')}`, `--audit=${join(root, 'audit.ndjson')}`],
      ...[
        `--gateway=ws://127.0.0.1:${port}`,
        '--gateway-cluster=east',
        `--gateway-secret-file=${join(root, 'secret')}`,
      ],
    ],
  });

test('an action that was approved is carried out once, and told, though actor and gateway are killed meanwhile', async () => {
  const enroll = ['gateway', 'enroll', 'east', '--print', 'secret', '--enrolments', join(root, 'enrolments')];
  writeFileSync(join(root, 'secret'), (await runProgram(enroll)).output);
  const first = await startGateway('0');
  const { port } = new URL(first.url);
  const actor = await startActor(port);
  const call = async (path: string, method = 'GET', body?: object) => {
    const json = body === undefined ? {} : { 'content-type': 'application/json' };
    const headers = { authorization: 'Bearer alice', ...json };
    const text = body === undefined ? {} : { body: JSON.stringify(body) };
    return ask(`http://127.0.0.1:${port}${path}?cluster=east`, { method, headers, ...text });
  };
  await eventually('the actor to be asked', seconds, async () => (await call('/policy')).status === 200);
  expect((await call('/actions', 'POST', document({ now: Date.now }, web))).status).toBe(201);
  expect((await call('/actions/a1/approve', 'POST')).status).toBe(202);
  const limits = () => containerOf(server.get(named('Deployment', 'web'))).resources as { limits: { cpu: string } };
  await eventually('the patch', seconds, () => limits().limits.cpu === '250m');
  // A second actor on the same ledger does not start.
  await expect(startActor(port)).rejects.toThrow(/another process uses/);
  await actor.end('SIGKILL');
  await first.end('SIGKILL');
  comeUp(server, 'Deployment', 'web');
  const [second, again] = await Promise.all([startGateway(port), startActor(port)]);
  await eventually('the gateway to be told', seconds, () =>
    /set-resources of Deployment shop\/web: executed/.test(second.words()),
  );
  expect(JSON.parse((await call('/actions/a1')).text)).toMatchObject({ state: 'executed', approved: { by: 'alice' } });
  const patches = server.requests.entries().filter(({ method, url }) => method === 'PATCH' && !url.includes('dryRun'));
  expect(patches.length).toBe(1);
  expect(readFileSync(join(root, 'audit.ndjson'), 'utf8')).not.toMatch(/alice-token|Bearer/);
  await Promise.all([second.end(), again.end()]);
});
