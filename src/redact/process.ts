// Removes secret values from a process: in its command line and in columns that only its runtime knows.
import type { Process } from '../minion-api.ts';
import { redactText } from './command.ts';

/** The process without secrets; the same object if it has none. */
export function redactProcess(process: Process): Process {
  const { command, others } = process;
  const said = command === undefined ? undefined : redactText(command, true);
  if (others === undefined) return said === command ? process : { ...process, command: said ?? '' };
  const columns = Object.entries(others).map(([title, text]) => [title, redactText(text, true)] as const);
  return { ...process, ...(said === undefined ? {} : { command: said }), others: Object.fromEntries(columns) };
}
