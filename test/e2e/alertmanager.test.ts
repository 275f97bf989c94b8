// Alerts of a master at their receivers: Debian's Alertmanager, a webhook that checks signatures, and Prometheus, which scrapes
// the gauges.
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Message } from '../../master/alerts/message.ts';
import { type ApiServer, startApiServer } from '../../src/demo/api-server.ts';
import {
  missingMonitoring,
  type StartedAlertmanager,
  type StartedPrometheus,
  startAlertmanager,
  startPrometheus,
} from '../support/engines/alertmanager.ts';
import { eventually } from '../support/engines/daemon.ts';
import { type FakeHttp, serve } from '../support/fake-http.ts';
import { endPrograms, type Program, startProgram } from '../support/program.ts';

const reason = missingMonitoring();
const namespace = 'shop';
/** Long ago, because recent objects may still become ready. */
const creationTimestamp = '2020-01-01T00:00:00Z';
const secret = 'quiet';

interface Grouped {
  readonly status: string;
  readonly groupLabels: { readonly [name: string]: string };
  readonly alerts: readonly {
    readonly status: string;
    readonly labels: { readonly [name: string]: string };
    readonly annotations: { readonly [name: string]: string };
  }[];
}

interface Standing {
  readonly labels: { readonly [name: string]: string };
  readonly annotations: { readonly [name: string]: string };
  readonly startsAt: string;
}

let server: ApiServer;
let folder: string;
let alertmanager: StartedAlertmanager;
let prometheus: StartedPrometheus;
let hook: FakeHttp;
let own: FakeHttp;
let master: Program;
const groups: Grouped[] = [];
const messages: Message[] = [];
const badSignatures: string[] = [];

const service = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace, creationTimestamp },
  spec: { ports: [{ port: 80 }] },
});
const ingress = (name: string) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name, namespace, creationTimestamp },
  spec: {
    ingressClassName: 'nginx',
    rules: [
      {
        host: `${name}.example.com`,
        http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name, port: { number: 80 } } } }] },
      },
    ],
  },
});

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

const kept = () => ['--history-dir', join(folder, 'history')];

async function startMaster(keeping: readonly string[] = kept()): Promise<Program> {
  const program = await startProgram({
    args: ['master', '--minions', 'off', '--alerts', join(folder, 'alerts.yaml'), ...keeping],
    env: { KUBECONFIG: join(folder, 'config') },
  });
  await eventually('alerts to be on', 60_000, async () => {
    const answer = await fetch(`${program.url}/cluster/alerts`).catch(() => undefined);
    return answer?.ok === true && ((await answer.json()) as { state: string }).state === 'on';
  });
  return program;
}

const standing = async () => (await alertmanager.amtool('alert', 'query')) as readonly Standing[];
const stands = async (resource: string) => (await standing()).find(({ labels }) => labels['resource'] === resource);

describe.skipIf(reason !== undefined)(`alerts of a master${reason ? ` (${reason})` : ''}`, () => {
  beforeAll(async () => {
    server = await startApiServer();
    server.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, creationTimestamp } });
    server.create({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'IngressClass',
      metadata: { name: 'nginx', creationTimestamp },
      spec: { controller: 'example.com/nginx' },
    });
    for (const name of ['web', 'api']) for (const object of [service(name), ingress(name)]) server.create(object);
    folder = mkdtempSync(join(tmpdir(), 'alerts-'));
    writeFileSync(join(folder, 'config'), JSON.stringify(server.kubeconfig()));
    writeFileSync(join(folder, 'secret'), `${secret}\n`);
    hook = await serve((request, response) => {
      void textOf(request).then((text) => {
        groups.push(JSON.parse(text) as Grouped);
        response.end();
      });
    });
    own = await serve((request, response) => {
      void textOf(request).then((text) => {
        const time = String(request.headers['x-cluster-insight-timestamp']);
        const expected = createHmac('sha256', secret).update(`${time}.${text}`).digest('hex');
        const said = String(request.headers['x-cluster-insight-signature']);
        if (said !== `sha256=${expected}`) badSignatures.push(said);
        messages.push(JSON.parse(text) as Message);
        response.end();
      });
    });
    alertmanager = await startAlertmanager(`${hook.url}/groups`);
    writeFileSync(
      join(folder, 'alerts.yaml'),
      JSON.stringify({
        url: 'https://insight.example.com',
        group: { wait: '1s', interval: '1s', perRoot: '0s' },
        for: { critical: '0s', high: '0s', medium: '0s' },
        end: '1s',
        changes: [],
        receivers: [
          { name: 'on-call', alertmanager: { urls: alertmanager.url, resend: '5s', labels: { team: 'shop' } } },
          { name: 'hook', webhook: { url: own.url, secretFile: join(folder, 'secret'), allow: ['loopback'] } },
        ],
        alerts: [{ finding: 'host-leads-nowhere', never: true }],
      }),
    );
    master = await startMaster();
    prometheus = await startPrometheus(new URL(master.url).host);
  });
  afterAll(async () => {
    endPrograms();
    await prometheus?.close();
    await alertmanager?.close();
    await Promise.all([hook?.close(), own?.close(), server?.stop()]);
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  test('fire, are grouped, and contain what a person on call needs', async () => {
    for (const name of ['web', 'api']) server.delete(service(name));
    await eventually('both to stand', 30_000, async () => (await standing()).length === 2);
    // A delayed history is included in the next message.
    const description = async () => (await stands('Ingress:shop/web'))?.annotations['description'] ?? '';
    await eventually('what changed before', 30_000, async () => !(await description()).includes('before: not known'));
    const found = await stands('Ingress:shop/web');
    expect(found?.labels).toMatchObject({
      alertname: 'route-backend-missing',
      severity: 'warning',
      level: 'high',
      class: 'broken',
      namespace,
      team: 'shop',
    });
    expect(found?.annotations['description']?.split('\n')).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^proof: Ingress:shop\/web routesTo Service:shop\/web \(spec\.rules\[0\]/),
        expect.stringMatching(/^before: .* Service:shop\/web was removed$/),
        expect.stringMatching(/^remedy: /),
        'look: https://insight.example.com/ui/#/around?id=Ingress%3Ashop%2Fweb',
      ]),
    );
    // Alertmanager may send one of them first, and other groups in between.
    await eventually('one group of both', 30_000, () =>
      groups.some(
        ({ groupLabels, alerts }) => groupLabels['alertname'] === 'route-backend-missing' && alerts.length === 2,
      ),
    );
  });

  test('reach a webhook, signed', async () => {
    await eventually('the webhook to be told', 30_000, () => messages.flatMap(({ alerts }) => alerts).length >= 2);
    expect(badSignatures).toEqual([]);
    expect(messages[0]).toMatchObject({ status: 'firing', group: { alert: 'route-backend-missing', namespace } });
    expect(messages[0]?.alerts[0]?.path[0]).toMatchObject({
      type: 'routesTo',
      field: expect.stringContaining('backend'),
    });
  });

  test('are counted by Prometheus', async () => {
    const firing = 'cluster_insight_alerts{state="firing",severity="high"}';
    await eventually('the gauge', 30_000, async () => [...(await prometheus.query(firing)).values()][0] === 2);
    const sent = 'cluster_insight_alerts_deliveries_total{receiver="hook",outcome="sent"}';
    await expect.poll(async () => [...(await prometheus.query(sent)).values()][0] ?? 0).toBeGreaterThan(0);
  });

  test('go on over a restart of the master, as the same alerts, and are not told again', async () => {
    const before = await stands('Ingress:shop/web');
    const told = messages.length;
    await master.end();
    master = await startMaster();
    await eventually('it to be sent again', 30_000, async () => {
      const answer = await fetch(`${master.url}/cluster/alerts`);
      const { receivers } = (await answer.json()) as { receivers: { name: string; sent: number }[] };
      return receivers.some(({ name, sent }) => name === 'on-call' && sent > 0);
    });
    const after = await stands('Ingress:shop/web');
    expect([after?.labels, after?.startsAt]).toEqual([before?.labels, before?.startsAt]);
    expect(messages.slice(told)).toEqual([]);
  });

  test('go on over a restart of a master that keeps nothing, because Alertmanager has them', async () => {
    const before = await stands('Ingress:shop/web');
    await master.end();
    master = await startMaster([]);
    await eventually('it to be sent again', 30_000, async () => {
      const answer = await fetch(`${master.url}/cluster/alerts?state=firing`);
      const { alerts } = (await answer.json()) as { alerts: { resource: string }[] };
      return ['web', 'api'].every((name) => alerts.some(({ resource }) => resource === `Ingress:shop/${name}`));
    });
    expect((await stands('Ingress:shop/web'))?.labels).toEqual(before?.labels);
  });

  test('end when the missing Services are back, and receivers are told so', async () => {
    for (const name of ['web', 'api']) server.create(service(name));
    await eventually('none to stand', 60_000, async () => (await standing()).length === 0);
    await eventually('the group to be resolved', 30_000, () => groups.at(-1)?.status === 'resolved');
    await eventually('the webhook to be told', 30_000, () => messages.at(-1)?.status === 'ended');
    expect(messages.at(-1)?.alerts.map(({ status }) => status)).toEqual(expect.arrayContaining(['ended']));
    expect(badSignatures).toEqual([]);
  });
});
