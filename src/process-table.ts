// Processes as printed by ps(1): the table of Docker's `top`, and the columns in the graph. Pure.
import type { ContainerProcesses } from './docker-api.ts';
import type { Process } from './minion-api.ts';

type Writable = { -readonly [field in keyof Process]: Process[field] };

interface Column {
  readonly title: string;
  /** `now`: seconds since the epoch. */
  readonly write: (process: Process, now: number) => string | undefined;
  /** Inverse of `write`; undefined for columns that cannot be parsed. */
  readonly read?: (text: string) => Partial<Process>;
}

/** The columns of `ps aux` in order, then the pids of the parent and within the container. */
const columns: readonly Column[] = [
  { title: 'USER', write: ({ user }) => user, read: (user) => ({ user }) },
  { title: 'PID', write: ({ pid }) => String(pid) },
  { title: '%CPU', write: (one) => one.cpuPercent?.toFixed(1), read: (text) => ({ cpuPercent: Number(text) }) },
  { title: '%MEM', write: (one) => one.memoryPercent?.toFixed(1), read: (text) => ({ memoryPercent: Number(text) }) },
  {
    title: 'VSZ',
    write: (one) => one.virtualKilobytes?.toString(),
    read: (text) => ({ virtualKilobytes: Number(text) }),
  },
  {
    title: 'RSS',
    write: (one) => one.residentKilobytes?.toString(),
    read: (text) => ({ residentKilobytes: Number(text) }),
  },
  { title: 'TTY', write: ({ tty }) => tty, read: (tty) => ({ tty }) },
  { title: 'STAT', write: ({ state }) => state, read: (state) => ({ state }) },
  { title: 'START', write: ({ started }, now) => (started === undefined ? undefined : startOf(started, now)) },
  { title: 'TIME', write: ({ cpuSeconds }) => (cpuSeconds === undefined ? undefined : timeOf(cpuSeconds)) },
  { title: 'COMMAND', write: ({ command }) => command, read: (command) => ({ command }) },
  { title: 'PPID', write: ({ ppid }) => ppid?.toString(), read: (text) => ({ ppid: Number(text) }) },
  { title: 'NSPID', write: ({ innerPid }) => innerPid?.toString(), read: (text) => ({ innerPid: Number(text) }) },
];
const byTitle = new Map(columns.map((column) => [column.title, column]));
/** Other titles of the command line. */
const commandTitles: ReadonlySet<string> = new Set(['COMMAND', 'CMD', 'ARGS']);
/** Titles of a table without rows, as in Docker. */
const usualTitles = columns.slice(0, 11).map(({ title }) => title);

/** The process's columns by title. `now`: seconds since the epoch; ps shows the time for processes started today. */
export function columnsOf(process: Process, now: number): { [title: string]: string } {
  const { others = {} } = process;
  const shown: { [title: string]: string } = {};
  for (const { title, write } of columns) {
    const text = Object.hasOwn(others, title) ? others[title] : write(process, now);
    if (text !== undefined) shown[title] = text;
  }
  return { ...shown, ...others };
}

/** The table, with all titles that some process has. */
export function tableOf(processes: readonly Process[], now: number): ContainerProcesses {
  const rows = processes.map((process) => columnsOf(process, now));
  const found = new Set(rows.flatMap((row) => Object.keys(row)));
  const known = columns.flatMap(({ title }) => (found.delete(title) ? [title] : []));
  const Titles = rows.length === 0 ? usualTitles : [...known, ...found];
  return { Titles, Processes: rows.map((row) => Titles.map((title) => row[title] ?? '')) };
}

/** The processes of a table; rows without a pid are skipped, and the last row of a pid wins. */
export function processesOf(table: ContainerProcesses): Process[] {
  const { titles, rows } = cellsOf(table);
  const byPid = new Map<number, Process>();
  for (const row of rows) {
    const process = processOf(titles, row);
    if (process) byPid.set(process.pid, process);
  }
  return [...byPid.values()];
}

function processOf(titles: readonly string[], row: readonly string[]): Process | undefined {
  const pid = row[titles.indexOf('PID')];
  if (!pid || !/^\d{1,15}$/.test(pid)) return undefined;
  const process: Writable = { pid: Number(pid) };
  const others: { [title: string]: string } = {};
  for (const [index, title] of titles.entries()) {
    const text = row[index] ?? '';
    if (commandTitles.has(title)) process.command = text;
    else if (title !== 'PID' && !take(process, title, text)) others[title] = text;
  }
  return Object.keys(others).length === 0 ? process : { ...process, others };
}

/** False if parsing would lose a part of the text. */
function take(process: Writable, title: string, text: string): boolean {
  const column = byTitle.get(title);
  const read = column?.read?.(text);
  if (!column || !read || column.write({ pid: 0, ...read }, 0) !== text) return false;
  if (Object.values(read).some((value) => typeof value === 'number' && !Number.isFinite(value))) return false;
  Object.assign(process, read);
  return true;
}

/**
 * Titles, and rows with as many cells: extra cells belong to the last column, the command. Podman's `top` may return a
 * single unsplit column: `PID   USER     COMMAND`.
 */
function cellsOf({ Titles, Processes }: ContainerProcesses): {
  readonly titles: readonly string[];
  readonly rows: readonly (readonly string[])[];
} {
  const [only = ''] = Titles;
  const joined = Titles.length === 1 && /\S\s+\S/.test(only);
  const titles = joined ? only.trim().split(/\s+/) : Titles;
  const split = (row: readonly string[]) => (joined ? splitRow(row[0] ?? '', titles.length) : row);
  const last = titles.length - 1;
  return { titles, rows: Processes.map(split).map((row) => [...row.slice(0, last), row.slice(last).join(' ')]) };
}

/** The last column is a command line with spaces. */
function splitRow(row: string, count: number): string[] {
  const cells: string[] = [];
  let rest = row.trim();
  while (cells.length < count - 1) {
    const [cell = ''] = rest.split(/\s/, 1);
    cells.push(cell);
    rest = rest.slice(cell.length).trimStart();
  }
  return [...cells, rest];
}

function timeOf(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** The time of day for 24 hours, then the day, then the year; UTC. */
function startOf(started: number, now: number): string {
  const date = new Date(started * 1000);
  if (Number.isNaN(date.getTime())) return '?';
  if (now - started < 86_400) return date.toISOString().slice(11, 16);
  const thisYear = new Date(now * 1000).getUTCFullYear() === date.getUTCFullYear();
  return thisYear
    ? `${months[date.getUTCMonth()]}${String(date.getUTCDate()).padStart(2, '0')}`
    : String(date.getUTCFullYear());
}
