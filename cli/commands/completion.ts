// `completion`: the script that enables completion in a shell.
import type { Call, Command } from '../command.ts';
import { isShell, scripts } from '../completion/scripts.ts';
import { exitStatus, usageFailure } from '../failure.ts';

export const completion = {
  name: 'completion',
  position: 20,
  summary: 'The script by which a shell, or kubectl, completes this command',
  usage: 'bash | zsh | fish | kubectl',
  description: [
    'Completes commands, options, types, namespaces and names; names are asked of the cluster or --server.',
    'The first line of each script says where it goes. That of kubectl completes `kubectl insight` in every shell.',
  ],
  options: [],
  places: ['help'],
  examples: [
    { line: 'completion bash', words: 'For bash' },
    { line: 'completion kubectl', words: 'For `kubectl insight`: a file kubectl_complete-insight on the PATH' },
  ],
  run,
} as const satisfies Command;

async function run({ words, output }: Call): Promise<number> {
  const [shell, ...rest] = words;
  if (!isShell(shell) || rest.length > 0)
    throw usageFailure(`completion takes one shell: ${Object.keys(scripts).join(', ')}`);
  for (const line of scripts[shell].trimEnd().split('\n')) await output.line(line);
  return exitStatus.answered;
}
