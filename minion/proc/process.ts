// One process from the texts of `/proc/PID/{stat,status,cmdline}`. Pure.
import { type Process, snapshotLimits } from '../../src/minion-api.ts';

/** Linux's unit for user space, whatever its own clock rate. */
const ticksPerSecond = 100;

export interface NodeFacts {
  /** Seconds since boot. */
  readonly uptime: number;
  /** Time of boot in seconds since the epoch. */
  readonly bootTime: number;
  readonly memoryKilobytes: number;
}

export interface ProcTexts {
  readonly stat: string;
  readonly status: string;
  /** NUL-terminated arguments. Empty for zombies and kernel threads. */
  readonly cmdline: string;
}

/** `redact` changes the separate arguments in place. */
export function processOf(texts: ProcTexts, node: NodeFacts, redact: (args: string[]) => void): Process {
  const stat = parseStat(texts.stat);
  const status = parseStatus(texts.status);
  const cpuSeconds = (stat.utime + stat.stime) / ticksPerSecond;
  const started = stat.starttime / ticksPerSecond;
  const residentKilobytes = kilobytes(status.VmRSS);
  return {
    pid: stat.pid,
    ppid: stat.ppid,
    innerPid: Number(status.NSpid?.split(/\s+/).at(-1) ?? stat.pid),
    user: userOf(status.Uid),
    tty: terminal(stat.tty),
    command: commandOf(texts.cmdline, stat.comm, redact),
    state: stateOf(stat, status),
    started: Math.round(node.bootTime + started),
    cpuPercent: percent(cpuSeconds, node.uptime - started),
    memoryPercent: percent(residentKilobytes, node.memoryKilobytes),
    virtualKilobytes: kilobytes(status.VmSize),
    residentKilobytes,
    cpuSeconds: Math.floor(cpuSeconds),
  };
}

interface Stat {
  readonly pid: number;
  readonly comm: string;
  readonly state: string;
  readonly ppid: number;
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

/** proc(5). The name in parentheses may contain anything, even parentheses: the last one ends it. */
function parseStat(text: string): Stat {
  const close = text.lastIndexOf(')');
  const fields = text.slice(close + 2).split(' ');
  const number = (field: number) => Number(fields[field - 3] ?? 0);
  return {
    pid: Number.parseInt(text, 10),
    comm: text.slice(text.indexOf('(') + 1, close),
    state: fields[0] ?? '?',
    ppid: number(4),
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

/** User names are in files that a minion does not see; 0 is always root. */
function userOf(uids: string | undefined): string {
  const effective = uids?.split(/\s+/)[1] ?? '?';
  return effective === '0' ? 'root' : effective;
}

function kilobytes(value: string | undefined): number {
  return Number.parseInt(value ?? '0', 10) || 0;
}

/** With one decimal. */
function percent(part: number, whole: number): number {
  return whole > 0 ? Math.round((1000 * part) / whole) / 10 : 0;
}

/** The letters after the state as in ps(1): priority, locked pages, session leader, threads, foreground. */
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

/** Cut after redaction: half a secret does not look like one. */
function commandOf(cmdline: string, comm: string, redact: (args: string[]) => void): string {
  if (cmdline === '') return `[${comm}]`;
  const args = cmdline.replace(/\0+$/, '').split('\0');
  redact(args);
  return args.join(' ').slice(0, snapshotLimits.command);
}
