// The three commands of docs/fleet.md as written: a broker, two masters of demo clusters and two replicas, as processes. One of
// each is killed during reading.
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { leftProcesses } from '../leftovers.ts';
import { eventually } from '../support/engines/daemon.ts';
import { freePorts } from '../support/free-port.ts';
import { natsServer } from '../support/nats-servers.ts';
import { readText, root } from '../support/source-tree.ts';

const program = natsServer();
const patient = 90_000;
const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
});

interface Pasted {
  readonly url: (port: number) => string;
  /** Kills the process whose command contains these words. */
  kill(...words: string[]): Promise<void>;
  close(): Promise<void>;
}

/** The commands with other ports, since those of the page may be in use. */
async function pasted(): Promise<Pasted> {
  const text = /```sh\n(nats-server[^]*?)```/.exec(readText('docs/fleet.md'))?.[1] ?? '';
  const said = [...new Set(text.match(/\b(?:4222|5\d{3})\b/g))];
  expect(said.sort()).toEqual(['4222', '5555', '5556', '5601', '5602']);
  const free = await freePorts(said.length);
  const ports = new Map(said.map((port, i) => [Number(port), free[i] ?? 0]));
  const commands = text.replace(/\b(?:4222|5\d{3})\b/g, (port) => String(ports.get(Number(port))));
  const folder = mkdtempSync(join(tmpdir(), 'fleet-commands-'));
  const server = join(folder, 'nats-server');
  writeFileSync(server, `#!/bin/sh\nexec '${program}' "$@" -p ${ports.get(4222)} -sd '${folder}/store'\n`);
  chmodSync(server, 0o755);
  const env = {
    PATH: `${folder}:${dirname(process.execPath)}:${process.env['PATH']}`,
    HOME: folder,
    CLUSTER_INSIGHT_HISTORY: 'off',
    CLUSTER_INSIGHT_DEMO_LIFE: 'false',
    // It reports for the first time seconds after the start, which makes another revision.
    CLUSTER_INSIGHT_METRICS_FROM: 'off',
  };
  const shell = spawn('bash', ['-c', `${commands}\nwait`], { cwd: root, env, stdio: 'ignore', detached: true });
  const ended = new Promise<void>((resolve) => shell.once('exit', () => resolve()));
  return {
    url: (port) => `http://127.0.0.1:${ports.get(port)}`,
    kill: (...words) =>
      killChild(
        shell,
        words.map((word) => String(ports.get(Number(word)) ?? word)),
      ),
    async close() {
      // The shell and its children form a process group.
      if (shell.exitCode === null && shell.signalCode === null) process.kill(-(shell.pid ?? 0), 'SIGKILL');
      await ended;
      await eventually('what it started to be gone', patient, () => childrenOf(shell).length === 0);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const childrenOf = ({ pid }: ChildProcess) => leftProcesses('none', pid);

async function killChild(shell: ChildProcess, words: readonly string[]): Promise<void> {
  // The shell's own command contains all words too.
  const programs = childrenOf(shell).filter(({ command }) => !command.startsWith('bash '));
  const meant = programs.filter(({ command }) => words.every((word) => command.split(/[ =]/).includes(word)));
  expect(meant.length, words.join(' ')).toBe(1);
  for (const { pid } of meant) process.kill(pid, 'SIGKILL');
}

/** Status 0 if nothing listens. */
async function ask(url: string, path: string) {
  try {
    const answer = await fetch(`${url}${path}`);
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  } catch {
    return { status: 0, headers: new Headers(), text: '' };
  }
}
const isSaid = (text: string, ...parts: string[]) => parts.every((part) => text.includes(part));

/** The first event of a watch resumed after `id`, with its id. */
async function firstEvent(
  url: string,
  id?: string,
): Promise<{ readonly text: string; readonly id: string | undefined }> {
  const stop = new AbortController();
  const answer = await fetch(`${url}/cluster/watch?cluster=prod-us`, {
    headers: id === undefined ? {} : { 'last-event-id': id },
    signal: stop.signal,
  });
  let text = '';
  const decoder = new TextDecoder();
  for await (const part of answer.body ?? []) {
    text += decoder.decode(part);
    if (text.includes('\n\n')) break;
  }
  stop.abort();
  return { text, id: /^id: (.*)$/m.exec(text)?.[1] };
}

describe.skipIf(program === undefined)('the commands of the page', () => {
  test('bring up two clusters in one graph at two replicas; a replica, a master and the broker are killed, and readers notice a header', async () => {
    const all = await pasted();
    opened.push(all);
    const [first, second] = [all.url(5555), all.url(5556)];
    for (const url of [first, second]) {
      for (const [cluster, port] of [
        ['prod-eu', 5601],
        ['prod-us', 5602],
      ] as const)
        await eventually(`${cluster} to be the same at ${url}`, patient, async () => {
          const [copy, master] = [await ask(url, `/cluster?cluster=${cluster}`), await ask(all.url(port), '/cluster')];
          return master.status === 200 && copy.text === master.text;
        });
      await eventually('both to be in one graph', patient, async () => {
        const { text } = await ask(url, '/cluster/resources/deployments?properties=false');
        return isSaid(text, '"@prod-eu/Deployment:shop/frontend"', '"@prod-us/Deployment:shop/frontend"');
      });
    }
    const shared = JSON.parse((await ask(first, '/cluster?type=Image&properties=false')).text) as {
      readonly resources: readonly { readonly id: string }[];
    };
    expect(shared.resources.length).toBeGreaterThan(3);
    expect(shared.resources.filter(({ id }) => id.startsWith('@'))).toEqual([]);
    const image = shared.resources.find(({ id }) => id.startsWith('Image:sha256:'))?.id ?? '';
    const around = await ask(first, `/cluster/resources/image/${image.slice('Image:'.length)}`);
    expect(isSaid(around.text, '@prod-eu/Container:', '@prod-us/Container:')).toBe(true);

    // Kills a replica: its reader continues at the other one, with the master's ids.
    const { id } = await firstEvent(first);
    expect(id).toMatch(/^[0-9a-f]{8}-\d+$/);
    await all.kill('replica', '5555');
    await eventually('the first replica to be gone', patient, async () => (await ask(first, '/livez')).status === 0);
    const goesOn = await firstEvent(second, id);
    expect(goesOn.text).not.toContain('event: resync');
    expect((await ask(second, '/cluster')).headers.has('x-cluster-insight-stale-since')).toBe(false);

    // Kills a master: its last graph is served and marked as stale.
    const before = await ask(second, '/cluster?cluster=prod-eu');
    await all.kill('prod-eu');
    await eventually('it to be stale', patient, async () =>
      (await ask(second, '/cluster?cluster=prod-eu')).headers.has('x-cluster-insight-stale-since'),
    );
    const stale = await ask(second, '/cluster?cluster=prod-eu');
    expect(stale).toMatchObject({ status: 200, text: before.text });
    expect((await ask(second, '/cluster?cluster=prod-us')).headers.has('x-cluster-insight-stale-since')).toBe(false);

    // Kills the broker: all clusters are marked as stale, and the replica remains ready.
    await all.kill('-js');
    await eventually('all to be stale', patient, async () =>
      (await ask(second, '/cluster?cluster=prod-us')).headers.has('x-cluster-insight-stale-since'),
    );
    expect((await ask(second, '/cluster?cluster=prod-us')).text).toBe((await ask(all.url(5602), '/cluster')).text);
    await eventually('completeness to say so, too', patient, async () => {
      const { completeness } = JSON.parse((await ask(second, '/cluster/completeness')).text);
      return completeness.clusters['prod-eu'].state === 'stale' && !completeness.complete;
    });
    expect((await ask(second, '/readyz')).status).toBe(200);
  });
});
