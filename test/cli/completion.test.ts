import { execFileSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { candidatesFor } from '../../cli/completion/candidates.ts';
import { executable, folderOf, insight, path } from '../support/command-line.ts';
import { type DemoMaster, startDemoMaster } from '../support/demo-master.ts';

let demo: DemoMaster;

beforeAll(async () => {
  demo = await startDemoMaster();
});

afterAll(() => demo.close());

const wordsFor = (...line: string[]) => {
  const found = candidatesFor(line);
  return 'words' in found ? found.words : found;
};

describe('what may stand there', () => {
  test.each([
    [[''], ['get', 'tree', 'diff', 'export']],
    [
      ['get', 'p'],
      ['pods', 'persistentvolumes'],
    ],
    [
      ['get', 'pods,s'],
      ['pods,services', 'pods,secrets'],
    ],
    [
      ['get', 'pods', '-o', ''],
      ['wide', 'dot', 'gexf'],
    ],
    [['tree', '--relation', 'owns,'], ['owns,mounts']],
    [['get', '--health', '!'], []],
    [
      ['get', '--'],
      ['--namespace', '--watch', '--server'],
    ],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish', 'kubectl'],
    ],
  ])('%j', (line, some) => {
    expect(wordsFor(...line)).toEqual(expect.arrayContaining(some));
  });

  test('names are asked for, of the type that is said', () => {
    expect(wordsFor('get', 'pods', '')).toEqual({ of: 'names', type: 'pods', before: '' });
    expect(wordsFor('tree', 'deploy/')).toEqual({ of: 'names', type: 'deploy', before: 'deploy/' });
    expect(wordsFor('get', '-n', '')).toEqual({ of: 'namespaces' });
    expect(wordsFor('get', '-n', 'shop', 'pods', '-o', 'wide', 'x')).toEqual({ of: 'names', type: 'pods', before: '' });
  });

  test('completes nothing if the candidates are unknown', () => {
    expect(wordsFor('nonsense', '')).toEqual([]);
    expect(wordsFor('rules', 'check', '')).toEqual([]);
  });
});

describe('__complete', () => {
  const offered = async (...line: string[]) => {
    const { out, err, status } = await insight(['__complete', ...line]);
    expect({ err, status }).toEqual({ err: '', status: 0 });
    const lines = out.trimEnd().split('\n');
    expect(lines.pop()).toBe(':4');
    return lines;
  };

  test('offers the names of a master', async () => {
    const server = ['--server', demo.url];
    expect(await offered('tree', ...server, '-n', 'shop', 'deploy/fr')).toEqual(['deploy/frontend']);
    expect(await offered('get', ...server, '-n', 'sh')).toEqual(['shop']);
    expect(await offered('get', ...server, 'nodes', '')).toContain('node-a');
  });

  test('offers nothing, and says nothing, where no master answers', async () => {
    expect(await offered('get', '--server', 'http://127.0.0.1:1', 'pods', '')).toEqual([]);
  });
});

test('the script for bash completes in bash', async () => {
  const { out } = await insight(['completion', 'bash']);
  const folder = folderOf({ 'completion.sh': out });
  const program = join(folder, 'kubectl-insight');
  writeFileSync(program, `#!/bin/sh\nexec ${process.execPath} ${executable} "$@"\n`);
  chmodSync(program, 0o755);
  const line = `. ${folder}/completion.sh; COMP_WORDS=(kubectl-insight get deploy); COMP_CWORD=2; _kubectl_insight; echo "\${COMPREPLY[@]}"`;
  const env = { PATH: `${folder}:${path}`, HOME: folder };
  expect(execFileSync('bash', ['-c', line], { env, encoding: 'utf8' }).trim()).toBe('deployments');
});
