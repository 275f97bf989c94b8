// Alerts on disk: their states and what was sent, so that a restart repeats and forgets nothing. One file, written beside
// the old one and renamed: a partial file is never read.
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { isRecord } from '../../src/fields.ts';
import type { Alert } from './alert.ts';
import type { Group, Member } from './states/alert-groups.ts';

export interface Stored {
  /** Milliseconds since the epoch. */
  readonly savedAt: number;
  readonly alerts: readonly Alert[];
  readonly groups: readonly Group[];
  readonly roots: readonly (readonly [root: string, at: number])[];
}

export interface AlertStore {
  /** Undefined if there is nothing readable. */
  load(): Promise<Stored | undefined>;
  /** False, and nothing replaced, if `isStill` no longer holds when writing is done. */
  save(stored: Stored, isStill: () => boolean): Promise<boolean>;
}

const version = 1;
const lines = 500;

export class AlertFile implements AlertStore {
  readonly #folder: string;
  readonly #file: string;

  constructor(folder: string) {
    this.#folder = folder;
    this.#file = join(folder, 'state.ndjson');
  }

  async load(): Promise<Stored | undefined> {
    const text = await readFile(this.#file, 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    try {
      return storedIn(text.split('\n'));
    } catch {
      return undefined;
    }
  }

  async save(stored: Stored, isStill: () => boolean): Promise<boolean> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const file = await open(`${this.#file}.part`, 'w', 0o600);
    try {
      // In portions, so that thousands of alerts do not block.
      for (const some of portions(linesOf(stored), lines)) await file.writeFile(`${some.join('\n')}\n`);
      await file.datasync();
    } finally {
      await file.close();
    }
    if (!isStill()) return false;
    await rename(`${this.#file}.part`, this.#file);
    return true;
  }
}

function* linesOf({ savedAt, alerts, groups, roots }: Stored): Generator<string> {
  yield JSON.stringify({ version, savedAt });
  for (const alert of alerts) yield JSON.stringify({ alert });
  for (const { members, news: _, ...group } of groups) {
    yield JSON.stringify({ group });
    // Ended ones as they were; others are in the state machine.
    for (const [key, { alert, ...member }] of members)
      yield JSON.stringify({
        member: { key, group: group.key, ...member, ...(member.ended === undefined ? {} : { alert }) },
      });
  }
  for (const root of roots) yield JSON.stringify({ root });
  yield JSON.stringify({ end: true });
}

function* portions(all: Iterable<string>, size: number): Generator<string[]> {
  let some: string[] = [];
  for (const each of all) {
    if (some.push(each) < size) continue;
    yield some;
    some = [];
  }
  if (some.length > 0) yield some;
}

type Line = {
  readonly alert?: Alert;
  readonly group?: Omit<Group, 'members' | 'news'>;
  readonly member?: Omit<Member, 'alert'> & { readonly key: string; readonly group: string; readonly alert?: Alert };
  readonly root?: readonly [string, number];
  readonly end?: true;
};

/** @throws if it is incomplete. */
function storedIn(texts: readonly string[]): Stored | undefined {
  const [first = '', ...rest] = texts.filter((line) => line !== '');
  const head: unknown = JSON.parse(first);
  if (!isRecord(head) || head['version'] !== version || typeof head['savedAt'] !== 'number') return undefined;
  const read = rest.map((line) => JSON.parse(line) as Line);
  if (!read.at(-1)?.end) return undefined;
  const alerts = new Map(read.flatMap(({ alert }) => (alert ? [[alert.key, alert] as const] : [])));
  const groups = new Map<string, Group>();
  for (const { group } of read) if (group) groups.set(group.key, { ...group, members: new Map(), news: new Set() });
  for (const { member } of read) if (member) putMember(member, groups, alerts);
  return {
    savedAt: head['savedAt'],
    alerts: [...alerts.values()],
    groups: [...groups.values()].filter(({ members }) => members.size > 0),
    roots: read.flatMap(({ root }) => (root ? [root] : [])),
  };
}

function putMember(
  { key, group: name, alert: kept, ...member }: NonNullable<Line['member']>,
  groups: ReadonlyMap<string, Group>,
  alerts: ReadonlyMap<string, Alert>,
): void {
  const alert = kept ?? alerts.get(key);
  if (alert) groups.get(name)?.members.set(key, { ...member, alert });
}
