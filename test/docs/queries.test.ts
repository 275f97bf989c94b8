// Runs every example of docs/queries.md, docs/ids.md and the README against the demo as written.
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { path, started } from '../support/command-line.ts';
import { type DemoMaster, startDemoMaster, untilRecording } from '../support/demo-master.ts';
import { examplesIn, keepExample } from '../support/shell-session.ts';
import { readText } from '../support/source-tree.ts';

const examples = examplesIn('docs/queries.md');
const readme = examplesIn('README.md');
const ids = examplesIn('docs/ids.md');
const areThere = ['curl', 'jq'].every(isInstalled);

let demo: DemoMaster;
beforeAll(async () => {
  demo = await startDemoMaster();
  await untilRecording(demo);
});
afterAll(() => demo.close());

describe('docs/queries.md', () => {
  test('has an example of each thing that can be asked', () => {
    const commands = examples.map(({ command }) => command).join('\n');
    const asked = [
      'type=',
      'namespace=',
      'labelSelector=',
      'missing=',
      'neighbours=',
      'fields=',
      'root=',
      'direction=',
      'depth=',
    ];
    for (const each of [
      ...asked,
      'relation=',
      'format=',
      'limit=',
      'cursor=',
      '/impact?of=',
      '/path?from=',
      '/groups?by=',
    ])
      expect(commands, each).toContain(each);
  });

  test('names every parameter of /cluster', async () => {
    const document = JSON.parse(await (await fetch(`${demo.url}/openapi.json`)).text()) as {
      paths: { [path: string]: { get: { parameters: { name: string }[] } } };
    };
    const page = readText('docs/queries.md');
    const names = document.paths['/cluster']?.get.parameters.map(({ name }) => name) ?? [];
    expect(names.length).toBeGreaterThan(12);
    expect(names.filter((name) => !page.includes(`\`${name}`))).toEqual([]);
  });

  test('is not all: the README has examples of its own', () => {
    expect(readme.length).toBeGreaterThan(2);
  });

  test.skipIf(!areThere).each([...examples, ...readme, ...ids])('$command', async (example) => {
    const { command, shows } = example;
    const { out, err } = await started('sh', ['-c', command.replaceAll('http://localhost:5555', demo.url)]);
    if (keepExample(example, out)) return;
    expect({ out, err }).toEqual({ out: shows, err: '' });
  });
});

function isInstalled(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { env: { PATH: path }, stdio: 'ignore' });
    return true;
  } catch (error) {
    if (process.env['CI'] === 'true') throw error;
    return false;
  }
}
