import { describe, expect, it } from 'vitest';
import { createMinions, type MinionPod, schemeOf, type TlsChoice } from '../../../../master/sources/runtime/minions.ts';

function podSource(pods: readonly MinionPod[]) {
  const listeners = new Set<() => void>();
  return {
    listeners,
    minionPods: () => pods,
    onChange(listener: () => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

const pod = (node: string, address: string, ready = true): MinionPod => ({ node, address, port: 4243, ready });

describe('minions', () => {
  it('are found by their Pods, with IPv6 addresses in brackets', () => {
    const pods = podSource([pod('n1', '10.0.0.1'), pod('n2', 'fd00::2', false)]);
    expect([...createMinions({ choice: 'auto', pods }).minions().values()]).toEqual([
      { node: 'n1', url: 'http://10.0.0.1:4243', checkNode: true, ready: true },
      { node: 'n2', url: 'http://[fd00::2]:4243', checkNode: true, ready: false },
    ]);
    expect(createMinions({ choice: 'auto', pods, scheme: 'https' }).minions().get('n1')?.url).toBe(
      'https://10.0.0.1:4243',
    );
  });

  it.each([
    // Whether the Pod serves HTTPS, whether there is a CA, whether plain HTTP is still allowed, and the result.
    [undefined, false, false, 'http'],
    [undefined, true, true, 'https'],
    [true, false, false, 'https'],
    [true, true, true, 'https'],
    [false, false, false, 'http'],
    [false, true, false, 'https'],
    [false, true, true, 'http'],
  ] as const)(
    'are asked as they serve: secure %s, with a CA %s, plain too %s: %s',
    (secure, hasCa, plainToo, scheme) => {
      const pods = podSource([{ ...pod('n1', '10.0.0.1'), secure }]);
      const choice = {
        minionCaFile: hasCa ? 'ca.crt' : undefined,
        minionTls: plainToo ? 'offered' : 'required',
      } as const;
      const { minions } = createMinions({ choice: 'auto', pods, ...schemeOf(choice as TlsChoice) });
      expect(minions().get('n1')?.url).toBe(`${scheme}://10.0.0.1:4243`);
    },
  );

  it('are one a node: the ready one, else the one of the smaller address', () => {
    const urls = (...pods: MinionPod[]) =>
      createMinions({ choice: 'auto', pods: podSource(pods) })
        .minions()
        .get('n')?.url;
    expect(urls(pod('n', '10.0.0.1', false), pod('n', '10.0.0.2'))).toBe('http://10.0.0.2:4243');
    expect(urls(pod('n', '10.0.0.2'), pod('n', '10.0.0.1'))).toBe('http://10.0.0.1:4243');
    expect(urls(pod('n', '10.0.0.1'), pod('n', '10.0.0.2'))).toBe('http://10.0.0.1:4243');
  });

  it('report changes of their Pods until the last listener is gone', () => {
    const pods = podSource([]);
    const stop = createMinions({ choice: 'auto', pods }).onChange(() => undefined);
    expect(pods.listeners.size).toBe(1);
    stop();
    expect(pods.listeners.size).toBe(0);
  });

  it('are those of the list where one is given, and none where they are off', () => {
    const listed = createMinions({
      choice: [{ node: 'n1', url: 'https://host:2376/' }],
      pods: podSource([pod('n9', 'x')]),
    });
    expect([...listed.minions().values()]).toEqual([
      { node: 'n1', url: 'https://host:2376', checkNode: false, ready: true },
    ]);
    expect(createMinions({ choice: 'off', pods: podSource([pod('n9', 'x')]) }).minions().size).toBe(0);
    expect(createMinions({ choice: 'auto' }).minions().size).toBe(0);
  });
});
