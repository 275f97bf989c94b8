// A canary in every field of a runtime's answers, known or not, is in no output of a minion.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canary, inspected, spellings } from '../support/canaries.ts';
import { type FakeCri, startFakeCri } from '../support/fake-cri.ts';
import { startMinion, type TestMinion } from '../support/minion.ts';
import { fakeContainer, type RecordingEngine, startRecordingEngine } from '../support/recording-engine.ts';

const shown = (text: string) => spellings.filter((one) => text.includes(one));
const id = fakeContainer(1).id;

describe('a secret in what Docker answers', () => {
  let engine: RecordingEngine;
  let minion: TestMinion;
  beforeAll(async () => {
    const { Config, ...rest } = inspected() as { Config: object };
    engine = await startRecordingEngine([{ ...fakeContainer(1), more: rest }]);
    const plain = engine.instead;
    engine.instead = (path) => {
      if (path.includes('/top'))
        return { body: { Titles: ['PID', 'COMMAND'], Processes: [['1', `redis-cli -a ${canary} --token ${canary}`]] } };
      if (path.startsWith(`/containers/${id}/json`))
        return {
          body: {
            Id: id,
            Name: '/fake-1',
            Image: `sha256:${'ab'.repeat(32)}`,
            State: { Status: 'running', Running: true, Pid: 1, Error: `https://user:${canary}@host/x` },
            ...rest,
            Config: { ...Config, Image: 'x' },
          },
        };
      if (path.startsWith('/images/')) return { body: { Id: `sha256:${'ab'.repeat(32)}`, ...inspected() } };
      return plain(path);
    };
    minion = await startMinion(engine.socket);
  });
  afterAll(async () => {
    await minion.close();
    await engine.close();
  });

  test.each([
    '/snapshot',
    '/containers/json?all=1',
    `/containers/${id}/json`,
    `/containers/${id}/top?ps_args=aux`,
    `/images/sha256:${'ab'.repeat(32)}/json`,
    '/version',
    '/metrics',
  ])('is in no byte of %s', async (path) => {
    const answer = await minion.get(path);
    expect(answer.status).toBe(200);
    expect(shown(answer.text)).toEqual([]);
  });

  test('was in the input, and harmless values stay: ids, names, digests', async () => {
    expect(JSON.stringify(inspected()).split(canary).length).toBeGreaterThan(20);
    const { text } = await minion.get(`/containers/${id}/json`);
    for (const kept of [id, '/fake-1', `sha256:${'ab'.repeat(32)}`, 'redis-cli', 'splunk-token'])
      expect(text).toContain(kept);
  });
});

describe('a secret in what a CRI runtime answers', () => {
  let runtime: FakeCri;
  let minion: TestMinion;
  beforeAll(async () => {
    runtime = await startFakeCri();
    const { Config, Path, Args, ...rest } = inspected() as {
      Config: { Env: string[]; Labels: object; Cmd: string[] };
      Path: string;
      Args: string[];
    };
    const process = { args: [Path, ...Args], env: Config.Env };
    const status = {
      id,
      metadata: { name: 'a' },
      state: 1,
      message: `token=${canary}`,
      labels: {},
      annotations: Config.Labels,
    };
    runtime.containers.set(id, {
      status,
      info: { ...rest, pid: 1, config: { command: [], args: Args }, runtimeSpec: { process } },
    });
    minion = await startMinion(runtime.socket);
  });
  afterAll(async () => {
    await minion.close();
    await runtime.close();
  });

  test.each(['/snapshot', '/containers/json?all=1', `/containers/${id}/json`, '/metrics'])(
    'is in no byte of %s',
    async (path) => {
      const answer = await minion.get(path);
      expect(answer.status).toBe(200);
      expect(answer.text.length).toBeGreaterThan(50);
      expect(shown(answer.text)).toEqual([]);
    },
  );
});
