// A cluster, its actor and a gateway, started in one process over loopback: proposals at the gateway are carried out in the
// cluster.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { start as startActor } from '../../actor/start.ts';
import { start as startGateway } from '../../master/gateway/start.ts';
import { type ApiServer, startApiServer } from '../../src/demo/api-server.ts';
import { createLogger, silentLogger } from '../../src/logger.ts';
import type { Running, Start } from '../../src/mode.ts';
import type { KubernetesObject } from '../../src/model.ts';
import { readConfig } from '../../src/settings/config.ts';
import { openPolicy, users, workload } from './acting.ts';
import { freePort } from './free-port.ts';
import { ask } from './http.ts';

export interface Line {
  readonly msg: string;
  readonly [name: string]: unknown;
}

export interface GatewayActing {
  readonly server: ApiServer;
  readonly folder: string;
  readonly web: KubernetesObject;
  readonly gateway: Running;
  readonly actor: Running;
  /** Log of all gateways. */
  readonly lines: Line[];
  /** Flags of an agent of cluster `east`. */
  readonly uplinkFlags: () => string[];
  readonly auditFile: string;
  /** How long an action waits for Pods from now on: 60 seconds otherwise. */
  rollOutWithin(seconds: number): void;
  openGateway(): Promise<void>;
  closeGateway(): Promise<void>;
  openActor(): Promise<void>;
  closeActor(): Promise<void>;
  /** Calls the gateway, for cluster `east` unless the path names another. */
  call(token: string | undefined, path: string, method?: string, body?: unknown): Promise<Called>;
  patches(): readonly string[];
  close(): Promise<void>;
}

export interface Called {
  readonly status: number;
  readonly [field: string]: unknown;
}

export async function startGatewayActing(): Promise<GatewayActing> {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-acting-'));
  const enrolments = join(folder, 'enrolments');
  const server = await startApiServer({ users });
  server.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
  const web = workload(server);
  writeFileSync(join(folder, 'config'), JSON.stringify(server.kubeconfig({ token: 'actor' })));
  const writePolicy = (policy: object) => writeFileSync(join(folder, 'policy.yaml'), JSON.stringify(policy));
  writePolicy(openPolicy);
  let secret = '';
  const output = { write: (text: string) => (secret += text) };
  const enroll = readConfig({}, ['gateway', 'enroll', 'east', '--print', 'secret', '--enrolments', enrolments]);
  await startGateway({ config: enroll, logger: silentLogger, output } as Parameters<Start>[0]);
  writeFileSync(join(folder, 'secret'), secret);

  const lines: Line[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line) as Line) };
  const running: { gateway?: Running | undefined; actor?: Running | undefined } = {};
  // It is opened again on the same port.
  const port = String(await freePort());
  const up = (one: 'gateway' | 'actor'): Running => {
    const found = running[one];
    if (found === undefined) throw new Error(`the ${one} is not running`);
    return found;
  };
  const acting: GatewayActing = {
    server,
    folder,
    web,
    lines,
    auditFile: join(folder, 'audit.ndjson'),
    get gateway() {
      return up('gateway');
    },
    get actor() {
      return up('actor');
    },
    uplinkFlags: () => [
      `--gateway=ws://127.0.0.1:${port}`,
      '--gateway-cluster=east',
      `--gateway-secret-file=${join(folder, 'secret')}`,
    ],
    rollOutWithin: (seconds) => writePolicy({ ...openPolicy, within: seconds }),
    async openGateway() {
      const flags = ['--port', port, '--enrolments', enrolments, '--history', 'off', '--drain', '1s'];
      const logger = createLogger({ level: 'info', format: 'json', destination });
      running.gateway = await startGateway({ config: readConfig({}, ['gateway', ...flags]), logger });
    },
    async closeGateway() {
      await running.gateway?.close();
      running.gateway = undefined;
    },
    async openActor() {
      const flags = [
        `--kubeconfig=${join(folder, 'config')}`,
        `--actor-dir=${join(folder, 'ledger')}`,
        `--actor-policy=${join(folder, 'policy.yaml')}`,
        `--audit=${acting.auditFile}`,
        '--drain=1s',
        ...acting.uplinkFlags(),
      ];
      running.actor = await startActor({
        config: readConfig({}, ['actor', '--port=0', ...flags]),
        logger: silentLogger,
      });
    },
    async closeActor() {
      await running.actor?.close();
      running.actor = undefined;
    },
    async call(token, path, method = 'GET', body) {
      const url = `${up('gateway').url}${path}${path.includes('?') ? '' : '?cluster=east'}`;
      const headers = {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      };
      const answer = await ask(url, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
      return { status: answer.status, ...(JSON.parse(answer.text) as object) };
    },
    patches: () =>
      server.requests
        .entries()
        .filter(({ method, url }) => method === 'PATCH' && !url.includes('dryRun'))
        .map(({ url }) => url),
    async close() {
      await acting.closeActor();
      await acting.closeGateway();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await acting.openGateway();
  await acting.openActor();
  return acting;
}
