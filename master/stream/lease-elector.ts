// Elects the master of a cluster that publishes, by a Lease, as the leader election of client-go does: who holds the Lease renews
// it; who does not watches whether it is renewed, by their own clock and not by the times that are written in it.
// https://pkg.go.dev/k8s.io/client-go/tools/leaderelection
// A Lease only chooses. A holder that stood still may still speak after it has ended: the log refuses that.
import { sleep as realSleep } from '../../src/backoff.ts';
import type { Clocks, MonotonicTime } from '../../src/clock.ts';
import { LogOnce } from '../../src/log-once.ts';
import type { Logger } from '../../src/logger.ts';
import { printable } from '../../src/printable.ts';
import { ApiFailure, explain } from '../sources/kubernetes/api-failure.ts';
import type { LeaseName, LeaseRequests, LeaseSpec, StoredLease } from '../sources/kubernetes/lease-requests.ts';
import type { Permit, Tenure } from './permit.ts';

/** Milliseconds. */
export interface LeaseTimes {
  /** How long a Lease is valid that is not renewed. */
  readonly duration: number;
  /** How long a holder goes on without a renewal. */
  readonly renewDeadline: number;
  /** Time between two tries. */
  readonly retry: number;
}

/** In the proportions of client-go: 15, 10 and 2 s. */
export function leaseTimes(duration: number): LeaseTimes {
  return { duration, renewDeadline: (duration * 2) / 3, retry: (duration * 2) / 15 };
}

export interface LeaseElectorOptions {
  readonly lease: LeaseName;
  readonly requests: LeaseRequests;
  /** Unique to this process. */
  readonly identity: string;
  readonly clocks: Clocks;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  readonly times: LeaseTimes;
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
  /** A signal that aborts after this many milliseconds. */
  readonly deadline?: (ms: number) => AbortSignal;
  /** In [0, 1). */
  readonly random?: () => number;
}

export interface LeaseStanding {
  readonly held: boolean;
  /** Who holds it, as far as is known; undefined if nobody does. */
  readonly holder: string | undefined;
  /** Why the last try failed; undefined if the API server answered. */
  readonly problem: string | undefined;
}

/** Waits between tries vary by this share, so that several masters do not ask at once. */
const jitter = 0.2;
/** Longest shown identity of a holder, in characters. */
const mostShown = 253;

export class LeaseElector implements Permit {
  readonly #options: LeaseElectorOptions;
  readonly #times: LeaseTimes;
  readonly #closing = new AbortController();
  readonly #problems: LogOnce;
  readonly #waiting = new Set<() => void>();
  readonly #counts = { renewed: 0, refused: 0, conflicts: 0, failed: 0, acquired: 0, lost: 0 };
  #running: Promise<void> | undefined;
  #tenure: HeldLease | undefined;
  /** The Lease as it was last seen, and when it was first seen so. */
  #seen: { readonly stored: StoredLease; readonly text: string; readonly since: MonotonicTime } | undefined;
  #problem: string | undefined;
  #saidHolder: string | undefined;

  constructor(options: LeaseElectorOptions) {
    this.#options = options;
    this.#times = options.times;
    this.#problems = new LogOnce(options.logger);
  }

  get standing(): LeaseStanding {
    const held = this.#tenure?.holds() === true;
    return { held, holder: held ? this.#options.identity : this.#holder(), problem: this.#problem };
  }

  counts() {
    return { ...this.#counts };
  }

  start(): void {
    this.#running = this.#run();
  }

  async given(signal: AbortSignal): Promise<Tenure | undefined> {
    while (!signal.aborted) {
      if (this.#tenure?.holds()) return this.#tenure;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.add(resolve);
      signal.addEventListener('abort', () => resolve(), { once: true });
      await promise;
      this.#waiting.delete(resolve);
    }
    return undefined;
  }

  /** Ends the tenure, and leaves the Lease to whoever asks next. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
    const held = this.#tenure?.holds() === true;
    this.#tenure?.end();
    if (held) await this.#release();
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    const { sleep = realSleep, random = Math.random } = this.#options;
    while (!signal.aborted) {
      await this.#try();
      await sleep(this.#times.retry * (1 + jitter * random()), signal);
    }
  }

  async #try(): Promise<void> {
    const { deadline = AbortSignal.timeout } = this.#options;
    // Half of the time within which a holder has to renew: there is time for another try.
    const late = deadline(this.#times.renewDeadline / 2);
    try {
      await this.#takeOrRenew(AbortSignal.any([this.#closing.signal, late]));
      this.#problem = undefined;
      this.#problems.reset(`the Lease ${nameOf(this.#options.lease)} can be read and written again`);
    } catch (error) {
      if (!this.#closing.signal.aborted) this.#failed(error, late.aborted);
    }
  }

  async #takeOrRenew(signal: AbortSignal): Promise<void> {
    if (this.#tenure?.holds() && (await this.#renewSeen(signal))) return;
    const { requests, clocks } = this.#options;
    const asked = clocks.monotonic();
    const stored = await requests.read(signal);
    if (stored === undefined) return this.#won(await requests.create(this.#spec(undefined), signal), asked);
    this.#see(stored);
    const holder = holderOf(stored);
    if (holder !== this.#options.identity) this.#lose(`${this.#shown(holder) ?? 'nobody'} holds it`);
    if (holder !== '' && holder !== this.#options.identity && this.#isValid()) return this.#sayHolder(holder);
    this.#won(await requests.update(stored, this.#spec(stored), signal), asked);
  }

  /** One request instead of two while nobody else writes to the Lease. False if it has to be read again. */
  async #renewSeen(signal: AbortSignal): Promise<boolean> {
    const stored = this.#seen?.stored;
    if (stored === undefined) return false;
    const asked = this.#options.clocks.monotonic();
    try {
      this.#won(await this.#options.requests.update(stored, this.#spec(stored), signal), asked);
      return true;
    } catch (error) {
      if (error instanceof ApiFailure && (error.status === 409 || error.status === 404)) return false;
      throw error;
    }
  }

  #spec(before: StoredLease | undefined): LeaseSpec {
    const { identity, clocks } = this.#options;
    const now = microTime(clocks.wall());
    const isMine = before !== undefined && holderOf(before) === identity;
    const transitions = countOf(before?.spec['leaseTransitions']);
    const acquired = before?.spec['acquireTime'];
    return {
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(this.#times.duration / 1000),
      acquireTime: isMine && typeof acquired === 'string' ? acquired : now,
      renewTime: now,
      leaseTransitions: before === undefined ? 0 : isMine ? transitions : transitions + 1,
    };
  }

  /** What was written later does not count: others count from when they saw it, which is after `asked`. */
  #won(stored: StoredLease, asked: MonotonicTime): void {
    const { lease, logger, clocks, identity } = this.#options;
    this.#see(stored);
    this.#counts.renewed++;
    this.#saidHolder = undefined;
    // An answer that came too late says nothing: others may have taken it since.
    if (clocks.monotonic() - asked >= this.#times.renewDeadline) return this.#lose('it was not renewed in time');
    if (this.#tenure?.holds()) return this.#tenure.renewed(asked);
    this.#tenure?.end();
    this.#tenure = new HeldLease(clocks.monotonic, asked, this.#times.renewDeadline);
    this.#counts.acquired++;
    logger.info({ lease: nameOf(lease), identity }, 'the Lease is held: this master publishes');
    void this.#watch(this.#tenure);
    for (const resolve of this.#waiting) resolve();
  }

  /** Ends a tenure on time, whatever a request is waiting for. */
  async #watch(tenure: HeldLease): Promise<void> {
    const { sleep = realSleep } = this.#options;
    for (;;) {
      await sleep(tenure.left(), tenure.ended);
      if (tenure.ended.aborted) return;
      if (tenure.left() <= 0) return this.#lose(this.#problem ?? 'it was not renewed in time');
    }
  }

  #lose(why: string): void {
    const tenure = this.#tenure;
    if (tenure === undefined) return;
    this.#tenure = undefined;
    this.#counts.lost++;
    tenure.end();
    this.#options.logger.warn({ lease: nameOf(this.#options.lease), why }, 'the Lease is lost: publishing stops');
  }

  #see(stored: StoredLease): void {
    const text = JSON.stringify(stored.spec);
    const since = text === this.#seen?.text ? this.#seen.since : this.#options.clocks.monotonic();
    this.#seen = { stored, text, since };
  }

  /** Whether its holder may still renew it, as far as can be told from when it was last seen to change. */
  #isValid(): boolean {
    if (this.#seen === undefined) return false;
    const { stored, since } = this.#seen;
    const said = countOf(stored.spec['leaseDurationSeconds']) * 1000;
    return this.#options.clocks.monotonic() - since < (said || this.#times.duration);
  }

  #holder(): string | undefined {
    return this.#seen && this.#shown(holderOf(this.#seen.stored));
  }

  #shown(holder: string): string | undefined {
    return holder === '' ? undefined : printable(holder.slice(0, mostShown));
  }

  #sayHolder(holder: string): void {
    if (holder === this.#saidHolder) return;
    this.#saidHolder = holder;
    const { lease, logger } = this.#options;
    logger.info({ lease: nameOf(lease), holder: this.#shown(holder) }, 'another master holds the Lease and publishes');
  }

  #failed(error: unknown, isLate: boolean): void {
    const { lease } = this.#options;
    const status = error instanceof ApiFailure ? error.status : undefined;
    // Another master was faster: the next try sees which.
    if (status === 409) return void this.#counts.conflicts++;
    if (status === 401 || status === 403) this.#counts.refused++;
    else this.#counts.failed++;
    this.#problem = isLate ? 'the API server did not answer in time' : printable(explain(error));
    this.#problems.warn(error, `the Lease ${nameOf(lease)} can be neither taken nor renewed`, this.#problem);
  }

  /** Where this fails, the others wait until the Lease has ended by itself. */
  async #release(): Promise<void> {
    const { requests, identity, deadline = AbortSignal.timeout } = this.#options;
    const signal = deadline(this.#times.retry);
    const release = (stored: StoredLease) => requests.update(stored, this.#released(stored), signal);
    try {
      if (this.#seen) await release(this.#seen.stored);
    } catch (error) {
      if (!(error instanceof ApiFailure) || error.status !== 409) return;
      // The last renewal was stored and its answer not waited for.
      const stored = await requests.read(signal).catch(() => undefined);
      if (stored && holderOf(stored) === identity) await release(stored).catch(() => undefined);
    }
  }

  #released(stored: StoredLease): LeaseSpec {
    const now = microTime(this.#options.clocks.wall());
    const leaseTransitions = countOf(stored.spec['leaseTransitions']);
    return { holderIdentity: '', leaseDurationSeconds: 1, acquireTime: now, renewTime: now, leaseTransitions };
  }
}

/** A tenure that lasts as long as it is renewed. */
class HeldLease implements Tenure {
  readonly #clock: Clocks['monotonic'];
  readonly #lasts: number;
  readonly #controller = new AbortController();
  #since: MonotonicTime;

  constructor(clock: Clocks['monotonic'], since: MonotonicTime, lasts: number) {
    this.#clock = clock;
    this.#since = since;
    this.#lasts = lasts;
  }

  get ended(): AbortSignal {
    return this.#controller.signal;
  }

  holds(): boolean {
    return !this.ended.aborted && this.left() > 0;
  }

  /** Milliseconds. */
  left(): number {
    return this.#since + this.#lasts - this.#clock();
  }

  renewed(since: MonotonicTime): void {
    this.#since = since;
  }

  end(): void {
    this.#controller.abort();
  }
}

/** Empty if nobody holds it. */
function holderOf({ spec }: StoredLease): string {
  const { holderIdentity } = spec;
  return typeof holderIdentity === 'string' ? holderIdentity : '';
}

/** What others wrote may be anything. */
function countOf(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : 0;
}

export function nameOf({ namespace, name }: LeaseName): string {
  return `${namespace}/${name}`;
}

/** The API server takes no other form: six digits after the second. */
function microTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z');
}
