import { describe, expect, test } from 'vitest';
import { createOutgoing } from '../../minion/outgoing.ts';
import type { ContainerInspect, ContainerSummary } from '../../src/docker-api.ts';

const { container, summaries, processes, image } = createOutgoing({ keepValues: false });
const inspect = (more: object = {}, config: object = {}) =>
  ({
    Id: 'a',
    Name: '/a',
    Image: 'b',
    State: { Status: 'running', Running: true },
    Config: config,
    ...more,
  }) as ContainerInspect;

describe('what leaves the node', () => {
  test('has the names of environment variables and not their values', () => {
    const { Config } = container(inspect({}, { Env: ['A=1', 'EMPTY=', 'BARE'] }));
    expect(Config.Env).toEqual(['A=[redacted]', 'EMPTY=[redacted]', 'BARE']);
  });

  test('has no secret of arguments, labels, log driver options or health checks', () => {
    const secret = 'sw0rdf1sh-sw0rdf1sh';
    const all = container(
      inspect(
        {
          Path: 'app',
          Args: ['--password', secret, `--token=${secret}`],
          HostConfig: { LogConfig: { Type: 'splunk', Config: { 'splunk-token': secret } } },
          State: {
            Status: 'running',
            Running: true,
            Health: { Status: 'healthy', Log: [{ Output: secret }, { Output: secret }] },
          },
        },
        {
          Cmd: ['sh', '-c', `curl -u admin:${secret} http://x`],
          Healthcheck: { Test: ['CMD', 'check', '--api-key', secret] },
          Labels: { 'db-password': secret, app: 'shop' },
        },
      ),
    );
    expect(JSON.stringify(all)).not.toContain('sw0rdf1sh');
    expect(all.Config.Labels?.app).toBe('shop');
    expect(all.State.Health).toMatchObject({ Log: 'omitted list of 2 elements' });
  });

  test('has no secret of a list entry, a process or an image', () => {
    const secret = 'sw0rdf1sh-sw0rdf1sh';
    const summary = {
      Id: 'a',
      Names: [],
      Command: `app --token=${secret}`,
      Labels: { token: secret },
    } as unknown as ContainerSummary;
    const top = processes([{ pid: 1, command: `app --password ${secret}`, others: { ARGS2: `--token=${secret}` } }]);
    const config = image({ Id: 'i', Config: { Env: [`T=${secret}`], Labels: { 'x-token': secret } } });
    expect(JSON.stringify([summaries([summary]), top, config])).not.toContain('sw0rdf1sh');
    expect(top[0]?.pid).toBe(1);
  });

  test('keeps short lists as they are, and says of long ones how much is left out', () => {
    const Binds = Array.from({ length: 501 }, (_, index) => `/${index}`);
    const Ports = Object.fromEntries(Array.from({ length: 502 }, (_, index) => [`${index}/tcp`, null]));
    const all = container(
      inspect({ HostConfig: { Binds, CapAdd: ['A', 'B'] }, NetworkSettings: { Ports } }),
    ) as unknown as {
      HostConfig: { Binds: string[]; CapAdd: string[] };
      NetworkSettings: { Ports: { [name: string]: unknown } };
    };
    expect(all.HostConfig.Binds).toHaveLength(501);
    expect(all.HostConfig.Binds.at(-1)).toBe('omitted 1 more elements');
    expect(all.HostConfig.CapAdd).toEqual(['A', 'B']);
    expect(Object.keys(all.NetworkSettings.Ports)).toHaveLength(501);
    expect(all.NetworkSettings.Ports.omitted).toBe('2 more entries');
  });

  test('leaves an empty or absent ExecIDs as it is', () => {
    expect(container(inspect({ ExecIDs: null })).ExecIDs).toBeNull();
    expect(container(inspect({ ExecIDs: [] })).ExecIDs).toEqual([]);
    expect(container(inspect({ ExecIDs: ['a'] })).ExecIDs).toBe('omitted list of 1 elements');
  });

  test("cuts values nested deeper than any runtime's", () => {
    let deep: object = {};
    for (let depth = 0; depth < 10_000; depth++) deep = { deep };
    expect(JSON.stringify(container(inspect({ NetworkSettings: deep }))).length).toBeLessThan(500);
  });

  test('cuts a command line that is too long after its secrets are gone', () => {
    const [one] = processes([{ pid: 1, command: `app ${'x'.repeat(8180)} --password=sw0rdf1sh` }]);
    expect(one?.command).toHaveLength(8192);
    expect(one?.command).not.toContain('sw0rd');
  });

  test('has every value where values are kept, and lists cut all the same', () => {
    const keeping = createOutgoing({ keepValues: true });
    const all = keeping.container(inspect({ ExecIDs: ['a', 'b'] }, { Env: ['A=1'], Labels: { token: 'x' } }));
    expect(all).toMatchObject({
      ExecIDs: 'omitted list of 2 elements',
      Config: { Env: ['A=1'], Labels: { token: 'x' } },
    });
  });
});
