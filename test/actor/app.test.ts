// The actor as a process: its routes, their callers, and its state after being killed between a patch and its outcome.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { start } from '../../actor/start.ts';
import { type ApiServer, startApiServer } from '../../src/demo/api-server.ts';
import { createLogger } from '../../src/logger.ts';
import type { Running } from '../../src/mode.ts';
import type { KubernetesObject } from '../../src/model.ts';
import { readConfig } from '../../src/settings/config.ts';
import { comeUp, containerOf, document, named, openPolicy, users, workload } from '../support/acting.ts';
import { ask } from '../support/http.ts';
import { root } from '../support/source-tree.ts';

let folder: string;
let server: ApiServer;
let web: KubernetesObject;
const ends: (() => unknown)[] = [];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'actor-'));
  server = await startApiServer({ users });
  server.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
  web = workload(server);
  writeFileSync(join(folder, 'config'), JSON.stringify(server.kubeconfig({ token: 'actor' })));
  writeFileSync(join(folder, 'policy.yaml'), JSON.stringify(openPolicy));
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  await server.stop();
  rmSync(folder, { recursive: true });
});

const flags = () => [
  'actor',
  '--port=0',
  `--kubeconfig=${join(folder, 'config')}`,
  `--actor-dir=${join(folder, 'ledger')}`,
  `--actor-policy=${join(folder, 'policy.yaml')}`,
  `--audit=${join(folder, 'audit.ndjson')}`,
];

const log: string[] = [];
async function started(): Promise<Running> {
  log.length = 0;
  const logger = createLogger({
    level: 'debug',
    format: 'json',
    destination: { write: (line) => void log.push(line) },
  });
  const running = await start({ config: readConfig({}, flags()), logger });
  ends.push(() => running.close());
  return running;
}

const proposal = (more: object = {}) => document({ now: Date.now }, web, more);

async function call(
  url: string,
  token: string | undefined,
  method = 'GET',
  body?: object,
): Promise<{ readonly status: number; readonly [field: string]: unknown }> {
  const headers = {
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  };
  const answer = await ask(url, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  return { status: answer.status, ...(JSON.parse(answer.text) as { readonly [field: string]: unknown }) };
}

const real = () => server.requests.entries().filter(({ method, url }) => method === 'PATCH' && !url.includes('dryRun'));

describe('its routes', () => {
  test('take a proposal, show it, have it approved and say what became of it', async () => {
    const { url } = await started();
    expect(await call(`${url}/actions`, 'bob', 'POST', proposal())).toMatchObject({ status: 201, state: 'dry-run' });
    expect(await call(`${url}/actions/a1`, 'alice')).toMatchObject({
      status: 200,
      difference: [{ field: 'spec.template.spec.containers[web].resources.limits.cpu', before: '200m', after: '250m' }],
      proposed: { by: 'bob', via: 'rest' },
    });
    expect(await call(`${url}/actions/a1/approve`, 'bob', 'POST')).toMatchObject({ status: 403, code: 'forbidden' });
    expect(await call(`${url}/actions/a1/approve`, 'alice', 'POST')).toMatchObject({ status: 202, state: 'executing' });
    await expect
      .poll(() => containerOf(server.get(named('Deployment', 'web'))).resources)
      .toMatchObject({ limits: { cpu: '250m' } });
    comeUp(server, 'Deployment', 'web');
    await expect.poll(async () => (await call(`${url}/actions/a1`, 'alice')).state).toBe('executed');
    expect(await call(`${url}/actions`, 'bob')).toMatchObject({
      actions: [{ id: 'a1', state: 'executed', approved: { by: 'alice' } }],
    });
    expect((await ask(`${url}/metrics`)).text).toMatch(
      /cluster_insight_actions_total\{action="set-resources",state="executed"\} 1/,
    );
    expect(real().length).toBe(1);
  });

  test('answer only callers with a token of the cluster, and show only objects that they may read', async () => {
    const { url } = await started();
    expect(await call(`${url}/actions`, undefined)).toMatchObject({ status: 401 });
    expect(await call(`${url}/actions`, 'forged')).toMatchObject({ status: 401 });
    expect(await call(`${url}/policy`, undefined)).toMatchObject({ status: 401 });
    expect(await call(`${url}/actions`, 'carol', 'POST', proposal())).toMatchObject({ status: 403 });
    await call(`${url}/actions`, 'bob', 'POST', proposal());
    expect(await call(`${url}/actions/a1`, 'carol')).toMatchObject({ status: 404, code: 'action_unknown' });
    expect(await call(`${url}/actions`, 'carol')).toMatchObject({ status: 200, actions: [] });
    expect((await ask(`${url}/readyz`)).status).toBe(200);
    expect(await call(`${url}/actions/a1/approve`, 'carol', 'POST')).toMatchObject({ status: 403 });
    server.fault({ effect: 'status', code: 503, path: 'tokenreviews', times: 1 });
    expect(await call(`${url}/actions`, 'alice')).toMatchObject({ status: 503, code: 'unavailable' });
  });

  test('say what is wrong with a document, and with a policy that became invalid', async () => {
    const { url } = await started();
    expect(await call(`${url}/actions`, 'alice', 'POST', { ...proposal(), id: '' })).toMatchObject({ status: 400 });
    expect(await call(`${url}/actions`, 'alice', 'POST', [])).toMatchObject({ status: 400 });
    writeFileSync(join(folder, 'policy.yaml'), 'namespaces: shop');
    expect(await call(`${url}/actions`, 'alice', 'POST', proposal())).toMatchObject({
      status: 503,
      code: 'policy_unreadable',
      error_message: expect.stringContaining('namespaces: must be a list'),
    });
    expect(real()).toEqual([]);
  });

  test('log no token, and write every request to the API server into the audit', async () => {
    const { url, close } = await started();
    await call(`${url}/actions`, 'alice', 'POST', proposal());
    await close();
    ends.length = 0;
    const audit = readFileSync(join(folder, 'audit.ndjson'), 'utf8');
    expect(audit.trimEnd().split('\n').length).toBe(server.requests.entries().length);
    expect(`${log.join('')}${audit}`).not.toMatch(/Bearer|"alice"\}.*token/);
  });
});

test('it does not start without a folder for its ledger, or with a policy that cannot be meant', async () => {
  const starting = (args: string[]) =>
    start({ config: readConfig({}, args), logger: createLogger({ level: 'silent', format: 'json' }) });
  await expect(starting(flags().filter((flag) => !flag.startsWith('--actor-dir')))).rejects.toMatchObject({
    code: 'bad_setting',
  });
  writeFileSync(join(folder, 'policy.yaml'), 'hours: 7');
  await expect(starting(flags())).rejects.toMatchObject({ code: 'policy_unreadable' });
});

describe('the process', () => {
  function run(): { child: ChildProcess; url: Promise<string> } {
    const child = spawn(process.execPath, ['src/main.ts', ...flags()], {
      cwd: root,
      env: { HOME: folder },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    ends.push(() => child.kill('SIGKILL'));
    let text = '';
    const url = new Promise<string>((resolve, reject) => {
      child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        const [, found] = /at (http:\S+)\/actions/.exec(text) ?? [];
        if (found !== undefined) resolve(found);
      });
      child.once('exit', () => reject(new Error(text)));
    });
    return { child, url };
  }

  test('killed between the patch and the outcome, reports the outcome after its restart and patches once', async () => {
    const first = run();
    const url = await first.url;
    await call(`${url}/actions`, 'alice', 'POST', proposal());
    await call(`${url}/actions/a1/approve`, 'alice', 'POST');
    await expect.poll(() => real().length, { interval: 1 }).toBe(1);
    first.child.kill('SIGKILL');
    await new Promise((resolve) => first.child.once('exit', resolve));
    await expect
      .poll(() => containerOf(server.get(named('Deployment', 'web'))).resources)
      .toMatchObject({ limits: { cpu: '250m' } });
    const again = await run().url;
    expect(await call(`${again}/actions/a1`, 'alice')).toMatchObject({ state: 'executing', approved: { by: 'alice' } });
    comeUp(server, 'Deployment', 'web');
    await expect.poll(async () => (await call(`${again}/actions/a1`, 'alice')).state).toBe('executed');
    expect(
      await call(`${again}/actions`, 'alice', 'POST', {
        ...proposal(),
        until: ((await call(`${again}/actions/a1`, 'alice')).action as { until: string }).until,
      }),
    ).toMatchObject({ status: 200, state: 'executed' });
    expect(real().length).toBe(1);
  });
});
