// One process as `ps aux` prints it, from the texts of `/proc/PID/{stat,status,cmdline}`. Pure.

/** `ps aux`'s own columns in its own order, and the pid that the process has inside its container. */
export const psTitles = [
  'USER',
  'PID',
  '%CPU',
  '%MEM',
  'VSZ',
  'RSS',
  'TTY',
  'STAT',
  'START',
  'TIME',
  'COMMAND',
  'NSPID',
] as const;

/** Linux tells user space in these ticks, whatever its own clock does. */
const ticksPerSecond = 100;

export interface NodeFacts {
  /** Seconds since the node booted. */
  readonly uptime: number;
  /** Seconds since the epoch when it booted. */
  readonly bootTime: number;
  readonly memoryKilobytes: number;
}

export interface ProcTexts {
  readonly stat: string;
  readonly status: string;
  /** Arguments, each ended by NUL. Empty for a zombie and for a kernel thread. */
  readonly cmdline: string;
}

/** `redact` works in place on the arguments, while they are still apart. */
export function psRow(texts: ProcTexts, node: NodeFacts, redact: (args: string[]) => void): string[] {
  const stat = parseStat(texts.stat);
  const status = parseStatus(texts.status);
  const cpuSeconds = (stat.utime + stat.stime) / ticksPerSecond;
  const started = stat.starttime / ticksPerSecond;
  const rss = kilobytes(status.VmRSS);
  return [
    userOf(status.Uid),
    String(stat.pid),
    percent(cpuSeconds, node.uptime - started),
    percent(rss, node.memoryKilobytes),
    String(kilobytes(status.VmSize)),
    String(rss),
    terminal(stat.tty),
    stateOf(stat, status),
    startOf(node.bootTime + started, node.bootTime + node.uptime),
    `${Math.floor(cpuSeconds / 60)}:${String(Math.floor(cpuSeconds % 60)).padStart(2, '0')}`,
    commandOf(texts.cmdline, stat.comm, redact),
    status.NSpid?.split(/\s+/).at(-1) ?? String(stat.pid),
  ];
}

interface Stat {
  readonly pid: number;
  readonly comm: string;
  readonly state: string;
  readonly pgrp: number;
  readonly session: number;
  readonly tty: number;
  readonly tpgid: number;
  readonly utime: number;
  readonly stime: number;
  readonly nice: number;
  readonly threads: number;
  readonly starttime: number;
}

/** proc(5). The name stands in parentheses and may hold anything, parentheses too: the last one ends it. */
function parseStat(text: string): Stat {
  const close = text.lastIndexOf(')');
  const fields = text.slice(close + 2).split(' ');
  const number = (field: number) => Number(fields[field - 3] ?? 0);
  return {
    pid: Number.parseInt(text, 10),
    comm: text.slice(text.indexOf('(') + 1, close),
    state: fields[0] ?? '?',
    pgrp: number(5),
    session: number(6),
    tty: number(7),
    tpgid: number(8),
    utime: number(14),
    stime: number(15),
    nice: number(19),
    threads: number(20),
    starttime: number(22),
  };
}

function parseStatus(text: string): { readonly [field: string]: string | undefined } {
  const fields: { [field: string]: string } = {};
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) fields[line.slice(0, colon)] = line.slice(colon + 1).trim();
  }
  return fields;
}

/** The names of users are in files of the node that a minion does not see; 0 is root everywhere. */
function userOf(uids: string | undefined): string {
  const effective = uids?.split(/\s+/)[1] ?? '?';
  return effective === '0' ? 'root' : effective;
}

function kilobytes(value: string | undefined): number {
  return Number.parseInt(value ?? '0', 10) || 0;
}

function percent(part: number, whole: number): string {
  return whole > 0 ? ((100 * part) / whole).toFixed(1) : '0.0';
}

/** The letters after the state as ps(1) has them: priority, locked pages, session leader, threads, foreground. */
function stateOf(stat: Stat, status: { readonly [field: string]: string | undefined }): string {
  const priority = stat.nice < 0 ? '<' : stat.nice > 0 ? 'N' : '';
  const locked = kilobytes(status.VmLck) > 0 ? 'L' : '';
  const leader = stat.session === stat.pid ? 's' : '';
  const threads = stat.threads > 1 ? 'l' : '';
  const foreground = stat.tpgid === stat.pgrp && stat.tpgid > 0 ? '+' : '';
  return stat.state + priority + locked + leader + threads + foreground;
}

function terminal(device: number): string {
  const major = (device >> 8) & 0xfff;
  const minor = (device & 0xff) | ((device >> 12) & 0xfff00);
  if (major >= 136 && major <= 143) return `pts/${(major - 136) * 256 + minor}`;
  return major === 4 ? `tty${minor}` : '?';
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** The time of day in the first 24 hours, then the day, then the year; UTC. */
function startOf(started: number, now: number): string {
  const date = new Date(started * 1000);
  if (now - started < 86_400) return date.toISOString().slice(11, 16);
  const thisYear = new Date(now * 1000).getUTCFullYear() === date.getUTCFullYear();
  return thisYear
    ? `${months[date.getUTCMonth()]}${String(date.getUTCDate()).padStart(2, '0')}`
    : String(date.getUTCFullYear());
}

/** Enough to tell what runs. The cut comes after the redaction: half a secret no longer looks like one. */
const longestCommand = 8192;

function commandOf(cmdline: string, comm: string, redact: (args: string[]) => void): string {
  if (cmdline === '') return `[${comm}]`;
  const args = cmdline.replace(/\0+$/, '').split('\0');
  redact(args);
  return args.join(' ').slice(0, longestCommand);
}
