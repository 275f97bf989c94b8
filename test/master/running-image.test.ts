import { describe, expect, test } from 'vitest';
import { kinds } from '../../master/kinds/index.ts';
import { runningImage } from '../../master/running-image.ts';
import type { RuntimeSink } from '../../master/sources/runtime/sink.ts';
import type { KubernetesObject } from '../../src/model.ts';
import { createTestApp } from '../support/app.ts';

const digest = `sha256:${'a1'.repeat(32)}`;
const own = { name: 'insight-1', namespace: 'graph' };
const pods = kinds.find(({ kind }) => kind === 'Pod');

const statusOf = (name: string, image: string) => ({
  name,
  image,
  imageID: `example.com/insight@${digest}`,
  containerID: `containerd://${'c0'.repeat(32)}`,
});

function podOf(names: readonly string[], { image = 'example.com/insight:3.1', annotations = {} } = {}) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...own, uid: 'u-1', resourceVersion: '1', annotations },
    spec: {
      nodeName: 'node-0',
      initContainers: [{ name: 'setup', image: 'example.com/setup:1' }],
      containers: names.map((name) => ({ name, image: 'example.com/insight:3.1' })),
    },
    status: { containerStatuses: names.map((name) => statusOf(name, image)) },
  } as unknown as KubernetesObject;
}

function graphOf(...objects: KubernetesObject[]) {
  const running = () => runningImage(test.engine, own);
  const test = createTestApp({ running, build: { version: '9.9.9', revision: 'feed'.repeat(10), date: '2026-01-01' } });
  if (!pods) throw new Error('no kind Pod');
  const list = test.store.sinkOf(pods).list();
  void list.page(objects);
  void list.commit('1');
  return test;
}

const version = async (app: ReturnType<typeof graphOf>) => JSON.parse((await app.app.inject('/version')).payload);
const dated: Parameters<RuntimeSink['snapshot']>[1] = {
  node: 'node-0',
  runtime: { name: 'docker', version: '28' },
  containers: [],
  images: [{ Id: digest, RepoTags: ['example.com/insight:3.1'], RepoDigests: [], Created: '2026-11-20T10:00:00Z' }],
} as never;

describe('GET /version', () => {
  test('tells the image of its own container, as the graph has it', async () => {
    expect(await version(graphOf(podOf(['master'])))).toMatchObject({
      version: 'example.com/insight:3.1 a1a1a1a1a1a1 2026-01-01',
      name: 'example.com/insight:3.1',
      id: digest,
      from: 'pod',
      program: 'cluster-insight 9.9.9',
      revision: 'feed'.repeat(10),
    });
  });

  test("tells the image's own date where a runtime knows it", async () => {
    const app = graphOf(podOf(['master']));
    app.containers.runtime.snapshot('node-0', dated);
    expect(await version(app)).toMatchObject({ date: '2026-11-20T10:00:00Z', buildDate: '2026-01-01', from: 'pod' });
  });

  test('tells what the build said until its own Pod is in the graph', async () => {
    expect(await version(graphOf())).toMatchObject({
      version: 'cluster-insight 9.9.9 feedfeedfeed 2026-01-01',
      name: 'cluster-insight 9.9.9',
      id: 'feed'.repeat(10),
      date: '2026-01-01',
      from: 'build',
    });
  });

  test('tells what the build said outside of any Pod', async () => {
    const { app } = createTestApp({ build: { version: '9.9.9' } });
    const body = JSON.parse((await app.inject('/version')).payload) as object;
    expect(body).toMatchObject({ version: 'cluster-insight 9.9.9', from: 'build' });
    expect(Object.keys(body)).not.toContain('id');
  });

  test('is not misled by containers that others put into the Pod', async () => {
    const meant = { annotations: { 'kubectl.kubernetes.io/default-container': 'master' } };
    const app = graphOf(podOf(['proxy', 'master'], meant));
    expect(await version(app)).toMatchObject({ from: 'pod' });
    expect(await version(graphOf(podOf(['proxy', 'master'])))).toMatchObject({ from: 'build' });
  });

  test("takes the Pod's name for the image where the status has only an id", async () => {
    const app = graphOf(podOf(['master'], { image: digest }));
    expect(await version(app)).toMatchObject({ name: 'example.com/insight:3.1', id: digest });
  });
});
