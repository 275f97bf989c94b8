// The real kubectl against the fake API server.
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiServer, startApiServer } from '../../../src/demo/api-server.ts';
import type { KubernetesObject } from '../../../src/model.ts';
import { loadRecorded, recordedJson } from './recorded.ts';

const installed = (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, 'kubectl')));
const run = promisify(execFile);

describe.skipIf(!installed && process.env['CI'] !== 'true')('kubectl', () => {
  let server: ApiServer;
  let folder: string;
  beforeAll(async () => {
    server = await startApiServer();
    loadRecorded(server);
    folder = mkdtempSync(join(tmpdir(), 'kubectl-'));
    writeFileSync(join(folder, 'config'), JSON.stringify(server.kubeconfig()));
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  async function kubectl(...words: string[]): Promise<string> {
    const env = { PATH: process.env['PATH'], HOME: folder, KUBECONFIG: join(folder, 'config') };
    return (await run('kubectl', words, { env, timeout: 30_000, maxBuffer: 1 << 26 })).stdout;
  }

  it('tells both versions', async () => {
    expect(await kubectl('version')).toContain('Server Version: v1.36.2');
  });

  it('lists what is served, custom resources included', async () => {
    const lines = (await kubectl('api-resources', '--no-headers')).trim().split('\n');
    expect(lines.find((line) => line.startsWith('widgets'))).toMatch(/wd +acme.example.com\/v1 +true +Widget/);
    expect(lines.length).toBeGreaterThan(60);
  });

  it('gets all pods as JSON, with kind and version in each', async () => {
    const list = JSON.parse(await kubectl('get', 'pods', '-A', '-o', 'json')) as { items: KubernetesObject[] };
    const recorded = recordedJson<{ items: KubernetesObject[] }>('kubernetes/api_v1__pods.json').items;
    expect(list.items.map((pod) => pod.metadata.uid)).toEqual(recorded.map((pod) => pod.metadata.uid));
    expect(list.items.every((pod) => pod.kind === 'Pod' && pod.apiVersion === 'v1')).toBe(true);
  });

  it('gets more than a page of them', async () => {
    const before = server.list('configmaps').length;
    const names = Array.from({ length: 1200 }, (_, i) => `page-${i}`);
    for (const name of names)
      server.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' } });
    const lines = (await kubectl('get', 'configmaps', '-A', '-o', 'name')).trim().split('\n');
    expect(lines.length).toBe(before + names.length);
  });

  it('prints YAML and names, by short name and selector', async () => {
    expect(await kubectl('get', 'deploy', 'frontend', '-n', 'shop', '-o', 'yaml')).toContain('kind: Deployment');
    expect(await kubectl('get', 'po', '-n', 'shop', '-l', 'app=redis', '-o', 'name')).toBe(
      'pod/redis-0\npod/redis-1\n',
    );
    expect(await kubectl('get', 'wd', '-n', 'shop', '-o', 'name')).toBe('widget.acme.example.com/big-one\n');
  });

  it('asks about its own rights', async () => {
    expect(await kubectl('auth', 'can-i', 'list', 'pods')).toBe('yes\n');
    expect(await kubectl('auth', 'whoami', '-o', 'json')).toContain('"username": "kubernetes-admin"');
    expect(await kubectl('auth', 'can-i', '--list')).toContain('*.*');
  });

  it('reads raw paths', async () => {
    expect(await kubectl('get', '--raw', '/readyz?verbose')).toContain('readyz check passed');
  });

  it('creates, applies, labels, scales, watches and deletes', async () => {
    await kubectl('create', 'namespace', 'tools');
    const file = join(folder, 'web.yaml');
    const manifest = (image: string) => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: tools }
spec:
  replicas: 1
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, image: "${image}" }] }
`;
    writeFileSync(file, manifest('web:1'));
    expect(await kubectl('apply', '-f', file)).toBe('deployment.apps/web created\n');
    writeFileSync(file, manifest('web:2'));
    expect(await kubectl('apply', '-f', file)).toBe('deployment.apps/web configured\n');
    expect(await kubectl('apply', '-f', file)).toBe('deployment.apps/web unchanged\n');
    expect(await kubectl('apply', '--server-side', '--force-conflicts', '-f', file)).toContain('serverside-applied');
    await kubectl('scale', '-n', 'tools', 'deployment/web', '--replicas=4');
    await kubectl('label', '-n', 'tools', 'deployment/web', 'team=a');
    const web = server.get({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace: 'tools' },
    });
    expect(web).toMatchObject({ metadata: { labels: { team: 'a' } }, spec: { replicas: 4 } });
    expect(JSON.stringify(web)).toContain('"image":"web:2"');
    expect(await kubectl('delete', 'namespace', 'tools', '--timeout=20s')).toContain('deleted');
    expect(server.list('deployments.apps').filter((object) => object.metadata.namespace === 'tools')).toEqual([]);
  });

  // Tokens are sent over TLS only.
  it('is told why it may not', async () => {
    const file = (name: string) => readFileSync(new URL(`../../fixtures/api-server-tls/${name}`, import.meta.url));
    const tls = { key: file('server.key'), cert: file('server.crt') };
    const strict = await startApiServer({ tls, users: [{ username: 'nobody', token: 'x', rules: [] }] });
    writeFileSync(join(folder, 'config'), JSON.stringify(strict.kubeconfig({ token: 'x' })));
    const message = 'User "nobody" cannot list resource "pods" in API group "" at the cluster scope';
    await expect(kubectl('get', 'pods', '-A')).rejects.toThrow(message);
    writeFileSync(join(folder, 'config'), JSON.stringify(strict.kubeconfig({ token: 'forged' })));
    await expect(kubectl('get', 'pods', '-A')).rejects.toThrow(/must be logged in|Unauthorized/);
    await strict.stop();
  });
});
