// `mcp`: the graph for an assistant, over standard input and output.

import { resolve } from 'node:path';
import type { Call, Command } from '../command.ts';
import { exitStatus, usageFailure } from '../failure.ts';
import { Bridge } from '../stdio/bridge.ts';

export const mcp = {
  name: 'mcp',
  position: 8,
  summary: 'The graph for assistants, by the Model Context Protocol over standard input and output',
  usage: '[config]',
  description: [
    'A client starts it and asks: what is broken, what is around a resource, what depends on it, how two are',
    'connected. It answers until its input ends, with the tools of a master at /mcp; nothing here writes anything.',
    'A cluster that is read from here is kept up to date meanwhile; files are read once.',
    'config prints what to put into the configuration of a client, with the options that are given.',
  ],
  options: ['namespace'],
  examples: [
    { line: 'mcp config', words: 'For the configuration of a client: asks the cluster of the kubeconfig' },
    { line: 'mcp config --server http://localhost:5555', words: 'The same for a master that runs' },
    { line: 'mcp config -f main', words: 'The same for manifests, without any cluster' },
  ],
  run,
} as const satisfies Command;

async function run(call: Call): Promise<number> {
  const [word, ...rest] = call.words;
  if (rest.length > 0 || (word !== undefined && word !== 'config'))
    throw usageFailure(
      `mcp takes config or nothing, not "${call.words.join(' ')}"; clients write to its standard input`,
    );
  if (word === 'config') {
    await call.output.line(JSON.stringify(configOf(call.values), undefined, 2));
    return exitStatus.answered;
  }
  const source = await call.open('live');
  try {
    const bridge = new Bridge({ source, write: (line) => void process.stdout.write(`${line}\n`) });
    await bridge.serve(process.stdin);
    return exitStatus.answered;
  } finally {
    await source.close();
  }
}

/** Every process can read a command line, so the token is left out of the configuration. */
function configOf({ token: _, ...values }: Call['values']): object {
  const args = Object.entries(values).flatMap(([name, value]) =>
    [value].flat().flatMap((each) => (each === true ? [`--${name}`] : [`--${name}`, placed(name, String(each))])),
  );
  return { mcpServers: { 'cluster-insight': { command: 'kubectl-insight', args: ['mcp', ...args] } } };
}

const ofFiles = new Set(['filename', 'kubeconfig', 'token-file', 'certificate-authority']);

/** Clients start the command in another folder. */
function placed(name: string, value: string): string {
  return ofFiles.has(name) && value !== '-' ? resolve(value) : value;
}
