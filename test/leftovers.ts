// What a run of the tests left behind: folders in its own temporary folder, and processes that carry its mark or are of its
// session. Other runs and other programs of the machine are none of it.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The environment variable by which the processes of a run are known, however they were started. */
export const markName = 'TEST_RUN';

/** Names that are below `folder` and were not there before. */
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

/** Living processes whose environment has the mark, or that are of the session `leader` leads; this process is none. */
export function leftProcesses(mark: string, leader?: number, proc = '/proc'): LeftProcess[] {
  const pids = readdirSync(proc).map(Number).filter(Number.isInteger);
  return pids
    .filter((pid) => pid !== process.pid && isOfRun(join(proc, String(pid)), mark, leader))
    .map((pid) => ({
      pid,
      command: text(join(proc, String(pid), 'cmdline'))
        .replaceAll('\0', ' ')
        .trim(),
    }));
}

function isOfRun(folder: string, mark: string, leader: number | undefined): boolean {
  const stat = text(join(folder, 'stat'));
  // proc(5): behind the name in parentheses stand the state, the parent, the process group and the session.
  const [state, , , session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // A zombie holds nothing, and goes with its parent.
  if (stat === '' || state === 'Z') return false;
  if (leader !== undefined && Number(session) === leader) return true;
  return text(join(folder, 'environ')).split('\0').includes(`${markName}=${mark}`);
}

/** Empty where it ended meanwhile, or is another user's. */
function text(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
