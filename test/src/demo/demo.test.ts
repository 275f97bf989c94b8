import Docker from 'dockerode';
import { describe, expect, it } from 'vitest';
import { createDemoCluster } from '../../../src/demo/cluster.ts';
import { startDemo } from '../../../src/demo/demo.ts';
import { createLife } from '../../../src/demo/life.ts';
import { silentLogger } from '../../../src/logger.ts';
import type { KubernetesObject } from '../../../src/model.ts';
import { ask, askJson } from '../../support/http.ts';

interface PodLike extends KubernetesObject {
  readonly spec: { readonly nodeName?: string };
  readonly status: {
    readonly containerStatuses?: readonly {
      readonly name: string;
      readonly containerID?: string;
      readonly imageID: string;
      readonly state: { readonly running?: object };
    }[];
  };
}

const withoutPrefix = (text: string) => text.replace(/^.*:\/\//, '');

describe('the demo cluster', () => {
  it('answers at the addresses it gives, and at none when it is closed', async () => {
    const demo = await startDemo({ logger: silentLogger, life: false });
    const [{ cluster } = { cluster: { server: '' } }] = demo.kubeconfig.clusters as { cluster: { server: string } }[];
    const list = await askJson<{ items: { metadata: { name: string } }[] }>(`${cluster.server}/api/v1/nodes`);
    const nodes = list.items.map(({ metadata }) => metadata.name);
    expect(nodes).toEqual(['node-a', 'node-b', 'node-c']);
    expect(Object.keys(demo.minions)).toEqual(nodes);
    for (const url of Object.values(demo.minions)) expect((await ask(`${url}/_ping`)).text).toBe('OK');
    await demo.close();
    for (const url of [cluster.server, ...Object.values(demo.minions)])
      await expect(ask(url)).rejects.toThrow('ECONNREFUSED');
  });

  it('lives, unless told not to', async () => {
    const versions = async (life: boolean) => {
      const demo = await startDemo({ logger: silentLogger, life, pace: 1 });
      const [{ cluster } = { cluster: { server: '' } }] = demo.kubeconfig.clusters as { cluster: { server: string } }[];
      const version = async () =>
        (await askJson<{ metadata: { resourceVersion: string } }>(`${cluster.server}/api/v1/pods`)).metadata
          .resourceVersion;
      const first = await version();
      let last = first;
      for (let i = 0; i < 200 && last === first; i++) last = await version();
      await demo.close();
      return [first, last];
    };
    const [first, last] = await versions(true);
    expect(last).not.toBe(first);
    const [still, stays] = await versions(false);
    expect(stays).toBe(still);
  });

  it('serves every group of its objects in discovery', async () => {
    const cluster = createDemoCluster();
    await cluster.start();
    const { groups } = await askJson<{ groups: { name: string }[] }>(`${cluster.server.url}/apis`);
    const names = groups.map(({ name }) => name);
    for (const group of [
      'gateway.networking.k8s.io',
      'serving.knative.dev',
      'argoproj.io',
      'cert-manager.io',
      'metrics.k8s.io',
      'acme.example.com',
    ]) {
      expect(names).toContain(group);
    }
    const both = await askJson<{ items: object[] }>(`${cluster.server.url}/apis/serving.knative.dev/v1/services`);
    expect(both.items).toHaveLength(1);
    expect((await ask(`${cluster.server.url}/apis/metrics.k8s.io/v1beta1/pods`)).status).toBe(200);
    await cluster.close();
  });

  it('runs on its nodes what its API server says, whatever happens', () => {
    const cluster = createDemoCluster();
    const life = createLife(cluster);
    for (let step = 0; step < 60; step++) {
      life.tick();
      const pods = cluster.server.list('pods') as PodLike[];
      for (const [node, engine] of cluster.engines) {
        const statuses = pods
          .filter(({ spec }) => spec.nodeName === node)
          .flatMap(({ status }) => status.containerStatuses ?? []);
        const running = statuses
          .filter(({ state }) => state.running)
          .map(({ containerID = '' }) => withoutPrefix(containerID));
        const all = [...engine.containers.values()].map(({ inspect }) => inspect);
        for (const id of running) expect(engine.containers.get(id)?.inspect.State.Running).toBe(true);
        const known = new Set(statuses.map(({ containerID = '' }) => withoutPrefix(containerID)));
        const regular = all.filter(
          ({ Config }) =>
            Config.Labels['io.kubernetes.docker.type'] === 'container' &&
            statuses.some(({ name }) => name === Config.Labels['io.kubernetes.container.name']),
        );
        for (const { Id } of regular) expect(known.has(Id)).toBe(true);
      }
    }
  });

  it('knows images by the digests that Pods name', () => {
    const { server, engines } = createDemoCluster();
    const digests = [...engines.values()].flatMap(({ images }) =>
      [...images.values()].flatMap(({ Id, RepoDigests }) => [Id, ...RepoDigests]),
    );
    const named = (server.list('pods') as PodLike[]).flatMap(({ spec, status }) =>
      spec.nodeName === 'node-gone'
        ? []
        : (status.containerStatuses ?? []).map(({ imageID }) => withoutPrefix(imageID)),
    );
    expect(named.length).toBeGreaterThan(30);
    expect(named.filter((digest) => digest !== '' && !digests.includes(digest))).toEqual([]);
  });

  it('has sandboxes, a container of no Pod, and processes, for any Docker client', async () => {
    const cluster = createDemoCluster();
    await cluster.start();
    const url = new URL(cluster.engines.get('node-b')?.url ?? '');
    const docker = new Docker({ protocol: 'http', host: url.hostname, port: Number(url.port) });
    const list = await docker.listContainers();
    expect(list.filter(({ Labels }) => Labels['io.kubernetes.docker.type'] === 'podsandbox').length).toBeGreaterThan(3);
    const loose = list.filter(({ Labels }) => !Labels['io.kubernetes.pod.name']);
    expect(loose.map(({ Names }) => Names[0])).toEqual(['/registry-cache']);
    expect((await docker.getContainer('registry-cache').top({ ps_args: 'aux' })).Processes[0]).toContain(
      'registry serve /etc/distribution/config.yml',
    );
    await cluster.close();
  });
});
