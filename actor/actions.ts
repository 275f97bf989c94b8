// The life of an action: proposed and shown, approved, executed, finished. All proposers (REST API, gateway, command) call
// `propose`; nothing here proposes or approves by itself.
import { type Clock, timestampOf } from '../src/clock.ts';
import { Semaphore } from '../src/concurrency.ts';
import { fault } from '../src/errors.ts';
import type { Logger } from '../src/logger.ts';
import { redactText } from '../src/redact.ts';
import { type Action, actionOf, isSame } from './action.ts';
import type { Callers, User } from './callers.ts';
import { type Cluster, ClusterFailure } from './cluster.ts';
import { Execution } from './execute.ts';
import { typeOf } from './kinds/index.ts';
import { type Entry, firstOfLargest, isOver, type Ledger, tenantOf } from './ledger.ts';
import { checkHours, type Policy } from './policy.ts';
import { look } from './propose.ts';
import { Refusal } from './refusal.ts';

/** The proposer, as authenticated there. */
export interface Proposer {
  readonly name: string;
  readonly via: 'rest' | 'gateway' | 'command';
}

export interface ActionsOptions {
  readonly ledger: Ledger;
  readonly cluster: Cluster;
  readonly callers: Pick<Callers, 'may'>;
  /** Read for each action, since it may change. @throws Fault if unreadable. */
  readonly policy: () => Promise<Policy>;
  readonly clock: Clock;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly logger: Logger;
  /** Milliseconds between two checks of a rollout. */
  readonly period?: number;
  /** Most that may wait to be approved, of all who propose. */
  readonly mostWaiting?: number;
}

/** Maximum actions executed at once, and waiting for approval. */
const atOnce = 4;
const mostOpen = 500;
/** Attempts on an object that changes meanwhile. */
const looks = 5;
const usualPeriod = 2_000;

export type Listener = (entry: Entry) => void;

export class Actions {
  readonly #options: ActionsOptions;
  readonly #turns = new Semaphore(atOnce);
  readonly #ending = new AbortController();
  readonly #running = new Map<string, Promise<void>>();
  /** Ids with a decision in progress: decisions on an id run one at a time. */
  readonly #deciding = new Set<string>();
  readonly #listeners = new Set<Listener>();

  constructor(options: ActionsOptions) {
    this.#options = options;
  }

  /** Calls `listener` with each new state. Returns a function that stops it. */
  follow(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  get(id: string): Entry | undefined {
    this.#expire();
    return this.#options.ledger.get(id);
  }

  /** Newest first. */
  all(): readonly Entry[] {
    this.#expire();
    return this.#options.ledger.all();
  }

  /** Number of actions being executed. */
  get running(): number {
    return this.#running.size;
  }

  /**
   * Shows the effect, or why there would be none. A repeated document is answered with its current state.
   * @throws Fault `bad_request` for an invalid action, `action_conflict` for another action with that id, `unavailable` if
   * the API server does not answer: nothing is stored then.
   */
  async propose(document: unknown, { name, via }: Proposer): Promise<Entry> {
    const { clock } = this.#options;
    const action = actionOf(document, clock());
    return this.#alone(action.id, async () => {
      const known = this.get(action.id);
      if (known !== undefined && isSame(known.action, action)) return known;
      if (known !== undefined) throw conflict(action.id, 'another action has this id');
      const at = timestampOf(clock());
      const proposed = { by: name, via, at } as const;
      this.#makeRoom(tenantOf({ proposed }));
      if (Date.parse(action.until) <= clock()) return this.#put({ action, state: 'expired', at, proposed });
      const shown = await this.#looked(action);
      if (shown instanceof Refusal) return this.#put({ action, state: 'refused', at, proposed, why: whyOf(shown) });
      return this.#put({ action, state: 'dry-run', at, proposed, ...shown });
    });
  }

  /**
   * Starts it for a user with the right confirmed by the API server. An approved action is returned unchanged.
   * @throws Fault `forbidden`, `action_unknown`, `action_conflict` if it cannot start now, `unavailable`.
   */
  approve(id: string, user: User): Promise<Entry> {
    const { clock, policy } = this.#options;
    return this.#alone(id, async () => {
      const entry = this.#known(id);
      await this.#demand(user, entry);
      if (entry.state !== 'dry-run') return entry;
      this.#demandTurn(entry);
      this.#demandHours(await policy());
      const shown = await this.#looked(entry.action);
      const at = timestampOf(clock());
      const approved = { by: user.username, at };
      const { difference: _shown, original: _original, applied: _applied, ...rest } = entry;
      if (shown instanceof Refusal) return this.#put({ ...rest, state: 'refused', at, why: whyOf(shown) });
      // The check took time.
      if (Date.parse(entry.action.until) <= clock()) return this.#put({ ...rest, state: 'expired', at });
      this.#demandTurn(entry);
      const begun = this.#put({ ...rest, state: 'executing', at, approved, ...shown });
      this.#begin(begun);
      return begun;
    });
  }

  /** Withdraws a proposal, by its proposer or a user who might approve it. @throws Fault like `approve`. */
  withdraw(id: string, user: User): Promise<Entry> {
    return this.#alone(id, async () => {
      const entry = this.#known(id);
      if (entry.proposed.by !== user.username) await this.#demand(user, entry);
      if (entry.state !== 'dry-run') return entry;
      const at = timestampOf(this.#options.clock());
      const why = { code: 'withdrawn', message: `${user.username} took it back` } as const;
      return this.#put({ ...entry, state: 'refused', at, why });
    });
  }

  /** Continues actions from before a restart. */
  resume(): void {
    for (const entry of this.all())
      if (entry.state === 'executing' || entry.state === 'rolling-back') this.#begin(entry);
  }

  /** Running actions stay as they are; the next process continues them. */
  async close(): Promise<void> {
    this.#ending.abort();
    await Promise.all(this.#running.values());
    this.#options.ledger.close();
  }

  /** If too many wait, the proposer with most loses the oldest: one proposer cannot block others. */
  #makeRoom(tenant: string): void {
    const { ledger, clock, mostWaiting = mostOpen } = this.#options;
    const open = ledger.all().filter((each) => !isOver(each));
    if (open.length < mostWaiting) return;
    const waiting = open.filter(({ state, action }) => state === 'dry-run' && !this.#deciding.has(action.id));
    const oldest = firstOfLargest(waiting.toReversed());
    const count = (of: string) => waiting.filter((each) => tenantOf(each) === of).length;
    if (oldest === undefined || count(tenantOf(oldest)) <= count(tenant) + 1)
      throw fault('overloaded', { reason: `${mostWaiting} actions wait to be approved` });
    const note = 'it made room: too many waited to be approved, and most of them were of the same proposer';
    this.#put({ ...oldest, state: 'expired', at: timestampOf(clock()), note });
  }

  #known(id: string): Entry {
    const entry = this.get(id);
    if (entry === undefined) throw fault('action_unknown', { id });
    return entry;
  }

  async #alone(id: string, work: () => Promise<Entry>): Promise<Entry> {
    if (this.#deciding.has(id)) throw conflict(id, 'it is being decided on');
    this.#deciding.add(id);
    try {
      return await work();
    } finally {
      this.#deciding.delete(id);
    }
  }

  async #demand(user: User, { action }: Entry): Promise<void> {
    const { subresource } = typeOf(action.action);
    if (await this.#options.callers.may('patch', user, action.target, subresource)) return;
    const what = subresource === undefined ? '' : `/${subresource}`;
    const { kind, namespace, name } = action.target;
    throw fault('forbidden', { reason: `${user.username} may not patch ${kind}${what} ${namespace}/${name}` });
  }

  #demandTurn({ action }: Entry): void {
    for (const id of this.#running.keys()) {
      const other = this.#options.ledger.get(id);
      if (other?.action.target.uid === action.target.uid) throw conflict(action.id, `${id} is being carried out on it`);
    }
  }

  #demandHours(policy: Policy): void {
    try {
      checkHours(policy, this.#options.clock());
    } catch (error) {
      throw fault('action_not_now', { reason: (error as Error).message }, error);
    }
  }

  /** @throws Fault `unavailable`. */
  async #looked(action: Action) {
    const { cluster, policy, clock } = this.#options;
    const rules = await policy();
    for (let left = looks; ; left--) {
      try {
        return await look(action, { cluster, policy: rules, at: secondOf(clock()) });
      } catch (error) {
        if (error instanceof Refusal) return error;
        if (!(error instanceof ClusterFailure)) throw error;
        // Its status changed between read and dry run.
        if (error.status === 409 && left > 1) continue;
        throw fault('unavailable', { reason: error.message }, error);
      }
    }
  }

  #begin(entry: Entry): void {
    const { id } = entry.action;
    const work = this.#carryOut(entry)
      .catch((err: unknown) => this.#options.logger.error({ err, action: id }, 'an action cannot go on'))
      .finally(() => this.#running.delete(id));
    this.#running.set(id, work);
  }

  async #carryOut(entry: Entry): Promise<void> {
    const { cluster, clock, sleep, policy, period = usualPeriod } = this.#options;
    const { signal } = this.#ending;
    const release = await this.#turns.acquire(signal);
    try {
      const within = await policy().then(
        (each) => each.within * 1000,
        () => 600_000,
      );
      const record = (next: Entry): void => void this.#put(next);
      await new Execution(entry, { cluster, record, clock, sleep, within, period, signal }).run();
    } finally {
      release();
    }
  }

  #expire(): void {
    const { ledger, clock } = this.#options;
    for (const entry of ledger.all())
      if (
        entry.state === 'dry-run' &&
        Date.parse(entry.action.until) <= clock() &&
        !this.#deciding.has(entry.action.id)
      )
        this.#put({ ...entry, state: 'expired', at: timestampOf(clock()) });
  }

  #put(given: Entry): Entry {
    const { ledger, logger } = this.#options;
    const entry = withoutSecrets(given);
    const was = ledger.get(entry.action.id)?.state;
    ledger.put(entry);
    if (was === entry.state) return entry;
    const { id, action, target } = entry.action;
    const words = entry.why === undefined ? '' : `: ${entry.why.message}`;
    logger.info(
      { action: id, state: entry.state, by: entry.approved?.by ?? entry.proposed.by },
      `${action} of ${target.kind} ${target.namespace}/${target.name}: ${entry.state}${words}`,
    );
    for (const listener of this.#listeners) listener(entry);
    return entry;
  }
}

/** Its words come from controllers, webhooks and annotations. */
function withoutSecrets({ why, note, ...rest }: Entry): Entry {
  return {
    ...rest,
    ...(why && { why: { ...why, message: redactText(why.message) } }),
    ...(note === undefined ? {} : { note: redactText(note) }),
  };
}

/** In the API's time format. */
function secondOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

function whyOf({ code, message }: Refusal) {
  return { code, message };
}

function conflict(id: string, reason: string) {
  return fault('action_conflict', { id, reason });
}
