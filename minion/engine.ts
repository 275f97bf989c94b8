// The node's container runtime: detected, kept while it answers, and searched again when it does not.
import type { MonotonicClock } from '../src/clock.ts';
import { Fault, fault } from '../src/errors.ts';
import type { Logger } from '../src/logger.ts';
import type { Runtime, RuntimeDriver, RuntimeLimits } from './runtimes/runtime.ts';

export interface Engine {
  /** The runtime that answers. @throws Fault `engine_down` if none does. */
  current(): Promise<Runtime>;
  /** Calls the runtime; retries once on a dead connection before the runtime counts as down. */
  call<T>(name: string, ask: (runtime: Runtime) => Promise<T>): Promise<T>;
  /** True, or why there is no runtime, as of the last call. Makes no request. */
  state(): true | string;
  close(): void;
}

export interface EngineOptions {
  /** In the order of attempts. */
  readonly sockets: readonly string[];
  readonly drivers: readonly RuntimeDriver[];
  readonly limits: RuntimeLimits;
  readonly logger: Logger;
  readonly clock: MonotonicClock;
  /** Called at the end of every call. */
  readonly observe: (name: string, outcome: string, milliseconds: number) => void;
}

/** After this many consecutive timeouts the runtime itself is checked. */
const slowInARow = 3;

export function createEngine(options: EngineOptions): Engine {
  return new DetectedEngine(options);
}

class DetectedEngine implements Engine {
  readonly #options: EngineOptions;
  readonly #limits: RuntimeLimits;
  #found: Runtime | undefined;
  #finding: Promise<Runtime> | undefined;
  #state: true | string = 'no container runtime has answered yet';
  /** Consecutive timeouts. */
  #slow = 0;
  #asking: Promise<void> | undefined;

  constructor(options: EngineOptions) {
    const { limits, logger, observe } = options;
    this.#options = options;
    this.#limits = {
      ...limits,
      refused(call, entries) {
        logger.warn({ call, entries }, 'entries of a list that the container runtime sent are nonsense and left out');
        for (let i = 0; i < entries; i++) observe(call, 'engine_nonsense', 0);
      },
    };
  }

  async current(): Promise<Runtime> {
    return this.#found ?? (this.#finding ??= this.#find());
  }

  async call<T>(name: string, ask: (runtime: Runtime) => Promise<T>): Promise<T> {
    const { clock, observe } = this.#options;
    const began = clock();
    let outcome = 'ok';
    try {
      return await this.#attempt(ask);
    } catch (error) {
      outcome = error instanceof Fault ? error.code : 'internal';
      throw error;
    } finally {
      observe(name, outcome, clock() - began);
    }
  }

  state(): true | string {
    return this.#state;
  }

  close(): void {
    this.#found?.close();
    this.#found = undefined;
  }

  async #find(): Promise<Runtime> {
    const { sockets, drivers, logger } = this.#options;
    try {
      this.#found = await firstThatAnswers(sockets, drivers, this.#limits, logger);
      this.#say(true);
      return this.#found;
    } catch (error) {
      this.#say(error instanceof Error ? error.message : String(error));
      throw error;
    } finally {
      this.#finding = undefined;
    }
  }

  #say(now: true | string): void {
    const { logger } = this.#options;
    if (now === this.#state) return;
    this.#state = now;
    if (now === true) logger.info({ runtime: this.#found?.identity }, 'container runtime found');
    else logger.warn({ reason: now }, 'container runtime lost');
  }

  async #attempt<T>(ask: (runtime: Runtime) => Promise<T>): Promise<T> {
    const runtime = await this.current();
    try {
      return await this.#answered(runtime, ask);
    } catch (error) {
      if (!isDown(error)) throw error;
    }
    // A connection from before a restart of the runtime fails at its next use: retry once with a new one.
    try {
      return await ask(runtime);
    } catch (error) {
      if (isDown(error)) this.#lose(runtime, error);
      throw error;
    }
  }

  async #answered<T>(runtime: Runtime, ask: (runtime: Runtime) => Promise<T>): Promise<T> {
    try {
      const answer = await ask(runtime);
      this.#slow = 0;
      return answer;
    } catch (error) {
      this.#slow = isSlow(error) ? this.#slow + 1 : 0;
      if (this.#slow >= slowInARow) this.#doubt(runtime);
      throw error;
    }
  }

  /** A hanging container is no hanging runtime: checks with a call about no container. */
  #doubt(runtime: Runtime): void {
    if (this.#asking) return;
    this.#asking = runtime
      .ping()
      .then(
        () => void (this.#slow = 0),
        (error: unknown) => {
          if (error instanceof Fault) this.#lose(runtime, error);
        },
      )
      .finally(() => {
        this.#asking = undefined;
      });
  }

  #lose(runtime: Runtime, error: Fault): void {
    if (runtime !== this.#found) return;
    this.#found = undefined;
    this.#slow = 0;
    runtime.close();
    this.#say(error.message);
  }
}

function isDown(error: unknown): error is Fault {
  return error instanceof Fault && error.code === 'engine_down';
}

function isSlow(error: unknown): boolean {
  return error instanceof Fault && error.code === 'engine_slow';
}

async function firstThatAnswers(
  sockets: readonly string[],
  drivers: readonly RuntimeDriver[],
  limits: RuntimeLimits,
  logger: Logger,
): Promise<Runtime> {
  let why: unknown;
  for (const socket of sockets) {
    for (const driver of drivers) {
      try {
        const runtime = await driver.open(socket, limits);
        if (runtime) return runtime;
      } catch (error) {
        // The most helpful reason is the first one other than an absent socket.
        if (why === undefined || isAbsent(why)) why = error;
        logger.debug({ socket, driver: driver.name, err: error }, 'no container runtime here');
        break;
      }
    }
  }
  if (why instanceof Fault && (!isAbsent(why) || sockets.length === 1)) throw why;
  throw fault('engine_down', { reason: 'no socket of a known runtime answers on this node' });
}

function isAbsent(error: unknown): boolean {
  return error instanceof Fault && error.facts.reason === 'ENOENT';
}
