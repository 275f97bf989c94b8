// Leftovers of a test run: folders in its temporary folder, and processes with its mark or in its session. Other runs and
// programs do not count.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Environment variable that marks all processes of a run. */
export const markName = 'TEST_RUN';

/** Names below `folder` that were not there before. */
export function leftFolders(folder: string, before: readonly string[] = []): string[] {
  return readdirSync(folder)
    .filter((name) => !before.includes(name))
    .toSorted();
}

export interface LeftProcess {
  readonly pid: number;
  /** With all its arguments, separated by spaces. */
  readonly command: string;
}

/** Living processes with the mark in their environment or in the session of `leader`, except this process. */
export function leftProcesses(mark: string, leader?: number, proc = '/proc'): LeftProcess[] {
  const pids = readdirSync(proc).map(Number).filter(Number.isInteger);
  return pids
    .filter((pid) => pid !== process.pid && isOfRun(join(proc, String(pid)), mark, leader))
    .map((pid) => ({
      pid,
      command: procText(join(proc, String(pid), 'cmdline'))
        .replaceAll('\0', ' ')
        .trim(),
    }));
}

function isOfRun(folder: string, mark: string, leader: number | undefined): boolean {
  const stat = procText(join(folder, 'stat'));
  // proc(5): after the name in parentheses come state, parent, process group and session.
  const [state, , , session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // A zombie holds no resources and disappears with its parent.
  if (stat === '' || state === 'Z') return false;
  if (leader !== undefined && Number(session) === leader) return true;
  return procText(join(folder, 'environ')).split('\0').includes(`${markName}=${mark}`);
}

/** Empty if it has ended or belongs to another user. */
export function procText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
