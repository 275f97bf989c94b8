// The record of all actions: each line is on disk before it takes effect. It is read once at start; an incomplete last line
// is ignored, and old outcomes are dropped.
import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { accountNamespace } from '../src/account-namespace.ts';
import { badSetting } from '../src/errors.ts';
import { isRecord } from '../src/fields.ts';
import type { Timestamp } from '../src/model.ts';
import type { Action, Values } from './action.ts';
import type { FieldChange } from './difference.ts';
import type { Patch } from './kinds/kind.ts';
import type { RefusalCode } from './refusal.ts';

export const outcomes = ['refused', 'executed', 'rolled-back', 'expired', 'failed'] as const;
export type State = 'dry-run' | 'executing' | 'rolling-back' | (typeof outcomes)[number];

export interface Entry {
  readonly action: Action;
  readonly state: State;
  /** Time of this state. */
  readonly at: Timestamp;
  readonly proposed: { readonly by: string; readonly via: string; readonly at: Timestamp };
  readonly approved?: { readonly by: string; readonly at: Timestamp };
  /** For a refusal, a rollback or a failure. */
  readonly why?: { readonly code: RefusalCode | 'not-up'; readonly message: string };
  readonly difference?: readonly FieldChange[];
  /** The exact earlier values. */
  readonly original?: Values;
  /** The values with the action, as formatted by the API server. */
  readonly applied?: Values;
  /** The patch sent or about to be sent: it may have been sent only in state `executing`. */
  readonly patch?: Patch;
  /** Generation of the object after the patch, which its controller must have observed. */
  readonly generation?: number;
  /** What is awaited, or a remark on the outcome. */
  readonly note?: string;
}

export function isOver({ state }: Pick<Entry, 'state'>): boolean {
  return outcomes.some((outcome) => outcome === state);
}

/** Milliseconds: ids are kept longer than any action may wait, so none is executed twice. */
const remembered = 90 * 86_400_000;
/** Outcomes of proposals that were never begun: the same proposal again is only looked at again. */
const mostUnbegun = 2_000;
/** Extra lines, beyond one per action, until the file is rewritten. */
const mostSuperseded = 10_000;

export interface LedgerBounds {
  readonly unbegun: number;
  readonly superseded: number;
}

/** The tenant whose share an action counts in. */
export function tenantOf({ proposed: { by } }: Pick<Entry, 'proposed'>): string {
  return accountNamespace(by) ?? `user ${by}`;
}

/** The first entry of the tenant with most entries; undefined without entries. */
export function firstOfLargest(entries: readonly Entry[]): Entry | undefined {
  const byTenant = [...Map.groupBy(entries, tenantOf).values()];
  return byTenant.reduce<readonly Entry[]>((most, one) => (one.length > most.length ? one : most), [])[0];
}

export class Ledger {
  readonly #file: string;
  readonly #entries = new Map<string, Entry>();
  readonly #bounds: LedgerBounds;
  #descriptor: number;
  /** Number of lines in the file. */
  #lines: number;

  /** @throws Fault `bad_setting` if the folder is not writable or contains something else. */
  constructor(
    folder: string,
    now: number,
    bounds: LedgerBounds = { unbegun: mostUnbegun, superseded: mostSuperseded },
  ) {
    this.#bounds = bounds;
    this.#file = join(folder, 'ledger.ndjson');
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      for (const entry of read(this.#file)) this.#entries.set(entry.action.id, entry);
      for (const [id, entry] of this.#entries)
        if (isOver(entry) && Date.parse(entry.at) < now - remembered) this.#entries.delete(id);
      this.#descriptor = rewritten(this.#file, this.#entries.values());
      this.#lines = this.#entries.size;
    } catch (error) {
      const reason = (error as NodeJS.ErrnoException).code ?? (error as Error).message;
      throw badSetting(
        'CLUSTER_INSIGHT_ACTOR_DIR',
        `is not a folder that a ledger can be kept in: ${folder} (${reason})`,
      );
    }
  }

  get(id: string): Entry | undefined {
    return this.#entries.get(id);
  }

  /** Newest first. */
  all(): readonly Entry[] {
    return [...this.#entries.values()].toSorted((a, b) => (a.proposed.at < b.proposed.at ? 1 : -1));
  }

  /** Returns when it is on disk. @throws if the disk is full: it does not count then. */
  put(entry: Entry): void {
    append(this.#descriptor, entry);
    fdatasyncSync(this.#descriptor);
    this.#entries.set(entry.action.id, entry);
    this.#lines++;
    this.#forgetUnbegun();
    if (this.#lines > this.#entries.size + this.#bounds.superseded) this.#rewrite();
  }

  /** The proposer with most loses first, so that others' entries stay. */
  #forgetUnbegun(): void {
    const unbegun = [...this.#entries.values()].filter((entry) => isOver(entry) && entry.approved === undefined);
    const first = unbegun.length > this.#bounds.unbegun ? firstOfLargest(unbegun) : undefined;
    if (first) this.#entries.delete(first.action.id);
  }

  #rewrite(): void {
    const before = this.#descriptor;
    this.#descriptor = rewritten(this.#file, this.#entries.values());
    this.#lines = this.#entries.size;
    closeSync(before);
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

function append(descriptor: number, entry: Entry): void {
  const line = Buffer.from(`${JSON.stringify(entry)}\n`);
  for (let at = 0; at < line.length; ) at += writeSync(descriptor, line, at);
}

function read(file: string): Entry[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  // The text after the last line end is incomplete.
  lines.pop();
  return lines.flatMap((line, at) => {
    const entry = parsed(line);
    if (entry !== undefined) return [entry];
    // A failed write left a partial line before the next one.
    if (line.lastIndexOf('{"action":') > 0) return parsed(line.slice(line.lastIndexOf('{"action":{"id"'))) ?? [];
    throw new Error(`line ${at + 1} of ledger.ndjson is damaged`);
  });
}

function parsed(line: string): Entry | undefined {
  try {
    const entry: unknown = JSON.parse(line);
    return isRecord(entry) && isRecord(entry['action']) ? (entry as unknown as Entry) : undefined;
  } catch {
    return undefined;
  }
}

/** One line per action; replaces the old file atomically. */
function rewritten(file: string, entries: Iterable<Entry>): number {
  const fresh = `${file}.new`;
  const descriptor = openSync(fresh, 'w', 0o600);
  for (const entry of entries) append(descriptor, entry);
  fsyncSync(descriptor);
  renameSync(fresh, file);
  const folder = openSync(dirname(file), 'r');
  fsyncSync(folder);
  closeSync(folder);
  return descriptor;
}
