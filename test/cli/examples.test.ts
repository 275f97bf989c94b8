// Runs every example of docs/cli.md, docs/incident.md and the help texts as written: by a shell and kubectl what needs them, in this
// process what only asks the command.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commands } from '../../cli/commands/index.ts';
import { createLife } from '../../src/demo/life.ts';
import type { KubernetesObject } from '../../src/model.ts';
import { insightHere } from '../support/command-here.ts';
import { type Ended, executable, folderOf, path, started } from '../support/command-line.ts';
import { type DemoMaster, install, startDemoMaster, untilRecording } from '../support/demo-master.ts';
import { eventually } from '../support/engines/daemon.ts';
import { type ExampleActor, startExampleActor } from '../support/example-actor.ts';
import { ask } from '../support/http.ts';
import { type Example, examplesIn, keepExample } from '../support/shell-session.ts';

const ofCommand = examplesIn('docs/cli.md');
/** What is told once something has happened. */
const isStory = ({ command }: Example) => command.startsWith('kubectl insight changes --since 5m ');
const examples = [...ofCommand, ...examplesIn('docs/incident.md')].filter((each) => !isStory(each));
const isThere = hasKubectl();
/** Without kubectl, a stub runs the plugin, and examples that need more of kubectl are left out. */
const stub = '#!/bin/sh\n[ "$1" = insight ] || exit 127\nshift\nexec kubectl-insight "$@"\n';

const place = folderOf({});
let demo: DemoMaster;
let actor: ExampleActor;
/** Examples name their files relative to the folder they are run in. */
const before = process.cwd();

beforeAll(async () => {
  process.chdir(place);
  demo = await startDemoMaster();
  install(demo);
  actor = await startExampleActor(place);
  await untilRecording(demo);
});

afterAll(async () => {
  process.chdir(before);
  await actor.close();
  await demo.close();
});

const environment = () => ({ PATH: `${join(place, 'bin')}:${path}`, KUBECONFIG: demo.kubeconfig });
const atOurs = (text: string) =>
  text.replaceAll('http://localhost:5555', demo.url).replaceAll('http://localhost:4245', actor.url);

function run(command: string): Promise<Ended> {
  const env = environment();
  const words = wordsOf(command);
  return words === undefined
    ? started('sh', ['-c', atOurs(command)], { cwd: place, env })
    : insightHere(words.map(atOurs), { env });
}

/** The arguments of the command, if nothing in its line is for a shell but quotes. */
function wordsOf(command: string): string[] | undefined {
  const plain = /^kubectl insight((?: +(?:[\w./:=,@-]+|'[^']*'|"[^"$`\\]*"))+)$/.exec(command);
  return plain?.[1]?.match(/'[^']*'|"[^"]*"|[^ '"]+/g)?.map((word) => word.replaceAll(/^['"]|['"]$/g, ''));
}

/** What a command without end prints first. */
async function beginningOf(line: string): Promise<Omit<Ended, 'status'>> {
  const child = spawn(process.execPath, [executable, ...line.split(' ')], { cwd: place, env: environment() });
  const texts = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (texts.out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (texts.err += text));
  const ended = once(child, 'close');
  try {
    await eventually('the list', 50_000, () => texts.out !== '' || child.exitCode !== null);
    expect(child.exitCode).toBeNull();
  } finally {
    child.kill();
    await ended;
  }
  return texts;
}

beforeAll(() => {
  const bin = join(place, 'bin');
  mkdirSync(bin);
  symlinkSync(executable, join(bin, 'kubectl-insight'));
  if (!isThere) writeFileSync(join(bin, 'kubectl'), stub, { mode: 0o755 });
});

describe('docs/cli.md', () => {
  test('has examples of every command', () => {
    for (const { name } of commands)
      expect(
        ofCommand.some(({ command }) => command.includes(`kubectl insight ${name} `)),
        name,
      ).toBe(true);
  });

  test.skipIf(!isThere).each(examples)('$command', async (example) => {
    const { command, shows } = example;
    const { out, err } = await run(command);
    if (keepExample(example, out)) return;
    expect({ out, err }).toEqual({ out: shows, err: '' });
  });
});

describe('the examples of the help', () => {
  beforeAll(async () => {
    const { text } = await ask(`${demo.url}/cluster`);
    for (const file of ['before.json', 'after.json']) writeFileSync(join(place, file), text);
    writeFileSync(join(place, 'rules.yaml'), '- { from: Backup.example.com, name: spec.secret, to: Secret }\n');
    const backup = 'apiVersion: example.com/v1\nkind: Backup\nmetadata: { name: b }\nspec: { secret: s }\n';
    writeFileSync(join(place, 'objects.yaml'), backup);
    for (const name of ['main', 'branch']) {
      mkdirSync(join(place, name));
      writeFileSync(join(place, name, 'web.yaml'), 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: web }\n');
    }
  });

  test.each(commands.flatMap(({ examples: own }) => own))('$line', async ({ line }) => {
    const { status, out, err } = line.endsWith(' -w')
      ? { status: 0, ...(await beginningOf(line)) }
      : await run(`kubectl insight ${line}`);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).not.toBe('');
  });
});

describe('after a minute of the life of the demo', () => {
  beforeAll(async () => {
    const { server } = demo.cluster;
    let now = Date.UTC(2026, 10, 21);
    const life = createLife(demo.cluster, { clock: () => now });
    for (; now < Date.UTC(2026, 10, 21, 0, 1); now += 1000) life.tick();
    const there = kinds.flatMap((kind) => server.list(kind)).filter(({ metadata }) => metadata.namespace === 'web');
    await eventually('the master to have seen it', 30_000, async () => {
      const { resources } = await json<Seen>(`${demo.url}/cluster/resources?namespace=web&type=pod,rs,deploy,pvc`);
      return isDeepStrictEqual(
        resources.flatMap(({ properties }) => (properties.metadata ? [standing(properties)] : [])).sort(),
        there.map(standing).sort(),
      );
    });
  });

  test.skipIf(!isThere).each(ofCommand.filter(isStory))('$command', async (example) => {
    const { out, err } = await run(example.command);
    if (keepExample(example, out)) return;
    expect({ out, err }).toEqual({ out: example.shows, err: '' });
  });
});

const kinds = ['pods', 'replicasets.apps', 'deployments.apps', 'persistentvolumeclaims'];

interface Seen {
  /** What is only named has none. */
  readonly resources: readonly { readonly properties: KubernetesObject & { readonly metadata?: object } }[];
}

/** What of an object the last step of a rollout settles. */
function standing({ kind, metadata, spec, status }: KubernetesObject): string {
  const { replicas } = (spec ?? {}) as { readonly replicas?: number };
  const { phase, conditions = [] } = (status ?? {}) as {
    readonly phase?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
  const counts = Object.entries(status ?? {})
    .filter(([, count]) => typeof count === 'number')
    .sort();
  const observed = conditions.map((each) => each.status);
  return JSON.stringify([kind, metadata.name, replicas, phase, counts, observed]);
}

async function json<T>(url: string): Promise<T> {
  return JSON.parse((await ask(url)).text) as T;
}

function hasKubectl(): boolean {
  try {
    execFileSync('kubectl', ['version', '--client'], { env: { PATH: path }, stdio: 'ignore' });
    return true;
  } catch (error) {
    if (process.env['CI'] === 'true') throw error;
    return false;
  }
}
