// The gateway and masters of demo clusters as started in production, over real loopback sockets.
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { start as startGateway } from '../../../master/gateway/start.ts';
import { start as startMaster } from '../../../master/start.ts';
import { agentsPath, subprotocol } from '../../../src/gateway-protocol/protocol.ts';
import { createLogger, silentLogger } from '../../../src/logger.ts';
import type { Running } from '../../../src/mode.ts';
import { readConfig } from '../../../src/settings/config.ts';
import { type LogShipping, ShippedLog } from '../../../src/shipped-log.ts';

// Only hanging tests reach these limits, however slow the machine.
const patient = { timeout: 120_000, interval: 100 };
vi.setConfig({ testTimeout: 240_000 });
const opened: (() => Promise<unknown> | void)[] = [];
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ci-gateway-'));
});
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
  rmSync(root, { recursive: true });
});

const enrolments = () => join(root, 'enrolments');

async function gatewayCommand(...words: string[]): Promise<string> {
  let printed = '';
  const config = readConfig({}, ['gateway', ...words, '--enrolments', enrolments()]);
  const output = { write: (text: string) => (printed += text) };
  const { ended } = await startGateway({ config, logger: silentLogger, output } as Parameters<typeof startGateway>[0]);
  expect(await ended).toBe(0);
  return printed;
}

async function openGateway(port = '0', ...settings: string[]): Promise<Running & { lines: Line[] }> {
  const lines: Line[] = [];
  const logger = createLogger({ level: 'info', format: 'json', destination: recorder(lines) });
  const args = [
    'gateway',
    '--port',
    port,
    '--enrolments',
    enrolments(),
    '--history',
    'off',
    '--drain',
    '1s',
    ...settings,
  ];
  const running = await startGateway({ config: readConfig({}, args), logger });
  return { ...running, lines };
}

interface Line {
  readonly msg: string;
  readonly [name: string]: unknown;
}

function recorder(lines: Line[]) {
  return { write: (line: string) => void lines.push(JSON.parse(line) as Line) };
}

/** The master of an unchanging demo cluster, enrolled by one command. */
async function openAgent(cluster: string, gateway: string, ...settings: string[]) {
  const secret = join(root, `${cluster}.secret`);
  writeFileSync(secret, await gatewayCommand('enroll', cluster, '--print', 'secret'));
  const config = readConfig({ HOME: root }, [
    ...['demo', '--port', '0', '--demo-life=false', '--minions', 'off', '--history', 'off', '--drain', '1s'],
    ...['--gateway', gateway.replace(/^http/, 'ws'), '--gateway-cluster', cluster, '--gateway-secret-file', secret],
    ...settings,
  ]);
  const log = new ShippedLog();
  const own: Line[] = [];
  const logger = createLogger({ level: 'info', format: 'json', destination: recorder(own), copy: log });
  const setLevel = (level: string) => {
    logger.level = level;
  };
  const local = createLogger({ level: 'info', format: 'json', destination: recorder(own) });
  const shipping: LogShipping = { log, local, setLevel };
  const running = await startMaster({ config, logger, shipping });
  return { ...running, logger, own };
}

const text = async (url: string) => (await fetch(url)).text();
const standing = async (url: string) =>
  (JSON.parse(await text(`${url}/clusters`)) as { clusters: { name: string; state: string }[] }).clusters;

/** Compares what gateway and master serve, byte for byte. */
async function same(master: Running, gateway: Running, cluster: string): Promise<boolean> {
  const path = '/cluster?completeness=full';
  const answers = async () => [
    await text(`${master.url}${path}`),
    await text(`${gateway.url}${path}&cluster=${cluster}`),
  ];
  const firstDifference = async () => {
    const [one = '', other = ''] = await answers();
    if (!one.includes('"resources"')) return 'nothing is served yet';
    const theirs = other.split('\n');
    return one
      .split('\n')
      .find((line, i) => line !== theirs[i])
      ?.slice(0, 300);
  };
  await expect.poll(firstDifference, patient).toBeUndefined();
  return true;
}

describe('a gateway', () => {
  test('serves two clusters that one command each enrolled, as their masters do; one goes away and says so', async () => {
    const gateway = await openGateway();
    opened.push(() => gateway.close());
    const [east, west] = [await openAgent('east', gateway.url), await openAgent('west', gateway.url)];
    let eastIsOpen = true;
    opened.push(() => (eastIsOpen ? east.close() : undefined));
    opened.push(() => west.close());
    expect(await same(east, gateway, 'east')).toBe(true);
    expect(await same(west, gateway, 'west')).toBe(true);
    expect((await standing(gateway.url)).map(({ name, state }) => `${name} ${state}`)).toEqual([
      'east following',
      'west following',
    ]);
    const inOneGraph = async (id: string) => (await text(`${gateway.url}/cluster?type=Pod`)).includes(`"id":"${id}"`);
    await expect.poll(() => inOneGraph('@east/Pod:shop/redis-0'), patient).toBe(true);
    await expect.poll(() => inOneGraph('@west/Pod:shop/redis-0'), patient).toBe(true);
    // The groups of the page's overview.
    const wall = JSON.parse(await text(`${gateway.url}/cluster/groups?by=cluster`)) as { resources: { id: string }[] };
    for (const cluster of ['east', 'west']) expect(wall.resources.some(({ id }) => id.includes(cluster))).toBe(true);
    // Findings are those of the master, with their times.
    const wrong = async (url: string) => (JSON.parse(await text(url)) as { findings?: object[] }).findings;
    const told = `${gateway.url}/cluster/findings?cluster=west`;
    // Both are asked each time: a source that reports for the first time between the two makes other findings.
    const differs = async () => !isDeepStrictEqual(await wrong(told), await wrong(`${west.url}/cluster/findings`));
    await expect.poll(differs, patient).toBe(false);
    expect((await wrong(told))?.length).toBeGreaterThan(10);
    const metrics = await text(`${gateway.url}/metrics`);
    expect(metrics).toContain('cluster_insight_gateway_agent_connected{cluster="east"} 1');
    expect(metrics).toMatch(
      /cluster_insight_gateway_records_total\{cluster="west",role="master",class="graph"\} [1-9]/,
    );
    expect(await text(`${west.url}/metrics`)).toContain('cluster_insight_uplink_connected 1');
    eastIsOpen = false;
    await east.close();
    await expect
      .poll(() => text(`${gateway.url}/metrics`), patient)
      .toContain('cluster_insight_gateway_agent_connected{cluster="east"} 0');
    // The last state is served further.
    expect(await text(`${gateway.url}/cluster?cluster=east`)).toContain('"id":"Pod:shop/redis-0"');
    expect(await gatewayCommand('list')).toBe(
      'east\tdefault\tin use\t1 secrets\t-\nwest\tdefault\tin use\t1 secrets\t-\n',
    );
  });

  test('is followed to the next one behind the same name, when it is gone', async () => {
    const first = await openGateway();
    const port = new URL(first.url).port;
    const agent = await openAgent('east', first.url);
    opened.push(() => agent.close());
    expect(await same(agent, first, 'east')).toBe(true);
    await first.close();
    const second = await openGateway(port);
    opened.push(() => second.close());
    expect(await same(agent, second, 'east')).toBe(true);
  });

  test('has the log of its agent whole and redacted, changes its level, and keeps it while a secret is rotated', async () => {
    const gateway = await openGateway();
    opened.push(() => gateway.close());
    const agent = await openAgent('east', gateway.url);
    opened.push(() => agent.close());
    const ofTest = () => gateway.lines.filter(({ test: one }) => one === 'lines').map(({ msg }) => msg);
    for (let i = 0; i < 8; i++) agent.logger.info({ test: 'lines' }, `line ${i}`);
    await expect.poll(ofTest, patient).toEqual(Array.from({ length: 8 }, (_, i) => `line ${i}`));
    expect(gateway.lines.find(({ msg }) => msg === 'line 3')).toMatchObject({
      cluster: 'east',
      level: 30,
      agent: true,
    });
    agent.logger.warn(
      { token: 'c4n4ry-of-a-field', password: 'c4n4ry' },
      'sent authorization: Bearer c4n4ry-of-a-header',
    );
    await expect.poll(() => gateway.lines.some(({ msg }) => msg.includes('authorization')), patient).toBe(true);
    expect(JSON.stringify(gateway.lines)).not.toContain('c4n4ry');

    expect(agent.logger.level).toBe('info');
    expect(await gatewayCommand('log-level', 'east', 'debug')).toBe('east logs debug and above\n');
    await expect.poll(() => agent.logger.level, patient).toBe('debug');
    agent.logger.debug({ test: 'level' }, 'a detail');
    await expect.poll(() => gateway.lines.some(({ msg }) => msg === 'a detail'), patient).toBe(true);
    await expect(gatewayCommand('log-level', 'east', 'loud')).rejects.toThrow(/"loud" is not a level/);

    const older = readFileSync(join(root, 'east.secret'), 'utf8');
    writeFileSync(join(root, 'east.secret'), await gatewayCommand('enroll', 'east', '--print', 'secret'));
    appendFileSync(join(root, 'east.secret'), older);
    expect(await gatewayCommand('list')).toBe('east\tdefault\tin use\t2 secrets\tdebug\n');
    expect(await text(`${gateway.url}/metrics`)).toContain('cluster_insight_gateway_agent_connected{cluster="east"} 1');
  });

  test('has the last lines of an agent that ends', async () => {
    const gateway = await openGateway();
    opened.push(() => gateway.close());
    const agent = await openAgent('east', gateway.url);
    await expect.poll(() => gateway.lines.some(({ msg }) => msg === 'an agent has connected'), patient).toBe(true);
    agent.logger.info('last words');
    await agent.close();
    await expect.poll(() => gateway.lines.some(({ msg }) => msg === 'last words'), patient).toBe(true);
  });

  test('hears nothing of a refusal from the agent that it refused: that stands in the log of the agent', async () => {
    const gateway = await openGateway();
    opened.push(() => gateway.close());
    const agent = await openAgent('east', gateway.url);
    opened.push(() => agent.close());
    await expect.poll(() => gateway.lines.some(({ msg }) => msg === 'an agent has connected'), patient).toBe(true);
    await gatewayCommand('revoke', 'east');
    await expect.poll(() => agent.own.some(({ msg }) => msg.startsWith('there is no connection')), patient).toBe(true);
    writeFileSync(join(root, 'east.secret'), await gatewayCommand('enroll', 'east', '--print', 'secret'));
    agent.logger.info('back again');
    await expect.poll(() => gateway.lines.some(({ msg }) => msg === 'back again'), patient).toBe(true);
    expect(gateway.lines.filter(({ msg }) => msg.includes('there is no connection'))).toEqual([]);
  });
});

describe('what calls in', () => {
  const call = (url: string, path = agentsPath, protocols: string[] = [subprotocol], headers = {}) =>
    new Promise<string>((resolve) => {
      const socket = new WebSocket(`${url.replace(/^http/, 'ws')}${path}`, protocols, { headers });
      socket.on('unexpected-response', (_, answer) => {
        resolve(String(answer.statusCode));
        socket.terminate();
      });
      socket.on('error', () => undefined);
      socket.on('open', () => {
        resolve(`open ${socket.protocol}`);
        socket.terminate();
      });
    });

  test('is told apart by path, sub-protocol and origin', async () => {
    const gateway = await openGateway();
    opened.push(() => gateway.close());
    expect(await call(gateway.url)).toBe(`open ${subprotocol}`);
    expect(await call(gateway.url, '/cluster')).toBe('404');
    expect(await call(gateway.url, agentsPath, ['other'])).toBe('426');
    expect(await call(gateway.url, agentsPath, [])).toBe('426');
    expect(await call(gateway.url, agentsPath, [subprotocol], { origin: 'https://evil.example' })).toBe('403');
  });

  test('and talks nonsense is refused and closed, whatever it is', async () => {
    const gateway = await openGateway();
    opened.push(() => gateway.close());
    const say = (what: string | Buffer) =>
      new Promise<{ code: number; heard: string }>((resolve) => {
        const socket = new WebSocket(`${gateway.url.replace(/^http/, 'ws')}${agentsPath}`, [subprotocol]);
        let heard = '';
        socket.on('open', () => socket.send(what));
        socket.on('message', (data: Buffer) => (heard = data.toString()));
        socket.on('error', () => undefined);
        socket.on('close', (code) => resolve({ code, heard }));
      });
    expect(await say('hello')).toMatchObject({ code: 4400, heard: expect.stringContaining('not_understood') });
    expect(await say(Buffer.from('{}'))).toMatchObject({ code: 4400, heard: '' });
    expect(await say('{"type":"data","class":"graph","n":1,"after":0,"at":"x"}')).toMatchObject({ code: 4400 });
    expect(await say('x'.repeat((1 << 20) + 1))).toMatchObject({ code: 1009 });
    expect((await fetch(`${gateway.url}/livez`)).status).toBe(200);
  });

  test('without a word is not kept for ever, and does not keep the gateway from ending', async () => {
    const gateway = await openGateway();
    const socket = new WebSocket(`${gateway.url.replace(/^http/, 'ws')}${agentsPath}`, [subprotocol]);
    const closed = new Promise<number>((resolve) => socket.on('close', resolve));
    await new Promise((resolve) => socket.on('open', resolve));
    await gateway.close();
    expect(await closed).toBe(1001);
  });
});
