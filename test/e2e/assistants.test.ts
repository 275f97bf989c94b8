// Real clients of the Model Context Protocol: the official conformance suite and the inspector's command line, with old and new
// revisions, over HTTP and standard input and output. Only loopback is reached.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FindingBook } from '../../master/findings/book.ts';
import { FindingsDesk } from '../../master/findings/desk.ts';
import { createHandler } from '../../master/mcp/serve.ts';
import { tools } from '../../master/mcp/tools/index.ts';
import { serveMessages } from '../../master/routes/mcp.ts';
import { turns } from '../../master/turns.ts';
import { createServer, type Server } from '../../src/http/server.ts';
import { silentLogger } from '../../src/logger.ts';
import { createTestApp } from '../support/app.ts';
import { executable, path } from '../support/command-line.ts';
import { type DemoMaster, startDemoMaster } from '../support/demo-master.ts';
import { addFixtures } from '../support/mcp-fixtures.ts';
import { root } from '../support/source-tree.ts';

/**
 * Optional features that we do not offer (requests to the client, tasks, logging, subscriptions), and scenarios that need the
 * suite's own tools (the last two, and the four diagnostic tools of `server-stateless`).
 */
const notOffered = {
  now: [
    'server-stateless',
    'input-required-result-basic-elicitation',
    'input-required-result-basic-sampling',
    'input-required-result-basic-list-roots',
    'input-required-result-request-state',
    'input-required-result-multiple-input-requests',
    'input-required-result-multi-round',
    'input-required-result-non-tool-request',
    'input-required-result-result-type',
    'input-required-result-tampered-state',
    'input-required-result-capability-check',
    'tasks-lifecycle',
    'tasks-capability-negotiation',
    'tasks-wire-fields',
    'tasks-request-state-removal',
    'tasks-mrtr-input',
    'tasks-request-headers',
    'tasks-dispatch-and-envelope',
    'tasks-required-task-error',
    'tasks-mrtr-composition',
    'json-schema-2020-12',
    'http-custom-header-server-validation',
  ],
  before: [
    'logging-set-level',
    'tools-call-with-logging',
    'tools-call-sampling',
    'tools-call-elicitation',
    'elicitation-sep1034-defaults',
    'elicitation-sep1330-enums',
    'resources-subscribe',
    'resources-unsubscribe',
    'json-schema-2020-12',
  ],
};

const graph = createTestApp();
let folder: string;
let withFixtures: Server;
let demo: DemoMaster;
let fixturesUrl: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'assistants-'));
  withFixtures = createServer({ logger: silentLogger, admission: { hosts: [] } });
  const findings = new FindingsDesk({ graph: graph.engine, book: new FindingBook(), clock: Date.now, run: turns.run });
  const context = { graph: graph.engine, typesNamed: graph.names.meant, build: { version: '0' }, findings };
  serveMessages(withFixtures, [], async () => createHandler(context, addFixtures));
  fixturesUrl = `${await withFixtures.listen({ host: '127.0.0.1', port: 0 })}/mcp`;
  demo = await startDemoMaster();
});

afterAll(async () => {
  await Promise.all([withFixtures.close(), demo.close(), graph.app.close()]);
  rmSync(folder, { recursive: true, force: true });
});

interface Ended {
  readonly status: number | null;
  readonly out: string;
}

/** Runs a program of a package with this process's Node.js. */
function run(program: string, ...args: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, [join(root, 'node_modules/.bin', program), ...args], {
    cwd: folder,
    env: { PATH: path, HOME: folder },
    timeout: 280_000,
  });
  let out = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (out += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, out }));
  });
}

const suite = (url: string, ...args: readonly string[]) => run('conformance', 'server', '--url', url, ...args);
const failures = ({ out }: Ended) => [...out.matchAll(/^✗ ([\w-]+):/gm)].map(([, name]) => name).sort();
const passed = ({ out }: Ended) => [...out.matchAll(/^✓ ([\w-]+):/gm)].map(([, name]) => name);

describe('the conformance suite', () => {
  test('passes its active scenarios with the fixtures that it needs', async () => {
    const ended = await suite(fixturesUrl, '--suite', 'active', '--spec-version', '2026-07-28');
    expect(failures(ended)).toEqual([]);
    expect(passed(ended).length).toBeGreaterThanOrEqual(20);
    expect(ended.status).toBe(0);
  });

  test.each([
    ['2026-07-28', notOffered.now],
    ['2025-11-25', notOffered.before],
  ])('of what %s demands only what is not offered fails', async (revision, missing) => {
    expect(failures(await suite(fixturesUrl, '--requirements', revision))).toEqual([...missing].sort());
  });

  test.each([
    'tools-list',
    'resources-list',
    'prompts-list',
    'caching',
    'http-header-validation',
    'dns-rebinding-protection',
  ])('passes %s against a master as it is', async (scenario) => {
    const ended = await suite(`${demo.url}/mcp`, '--scenario', scenario, '--spec-version', '2026-07-28');
    expect(ended.out).toMatch(/0 failed/);
    expect(ended.status, ended.out).toBe(0);
  });
});

const inspect = (...args: readonly string[]) => run('mcp-inspector', '--cli', ...args, '--format', 'json', '-q');
const jsonIn = ({ out }: Ended): unknown => JSON.parse(out.split('\n').find((line) => line.startsWith('{')) ?? out);

const given: { readonly [tool: string]: object } = {
  around: { id: 'Pod:shop/redis-0' },
  findings: { namespace: 'web' },
  get: { id: 'Deployment:web/checkout' },
  groups: { namespace: 'web' },
  impact: { id: 'ConfigMap:web/checkout-env' },
  path: { from: 'Ingress:shop/shop', to: 'ConfigMap:shop/front-config' },
  search: { text: 'redis' },
};

describe('the inspector', () => {
  test('finds every schema portable', async () => {
    const ended = await inspect(`${demo.url}/mcp`, '--method', 'tools/list', '--strict');
    expect(ended.status, ended.out).toBe(0);
    for (const { name } of tools) expect(ended.out).toContain(`"name":"${name}"`);
  });

  test('is shown every tool but those that need a past or probes', () => {
    const others = tools.map(({ name }) => name).filter((name) => !['changes', 'history', 'metrics'].includes(name));
    expect(Object.keys(given).sort()).toEqual(others);
  });

  interface Called {
    readonly content: unknown;
    readonly structuredContent: { readonly shown: number };
  }

  async function call(tool: string, era: string): Promise<Called> {
    const args = ['--tool-name', tool, '--tool-args-json', JSON.stringify(given[tool])];
    const how = ['--stored-auth-only', '--protocol-era', era];
    const ended = await inspect(`${demo.url}/mcp`, ...how, '--method', 'tools/call', ...args);
    expect(ended.status, ended.out).toBe(0);
    return (jsonIn(ended) as { result: Called }).result;
  }

  test.each(Object.keys(given))('calls %s in both eras, and gets the same', async (tool) => {
    const [modern, legacy] = await Promise.all([call(tool, 'modern'), call(tool, 'legacy')]);
    expect(modern.structuredContent.shown).toBeGreaterThan(0);
    expect(modern.structuredContent).toEqual(legacy.structuredContent);
    expect(modern.content).toEqual(legacy.content);
  });

  test('is told by its status that a tool failed', async () => {
    const asked = ['--method', 'tools/call', '--tool-name', 'get', '--tool-args-json', '{"id":"Pod:shop/nowhere"}'];
    expect((await inspect(`${demo.url}/mcp`, '--stored-auth-only', ...asked)).status).toBe(5);
  });

  test.each(['modern', 'legacy'])('asks the command over standard input and output, era %s', async (era) => {
    const config = join(folder, 'servers.json');
    const server = { command: process.execPath, args: [executable, 'mcp', '--server', demo.url] };
    writeFileSync(config, JSON.stringify({ mcpServers: { insight: server } }));
    const ended = await inspect(
      '--config',
      config,
      '--server',
      'insight',
      '--protocol-era',
      era,
      '--method',
      'tools/list',
    );
    expect(ended.status, ended.out).toBe(0);
    for (const { name } of tools) expect(ended.out).toContain(`"name":"${name}"`);
  });
});
