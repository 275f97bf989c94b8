import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, afterEach, expect, test } from 'vitest';
import { loadClient } from '../../../master/sources/kubernetes/client.ts';
import type { AuditLine } from '../../../src/audit/audit.ts';
import { openAudit } from '../../../src/audit/open.ts';
import { everything } from '../../../src/demo/api/access.ts';
import { type ApiServer, startApiServer } from '../../../src/demo/api-server.ts';
import { createLogger, silentLogger } from '../../../src/logger.ts';
import { insight } from '../../support/command-line.ts';
import { startDemoMasterFor } from '../../support/demo-master.ts';
import { exported } from '../../support/exporting.ts';

const folder = mkdtempSync(join(tmpdir(), 'audit-'));
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
const newFile = () => join(folder, `audit-${++files}.ndjson`);
const linesIn = (file: string) =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as AuditLine);

/** The lines that begin a request, one each. */
const asked = (lines: readonly AuditLine[]) =>
  lines
    .filter(({ event, unsent }) => event !== 'close' && !unsent)
    .map(({ method, path }) => `${method} ${path}`)
    .sort();
const seen = ({ requests }: Pick<ApiServer, 'requests'>) =>
  requests
    .entries()
    .map(({ method, url }) => `${method} ${url}`)
    .sort();

const listedKinds = ({ requests }: Pick<ApiServer, 'requests'>) =>
  new Set(requests.entries().flatMap(({ what }) => /^list (.*)/.exec(what)?.[1] ?? []));

const token = 'secret-of-the-master';
const users = [{ username: 'master', groups: ['system:authenticated'], token, rules: everything }];

test('a master that reads a cluster through trouble says line by line what the API server saw of it', async () => {
  const file = newFile();
  const master = await startDemoMasterFor({ users, token }, '--audit', file);
  const { server } = master.cluster;
  ends.push(() => master.close());
  server.fault({ effect: 'drop', path: '/pods', times: 1 });
  server.fault({ effect: 'status', code: 503, retryAfter: 1, path: '/services', watch: true, times: 1 });
  server.endWatches();
  await expect.poll(() => server.requests.count('watch pods'), { timeout: 20_000 }).toBeGreaterThan(1);
  // Of a request that the end cuts off on its way it depends who has seen it.
  await expect.poll(() => server.openWatches(), { timeout: 50_000 }).toBe(listedKinds(server).size);
  await expect.poll(() => asked(linesIn(file)), { timeout: 50_000 }).toEqual(seen(server));
  await master.close();
  ends.length = 0;
  const lines = linesIn(file);
  expect(lines.length).toBeGreaterThan(100);
  expect(asked(lines)).toEqual(seen(server));
  const opened = lines.filter(({ event }) => event === 'open').map(({ id }) => id);
  const closed = lines.filter(({ event }) => event === 'close').map(({ id }) => id);
  expect(opened.length).toBeGreaterThan(60);
  expect(closed.toSorted()).toEqual(opened.toSorted());
  expect(new Set(lines.map(({ purpose }) => purpose))).toEqual(
    new Set(
      ['reach', 'identity of the cluster', 'discovery', 'list', 'watch', 'where a watch begins'].filter((one) =>
        lines.some(({ purpose }) => purpose === one),
      ),
    ),
  );
  expect(lines.every(({ mode, dryRun }) => mode === 'master' && !dryRun)).toBe(true);
  expect(readFileSync(file, 'utf8')).not.toMatch(/secret-of-the-master|authorization"|Bearer/i);
  expect(statSync(file).mode & 0o077).toBe(0);
});

test('an export and a command do so, too', async () => {
  const server = await startApiServer();
  ends.push(() => server.stop());
  for (let n = 0; n < 3; n++)
    server.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `c${n}`, namespace: 'default' } });
  const file = newFile();
  const { status } = await exported(server, ['--to', '-', '--audit', file, '--relations=false']);
  expect(status).toBe(0);
  expect(asked(linesIn(file))).toEqual(seen(server));
  expect(new Set(linesIn(file).map(({ mode }) => mode))).toEqual(new Set(['export']));

  server.requests.clear();
  const [kubeconfig, other] = [join(folder, 'config'), newFile()];
  writeFileSync(kubeconfig, JSON.stringify(server.kubeconfig()));
  const args = ['get', 'configmaps', '-A', '--direct', '--kubeconfig', kubeconfig];
  const answer = await insight(args, { env: { CLUSTER_INSIGHT_AUDIT: other } });
  expect(answer).toMatchObject({ status: 0, err: '' });
  expect(asked(linesIn(other))).toEqual(seen(server));
  expect(new Set(linesIn(other).map(({ mode }) => mode))).toEqual(new Set(['command']));
});

test('a refused credential that is renewed is two requests, and two lines', async () => {
  const server = await startApiServer({ users: [{ username: 'a', token: 'new', rules: everything }] });
  ends.push(() => server.stop());
  const [tokenFile, file] = [join(folder, 'token'), newFile()];
  writeFileSync(tokenFile, 'old');
  const opened = await openAudit({ mode: 'master', audit: file, config: {}, logger: silentLogger });
  const config = server.kubeconfig();
  const document = { ...config, users: [{ name: 'demo', user: { tokenFile } }] };
  const client = await loadClient({ env: {}, document, audit: opened.audit });
  writeFileSync(tokenFile, 'new');
  await client?.get('/api/v1/pods');
  client?.close();
  await opened.close();
  expect(linesIn(file).map(({ status }) => status)).toEqual(seen(server).length === 2 ? [401, 200] : [200]);
  expect(asked(linesIn(file))).toEqual(seen(server));
});

test('lines go to the log where the log is named, and nowhere where nothing is', async () => {
  const texts: string[] = [];
  const logger = createLogger({
    level: 'info',
    format: 'json',
    destination: { write: (line) => void texts.push(line) },
  });
  const { audit, close } = await openAudit({ mode: 'master', audit: 'log', config: {}, logger });
  audit.begin({ method: 'GET', path: '/version', purpose: 'reach' }).ended('ECONNREFUSED');
  await close();
  expect(texts.map((line) => JSON.parse(line).audit)).toEqual([
    expect.objectContaining({ verb: 'get', status: 0, unsent: true }),
  ]);
  const off = await openAudit({ mode: 'master', audit: 'off', config: {}, logger });
  off.audit.begin({ method: 'GET', path: '/version', purpose: 'reach' }).ended();
  await off.close();
  expect(texts.length).toBe(1);
});

test('a file that cannot be written is said at the start', async () => {
  const audit = '/proc/no/such/place';
  await expect(openAudit({ mode: 'master', audit, config: {}, logger: silentLogger })).rejects.toMatchObject({
    code: 'bad_setting',
    message: expect.stringContaining(audit),
  });
});

test('a collector is told the same lines as OTLP logs, all of them, with the token of the file', async () => {
  const bodies: { text: string; path: string; authorization: string | undefined }[] = [];
  const sink = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const text = gunzipSync(Buffer.concat(parts)).toString();
      bodies.push({ text, path: request.url ?? '', authorization: request.headers.authorization });
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"partialSuccess":{}}');
    });
  });
  await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve));
  ends.push(() => {
    sink.close();
    sink.closeAllConnections();
  });
  const [otlpTokenFile, file] = [join(folder, 'otlp-token'), newFile()];
  writeFileSync(otlpTokenFile, 'for-the-collector\n');
  const otlpEndpoint = `http://127.0.0.1:${(sink.address() as AddressInfo).port}/`;
  const config = { otlpEndpoint, otlpTokenFile, clusterName: 'c1' };
  const { audit, close } = await openAudit({ mode: 'export', audit: file, config, logger: silentLogger });
  for (let n = 0; n < 600; n++) audit.begin({ method: 'GET', path: `/api/v1/pods?n=${n}`, purpose: 'list' }).ended();
  await close();
  const records = bodies.flatMap(({ text }) => JSON.parse(text).resourceLogs[0].scopeLogs[0].logRecords);
  expect(records.length).toBe(600);
  const value = (record: { attributes: { key: string; value: object }[] }, name: string) =>
    record.attributes.find(({ key }) => key === name)?.value;
  expect(records.map((record) => value(record, 'audit.id'))).toEqual(
    linesIn(file).map(({ id }) => ({ stringValue: id })),
  );
  expect(value(records[5], 'url.query')).toEqual({ stringValue: 'n=5' });
  expect(value(records[5], 'http.response.status_code')).toEqual({ intValue: '0' });
  expect(records[0].timeUnixNano).toMatch(/^\d{19}$/);
  expect(new Set(bodies.map(({ path, authorization }) => `${path} ${authorization}`))).toEqual(
    new Set(['/v1/logs Bearer for-the-collector']),
  );
  expect(JSON.parse(bodies[0]?.text ?? '').resourceLogs[0].resource.attributes).toEqual([
    { key: 'service.name', value: { stringValue: 'cluster-insight-export' } },
    { key: 'k8s.cluster.name', value: { stringValue: 'c1' } },
  ]);
});
