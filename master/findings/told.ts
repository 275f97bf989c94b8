// Findings of a graph as received from another process; nothing is computed here. Received findings remain until a newer set is
// complete.
import { timestampOf, type WallTime } from '../../src/clock.ts';
import { getOrMake } from '../../src/get-or-make.ts';
import type { Finding, FindingChange, FindingsReader, Undecided } from './contract.ts';
import { findingOrder } from './kept/findings.ts';

/** One message of the other process; messages come in order. */
export interface FindingsTold {
  /** Starts a new set, which replaces the previous one once complete. */
  readonly begins?: boolean | undefined;
  /** Completes the set. */
  readonly whole?: boolean | undefined;
  readonly found: readonly Finding[];
  /** For findings that affect more resources than they list: ids of all affected resources. */
  readonly affected?: readonly (readonly [id: string, affected: readonly string[]])[] | undefined;
  readonly ended: readonly string[];
  readonly undecided?: readonly Undecided[] | undefined;
}

interface Kept {
  readonly finding: Finding;
  readonly affected: readonly string[];
}

export class ToldFindings implements FindingsReader {
  readonly #clock: () => number;
  readonly #listeners = new Set<(changes: readonly FindingChange[]) => void>();
  #kept = new Map<string, Kept>();
  /** Ids of findings by the resources they are on or affect. */
  #about = new Map<string, Set<string>>();
  /** The incomplete new set. */
  #coming: Map<string, Kept> | undefined;
  #undecided: readonly Undecided[] = [];
  #settled = false;
  /** Starts with the time, so that another process with the same findings never reuses a version. */
  #version: number;

  constructor(clock: () => number) {
    this.#clock = clock;
    this.#version = clock();
  }

  take({ begins, whole, found, affected, ended, undecided }: FindingsTold): void {
    if (begins) this.#coming = new Map();
    const all = new Map(affected);
    const told = found.map((finding) => ({ finding, affected: all.get(finding.id) ?? finding.affected.first }));
    const coming = this.#coming;
    const before = this.#undecided;
    if (undecided !== undefined) this.#undecided = undecided;
    if (coming === undefined) return this.#change(told, ended, this.#undecided !== before);
    for (const kept of told) coming.set(kept.finding.id, kept);
    for (const id of ended) coming.delete(id);
    if (!whole) return;
    this.#coming = undefined;
    const gone = [...this.#kept.keys()].filter((id) => !coming.has(id));
    this.#change([...coming.values()], gone, true);
    this.#settled = true;
  }

  *current(): Iterable<Finding> {
    yield* [...this.all()].sort(findingOrder);
  }

  *all(): Iterable<Finding> {
    for (const { finding } of this.#kept.values()) yield finding;
  }

  get(id: string): Finding | undefined {
    return this.#kept.get(id)?.finding;
  }

  *of(resource: string): Iterable<Finding> {
    for (const finding of this.#on(resource)) if (finding.resource === resource) yield finding;
  }

  about(resource: string): Iterable<Finding> {
    return this.#on(resource).sort(findingOrder);
  }

  /** Advice is received with the other findings. */
  adviceAbout(): Iterable<Finding> {
    return [];
  }

  get keepsAdvice(): boolean {
    return true;
  }

  affectedBy(id: string): readonly string[] {
    return this.#kept.get(id)?.affected ?? [];
  }

  undecided(): Iterable<Undecided> {
    return this.#undecided;
  }

  subscribe(listener: (changes: readonly FindingChange[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Whether a set was complete once. */
  get settled(): boolean {
    return this.#settled;
  }

  /** Nothing is examined here. */
  get waiting(): number {
    return 0;
  }

  get version(): number {
    return this.#version;
  }

  #on(resource: string): Finding[] {
    return [...(this.#about.get(resource) ?? [])].flatMap((id) => this.get(id) ?? []);
  }

  #change(told: readonly Kept[], ended: readonly string[], isOther: boolean): void {
    const at = timestampOf(this.#clock() as WallTime);
    const changes: FindingChange[] = [];
    for (const id of ended) {
      const before = this.#drop(id);
      if (before) changes.push({ kind: 'end', finding: before.finding, at });
    }
    for (const kept of told) {
      const before = this.#drop(kept.finding.id);
      this.#keep(kept);
      if (before === undefined) changes.push({ kind: 'begin', finding: kept.finding, at });
      else if (JSON.stringify(before) !== JSON.stringify(kept))
        changes.push({ kind: 'change', finding: kept.finding, at });
    }
    if (changes.length > 0 || isOther) this.#version++;
    if (changes.length > 0) for (const listener of this.#listeners) listener(changes);
  }

  #keep(kept: Kept): void {
    const { id, resource } = kept.finding;
    this.#kept.set(id, kept);
    for (const each of [resource, ...kept.affected]) getOrMake(this.#about, each, () => new Set<string>()).add(id);
  }

  #drop(id: string): Kept | undefined {
    const kept = this.#kept.get(id);
    if (kept === undefined) return undefined;
    this.#kept.delete(id);
    for (const each of [kept.finding.resource, ...kept.affected]) {
      const ids = this.#about.get(each);
      ids?.delete(id);
      if (ids?.size === 0) this.#about.delete(each);
    }
    return kept;
  }
}
