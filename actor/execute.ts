// An approved action from patch to outcome. Each step is recorded before it is taken and can be repeated: after a crash the
// process continues and patches nothing twice.
import { type Backoff, createBackoff } from '../src/backoff.ts';
import { type Clock, timestampOf } from '../src/clock.ts';
import type { KubernetesObject } from '../src/model.ts';
import type { Values } from './action.ts';
import { type Cluster, ClusterFailure } from './cluster.ts';
import { typeOf } from './kinds/index.ts';
import { type Entry, isOver } from './ledger.ts';
import { guarded, nameOf, readTarget, refused } from './propose.ts';
import { Refusal } from './refusal.ts';
import type { Resources } from './resources.ts';
import { type Progress, progressOf, resizeProgress } from './rollout.ts';

export interface ExecutionOptions {
  readonly cluster: Cluster;
  /** Returns when it is on disk. */
  readonly record: (entry: Entry) => void;
  readonly clock: Clock;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Milliseconds allowed for the rollout. */
  readonly within: number;
  /** Milliseconds between two checks. */
  readonly period: number;
  readonly signal: AbortSignal;
}

type Why = NonNullable<Entry['why']>;

export class Execution {
  readonly #options: ExecutionOptions;
  readonly #backoff: Backoff = createBackoff({ base: 500, cap: 15_000 });
  #entry: Entry;

  constructor(entry: Entry, options: ExecutionOptions) {
    this.#entry = entry;
    this.#options = options;
  }

  /** Resolves with the outcome or, if the process ends before, with the current state. Rejects only if the disk is full. */
  async run(): Promise<Entry> {
    const steps = [() => this.#apply(), () => this.#watch(), () => this.#restore()];
    for (const step of steps) {
      while (!isOver(this.#entry) && !this.#options.signal.aborted && (await this.#tried(step)) === 'again')
        await this.#options.sleep(this.#backoff.next(), this.#options.signal);
    }
    return this.#entry;
  }

  /** `again` if the failure may be temporary: a restart of the API server must not end an action. */
  async #tried(step: () => Promise<'done' | 'again'>): Promise<'done' | 'again'> {
    try {
      return await step();
    } catch (error) {
      if (error instanceof Refusal) return this.#against(error);
      if (error instanceof ClusterFailure) return 'again';
      throw error;
    }
  }

  /** A rejection before the change is a refusal; after it, a failure that people must examine. */
  #against({ code, message }: Refusal): 'done' {
    const isDone = this.#entry.generation !== undefined || this.#entry.state === 'rolling-back';
    this.#end(isDone ? 'failed' : 'refused', { code, message });
    return 'done';
  }

  async #apply(): Promise<'done' | 'again'> {
    const { action, state, original, applied, generation } = this.#entry;
    if (state !== 'executing' || generation !== undefined) return 'done';
    const object = await this.#read();
    const now = this.#current(object);
    // It was done, and the process ended before recording that.
    if (this.#isSame(now, applied)) return this.#applied(object);
    if (!this.#isSame(now, original))
      throw new Refusal('changed', `${nameOf(action.target)} was changed after the action was shown`);
    if (this.#options.clock() > Date.parse(action.until)) return this.#end('expired');
    const answer = await this.#patch(original, applied, object, 'carry out an action');
    return answer === undefined ? 'again' : this.#applied(answer);
  }

  #applied({ metadata }: KubernetesObject): 'done' {
    const generation = Number(metadata['generation'] ?? 0);
    this.#put({ ...this.#entry, state: 'executing', generation, note: 'it was patched' });
    this.#backoff.reset();
    return 'done';
  }

  async #watch(): Promise<'done' | 'again'> {
    const { sleep, period, signal, clock, within } = this.#options;
    const until = Date.parse(this.#entry.at) + within;
    while (this.#entry.state === 'executing' && !signal.aborted) {
      const object = await this.#read();
      const progress = this.#progress(object);
      if (progress.state === 'up') return this.#end('executed');
      if (progress.state === 'failed') return this.#rollBack(progress.why);
      if (clock() >= until)
        return this.#rollBack(`it did not come up within ${Math.round(within / 1000)} s: ${progress.for}`);
      await sleep(period, signal);
    }
    return 'done';
  }

  /** @throws Refusal `changed` if another change came meanwhile, which is kept. */
  #progress(object: KubernetesObject): Progress {
    const { action, applied, generation = 0 } = this.#entry;
    if (!this.#isSame(this.#current(object), applied))
      throw new Refusal(
        'changed',
        `${nameOf(action.target)} was changed by others while it came up: it is left as it is`,
      );
    if (action.action !== 'resize-pod') return progressOf(object, generation);
    return resizeProgress(object, action.target.container ?? '', applied?.['resources'] as Resources | undefined);
  }

  #rollBack(message: string): 'done' {
    this.#put({ ...this.#entry, state: 'rolling-back', why: { code: 'not-up', message } });
    this.#backoff.reset();
    return 'done';
  }

  async #restore(): Promise<'done' | 'again'> {
    const { action, state, original, applied, why } = this.#entry;
    if (state !== 'rolling-back') return 'done';
    const object = await this.#read();
    const now = this.#current(object);
    if (this.#isSame(now, original)) return this.#end('rolled-back', why, noteOn(action.target.kind));
    if (!this.#isSame(now, applied))
      throw new Refusal(
        'changed',
        `it did not come up (${why?.message}), and was changed by others meanwhile: it is left as it is`,
      );
    const answer = await this.#patch(applied, original, object, 'restore what was');
    return answer === undefined ? 'again' : this.#end('rolled-back', why, noteOn(action.target.kind));
  }

  /** Undefined if another version came between: it is read again. */
  async #patch(from: Values | undefined, to: Values | undefined, object: KubernetesObject, purpose: string) {
    const { action } = this.#entry;
    const type = typeOf(action.action);
    const patch = guarded(type.patch(from ?? {}, to ?? {}, object, action), object);
    this.#put({ ...this.#entry, patch });
    try {
      return await this.#options.cluster.patch(action.target, patch, {
        subresource: type.subresource,
        dryRun: false,
        purpose,
      });
    } catch (error) {
      if (error instanceof ClusterFailure && error.status === 409) return undefined;
      throw refused(error, action.target);
    }
  }

  #read(): Promise<KubernetesObject> {
    return readTarget(this.#options.cluster, this.#entry.action, 'watch an action');
  }

  #current(object: KubernetesObject): Values {
    return typeOf(this.#entry.action.action).current(object, this.#entry.action);
  }

  #isSame(one: Values, other: Values | undefined): boolean {
    return other !== undefined && typeOf(this.#entry.action.action).isSame(one, other);
  }

  #end(state: Entry['state'], why?: Why, note?: string): 'done' {
    const { note: _note, why: _why, ...rest } = this.#entry;
    this.#put({ ...rest, state, ...(why && { why }), ...(note && { note }) });
    return 'done';
  }

  /** The deadline counts from the patch: the state's time is its last change. */
  #put(entry: Entry): void {
    const isSameStep = entry.state === this.#entry.state && entry.generation === this.#entry.generation;
    this.#entry = isSameStep ? entry : { ...entry, at: timestampOf(this.#options.clock()) };
    this.#options.record(this.#entry);
  }
}

/** https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#forced-rollback */
function noteOn(kind: string): string | undefined {
  return kind === 'StatefulSet' ? 'a Pod of it that never became ready has to be deleted by hand' : undefined;
}
