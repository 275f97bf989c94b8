import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text as textOf } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DemoMaster, startDemoMaster } from '../../support/demo-master.ts';
import { ask } from '../../support/http.ts';

let demo: DemoMaster;

beforeAll(async () => {
  demo = await startDemoMaster();
});

afterAll(() => demo.close());

/** The master in this process continues meanwhile. */
async function drawn(program: string, input: string) {
  const child = spawn(program, ['-Tsvg']);
  child.stdin.end(input);
  const [stdout, stderr, [status]] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    once(child, 'exit'),
  ]);
  return { status: status as number | null, stderr, stdout };
}

describe('the whole demo through Graphviz', () => {
  it.each(['dot', 'sfdp'])('%s draws it, and has nothing to complain of', async (program) => {
    const { text } = await ask(`${demo.url}/debug`);
    expect(text).toContain('Containers and Processes are left out');
    const { status, stderr, stdout } = await drawn(program, text);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout.match(/class="node"/g)?.length).toBe(text.match(/^"[^"]+"\[/gm)?.length);
  });

  it('leaves the parts of Pods in where types are asked for, or it is small', async () => {
    const of = async (query: string) => (await ask(`${demo.url}/debug?${query}`)).text;
    expect(await of('type=*')).toMatch(/^"Container:/m);
    expect(await of('type=*')).not.toContain('left out');
    expect(await of('namespace=web')).toMatch(/^"Container:/m);
    expect(await of('format=mermaid&namespace=web')).not.toContain('left out');
    expect((await ask(`${demo.url}/cluster`)).text).toContain('"id":"Container:');
  });
});
