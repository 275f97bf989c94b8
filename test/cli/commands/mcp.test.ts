import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { insightHere } from '../../support/command-here.ts';
import { insight } from '../../support/command-line.ts';

test('config prints what a client needs, with absolute paths and without a token', async () => {
  const { out, status } = await insightHere(['mcp', 'config', '-f', 'manifests', '--token', 'secret', '--direct']);
  expect(status).toBe(0);
  expect(JSON.parse(out)).toEqual({
    mcpServers: {
      'cluster-insight': { command: 'kubectl-insight', args: ['mcp', '--filename', resolve('manifests'), '--direct'] },
    },
  });
});

test('the mcp command answers from files until its input ends', async () => {
  const ask = (id: number, method: string, params: object) =>
    `${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`;
  const input =
    ask(1, 'ping', {}) +
    ask(2, 'tools/call', { name: 'search', arguments: { text: 'cluster-insight', kind: 'service' } });
  const { out, status } = await insight(['mcp', '-f', 'manifests'], { input });
  const answers = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { id: number; result: object });
  expect(status).toBe(0);
  expect(answers.find(({ id }) => id === 1)?.result).toEqual({});
  expect(JSON.stringify(answers.find(({ id }) => id === 2)?.result)).toContain('Service:');
});

test('a word that it does not know is refused', async () => {
  const { status, err } = await insightHere(['mcp', 'serve']);
  expect([status, err]).toEqual([2, expect.stringContaining('error: mcp takes config or nothing, not ')]);
});
