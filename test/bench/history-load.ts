// The figures of a master that keeps history while it works: how soon it answers and tells of a change with history written and
// read beside, and how long history takes to begin over one that is there.
import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { percentile, read } from './http.ts';
import { ms, type Row } from './table.ts';

export interface Loaded {
  /** Of the master. */
  readonly url: string;
  /** Makes changes, and returns the revision that the last came to. */
  change(count: number): number;
  /** The whole graph of some moment. */
  readonly past: string;
}

export interface Load {
  /** Milliseconds. */
  readonly livez: readonly number[];
  readonly told: readonly number[];
}

const endlessReader = join(import.meta.dirname, 'endless-reader.ts');
const pace = 10;
const together = 10;

/** A thousand changes a second; `reads`: and another process reads the whole graph of a moment, again and again. */
export async function underLoad({ url, change, past }: Loaded, seconds: number, reads: boolean): Promise<Load> {
  const end = performance.now() + seconds * 1000;
  const written = new Map<number, number>();
  const told: number[] = [];
  const livez: number[] = [];
  const watch = await watching(url, (revision) => {
    const at = written.get(revision);
    if (at !== undefined) told.push(performance.now() - at);
  });
  const isOver = () => performance.now() >= end;
  const writing = async () => {
    while (!isOver()) {
      written.set(change(together), performance.now());
      await delay(pace);
    }
  };
  const asking = async () => {
    while (!isOver()) {
      livez.push((await read(`${url}/livez`)).took);
      await delay(5);
    }
  };
  const reader = reads ? spawn(process.execPath, [endlessReader, `${url}${past}`], { stdio: 'ignore' }) : undefined;
  try {
    await Promise.all([writing(), asking()]);
  } finally {
    reader?.kill();
    watch.close();
  }
  return { livez, told };
}

async function watching(url: string, told: (revision: number) => void): Promise<{ close(): void }> {
  const request = get(`${url}/cluster/watch`);
  await new Promise<void>((resolve, reject) => {
    request.on('error', reject).on('response', (response) => {
      let rest = '';
      response.setEncoding('utf8').on('error', () => {});
      response.on('data', (text: string) => {
        const lines = (rest + text).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) if (line.startsWith('id:')) told(Number(line.slice(line.lastIndexOf('-') + 1)));
      });
      resolve();
    });
  });
  return { close: () => void request.destroy() };
}

export function loadRows(label: string, kept: Load, off: Load): Row[] {
  const row = (figure: string, target: number, [a, b]: readonly [readonly number[], readonly number[]]): Row => {
    const [withHistory, without] = [percentile(a, 0.99), percentile(b, 0.99)];
    return {
      figure: `${label}: ${figure}, p99`,
      target: `≤ ${target} × without`,
      measured: ms(withHistory),
      yardstick: `${ms(without)} without history; ${a.length} and ${b.length} of them, in this process`,
      ratio: withHistory / without,
      met: withHistory <= without * target,
    };
  };
  return [
    row('/livez while 1,000/s are written and all is read', 1.2, [kept.livez, off.livez]),
    row('write to /cluster/watch at 1,000/s', 1.2, [kept.told, off.told]),
  ];
}

/** A folder of so many bytes: copies of a finished segment, each of a minute before. Returns the number of segments. */
export function fillFolder(from: string, into: string, bytes: number): number {
  const [name = ''] = readdirSync(from).filter((each) => each.endsWith('.sum'));
  const segment = name.replace('.sum', '');
  const [time = '', ...rest] = segment.split('-');
  const count = Math.ceil(bytes / statSync(join(from, `${segment}.sqlite`)).size);
  mkdirSync(into, { recursive: true });
  for (let i = 1; i <= count; i++) {
    const copy = [String(Number(time) - i * 60_000).padStart(15, '0'), ...rest].join('-');
    for (const end of ['.sqlite', '.sum']) copyFileSync(join(from, segment + end), join(into, copy + end));
  }
  return count;
}

export function startRow(label: string, { bytes, count, full, empty }: StartMeasured): Row {
  return {
    figure: `${label}: history begins over ${(bytes / 1e9).toFixed(1)} GB in ${count} segments`,
    target: '≤ 1.05 × over none',
    measured: ms(full),
    yardstick: `${ms(empty)} over an empty folder, the keyframe in both`,
    ratio: full / empty,
    met: full <= empty * 1.05,
  };
}

interface StartMeasured {
  readonly bytes: number;
  readonly count: number;
  /** Milliseconds. */
  readonly full: number;
  readonly empty: number;
}
