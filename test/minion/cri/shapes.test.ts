// Compared with answers of a real containerd.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Container, ContainerStatusResponse, Image, ImageStatusResponse } from '../../../minion/cri/messages.ts';
import { digestOf, imageIdsOf, imageInspectOf, inspectOf, summaryOf, timeOf } from '../../../minion/cri/shapes.ts';
import { createOutgoing } from '../../../minion/outgoing.ts';

const recorded = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`../../fixtures/cri/${name}.json`, import.meta.url), 'utf8')) as T;
const { containers } = recorded<{ containers: Container[] }>('ListContainers');
const statuses = recorded<{ [id: string]: ContainerStatusResponse }>('ContainerStatus');
const { images } = recorded<{ images: Image[] }>('ListImages');
const imageStatuses = recorded<{ [id: string]: ImageStatusResponse }>('ImageStatus');
const ids = imageIdsOf(images);
const find = (name: string) => ids.get(name);
const sidecar = '976ec122ae4c13f2d51cf2580aa92452e0011af0e5eb0be650980e20e2d0312a';
const status = (id: string) => statuses[id] as ContainerStatusResponse;

describe("a list entry in Docker's shape", () => {
  test('has name, state, image and labels as the kubelet gave them', () => {
    const entry = containers.find(({ id }) => id === sidecar) as Container;
    expect(summaryOf(entry, find)).toEqual({
      Id: sidecar,
      Names: ['/k8s_sidecar_frontend-5c677f5fb-svn8r_shop_da0409d7-c720-444a-852a-9636797e1f13_0'],
      Image: 'sha256:b2ed88f2df4273a791bc3372b911f69c2763cdd93f5b8b8ed7355ef64990a414',
      ImageID: 'sha256:b2ed88f2df4273a791bc3372b911f69c2763cdd93f5b8b8ed7355ef64990a414',
      Created: 1795193912,
      State: 'running',
      Status: 'Up',
      Labels: entry.labels,
      PodSandboxID: 'd682961e6c165c02a7b295b01ff0e38ac86199fe309fdeaafe85c2d2a9baf499',
    });
  });

  test('is the same bytes whichever order its labels and annotations came in', () => {
    const turned = (map: object) => Object.fromEntries(Object.entries(map).toReversed());
    const entry = containers.find(({ id }) => id === sidecar) as Container;
    const again = { ...entry, labels: turned(entry.labels) } as Container;
    expect(JSON.stringify(again.labels)).not.toBe(JSON.stringify(entry.labels));
    expect(JSON.stringify(summaryOf(again, find))).toBe(JSON.stringify(summaryOf(entry, find)));
    const { status: said, ...rest } = status(sidecar);
    const back = { ...said, labels: turned(said?.labels ?? {}), annotations: turned(said?.annotations ?? {}) };
    const inspected = inspectOf({ ...rest, status: back } as ContainerStatusResponse, find);
    expect(JSON.stringify(inspected)).toBe(JSON.stringify(inspectOf(status(sidecar), find)));
  });

  test('is made of every recorded container, none of them a sandbox', () => {
    const all = containers.map((one) => summaryOf(one, find));
    expect(all).toHaveLength(16);
    expect(new Set(all.map(({ State }) => State))).toEqual(new Set(['running', 'exited']));
    expect(all.every(({ ImageID }) => /^sha256:[0-9a-f]{64}$/.test(ImageID))).toBe(true);
  });

  test('says unknown for a state that CRI does not know either', () => {
    expect(summaryOf({ ...(containers[0] as Container), state: 'CONTAINER_UNKNOWN' }, find).State).toBe('unknown');
    expect(summaryOf({ ...(containers[0] as Container), state: '9' }, find)).toMatchObject({
      State: 'unknown',
      Status: 'Unknown',
    });
  });
});

describe("an inspect in Docker's shape", () => {
  test('has what CRI says, and nothing that it does not', () => {
    const inspect = inspectOf(status(sidecar), find);
    expect(inspect).toMatchObject({
      Id: sidecar,
      Created: '2026-11-20T16:58:32.614470601Z',
      Path: '/bin/sleep',
      Args: ['100000'],
      RestartCount: 0,
      Image: 'sha256:b2ed88f2df4273a791bc3372b911f69c2763cdd93f5b8b8ed7355ef64990a414',
      PodSandboxID: 'd682961e6c165c02a7b295b01ff0e38ac86199fe309fdeaafe85c2d2a9baf499',
      State: { Status: 'running', Running: true, Pid: 13174, StartedAt: '2026-11-20T16:58:32.668735194Z' },
      Config: { Image: 'docker.io/library/api:v2', Entrypoint: ['/bin/sleep', '100000'], WorkingDir: '/', User: '0:0' },
      HostConfig: { CpuPeriod: 100_000, CpuShares: 2, OomScoreAdj: 999, Privileged: false },
    });
    expect(inspect?.State).not.toHaveProperty('FinishedAt');
    expect(inspect?.State).not.toHaveProperty('ExitCode');
    expect(inspect?.State).not.toHaveProperty('Paused');
    expect(inspect?.HostConfig).not.toHaveProperty('Memory');
    expect(inspect?.Config).not.toHaveProperty('Cmd');
    expect(inspect?.Mounts).toContainEqual(
      expect.objectContaining({ Type: 'bind', Destination: '/etc/hosts', RW: true, Propagation: 'rprivate' }),
    );
  });

  test('says how an exited container ended', () => {
    const exited = Object.values(statuses).filter((one) => one.status?.state === 'CONTAINER_EXITED');
    expect(exited.length).toBeGreaterThan(0);
    for (const one of exited) {
      const inspect = inspectOf(one, find);
      expect(inspect?.State).toMatchObject({
        Status: 'exited',
        Running: false,
        Pid: 0,
        ExitCode: one.status?.exit_code,
      });
      expect(inspect?.State.FinishedAt).toMatch(/^2026-11-2\dT/);
    }
  });

  test('has no recorded environment value in it once it has been made fit to leave', () => {
    expect(JSON.stringify(Object.values(statuses))).toContain('s3cr3t-value');
    const outgoing = createOutgoing({ keepValues: false });
    for (const one of Object.values(statuses)) {
      const inspect = inspectOf(one, find);
      const text = inspect && JSON.stringify(outgoing.container(inspect));
      expect(text).toContain('[redacted]');
      expect(text).not.toContain('s3cr3t-value');
    }
  });

  test("is made of CRI-O's info too, which has no `config`", () => {
    const info = {
      sandboxID: 'f'.repeat(64),
      pid: 77,
      privileged: true,
      runtimeSpec: {
        process: { args: ['nginx', '-g', 'daemon off;'], env: ['A=b'], cwd: '/' },
        root: { readonly: true },
      },
    };
    const said = { ...status(sidecar).status, image_ref: 'quay.io/nginx@sha256:abc', image_id: 'c'.repeat(64) };
    const inspect = inspectOf({ status: said as never, info: { info: JSON.stringify(info) } }, find);
    expect(inspect).toMatchObject({
      Image: `sha256:${'c'.repeat(64)}`,
      Path: 'nginx',
      State: { Pid: 77 },
      HostConfig: { Privileged: true, ReadonlyRootfs: true },
    });
    expect(inspect?.Config).not.toHaveProperty('Entrypoint');
  });

  test('does without the info, or with one that is not JSON', () => {
    for (const info of [{}, { info: 'not json' }, { info: 'null' }]) {
      const inspect = inspectOf({ status: status(sidecar).status, info }, find);
      expect(inspect).toMatchObject({ Id: sidecar, State: { Running: true } });
      expect(inspect?.State).not.toHaveProperty('Pid');
    }
    expect(inspectOf({ status: null, info: {} }, find)).toBeUndefined();
  });
});

describe("an image in Docker's shape", () => {
  test('has its id, names, size and platform', () => {
    const id = 'sha256:b2ed88f2df4273a791bc3372b911f69c2763cdd93f5b8b8ed7355ef64990a414';
    expect(imageInspectOf(imageStatuses[id] as ImageStatusResponse)).toMatchObject({
      Id: id,
      RepoTags: ['docker.io/library/api:v2'],
      RepoDigests: [],
      Created: '2026-11-20T16:54:29.077713194Z',
      Architecture: 'amd64',
      Os: 'linux',
      Size: 1_998_854,
      Config: { Cmd: ['/bin/sleep', '1000000'] },
      RootFS: { Type: 'layers', Layers: [expect.stringMatching(/^sha256:/)] },
    });
  });

  test('is undefined where the runtime answers with nothing', () => {
    expect(imageInspectOf({ image: null, info: {} })).toBeUndefined();
  });

  test('is found by each of its names', () => {
    for (const image of images) for (const name of [image.id, ...image.repo_tags]) expect(find(name)).toBe(image.id);
  });
});

test('times keep their nanoseconds, and zero is not a time', () => {
  expect(timeOf('1795193912614470601')).toBe('2026-11-20T16:58:32.614470601Z');
  expect([timeOf('0'), timeOf(''), timeOf('-1')]).toEqual([undefined, undefined, undefined]);
});

test('an image id is one with its algorithm and without', () => {
  expect(digestOf('a'.repeat(64))).toBe(`sha256:${'a'.repeat(64)}`);
  expect(digestOf(`sha256:${'a'.repeat(64)}`)).toBe(`sha256:${'a'.repeat(64)}`);
  expect(digestOf(`quay.io/x@sha256:${'a'.repeat(64)}`)).toBeUndefined();
});
