// When to ping, and when a connection on which nothing is heard is given up. A link that is half open shows in no other way.
import type { MonotonicTime } from '../clock.ts';
import { times } from './protocol.ts';

export type Beat = 'ping' | 'dead' | undefined;

export class Heartbeat {
  #heard: MonotonicTime;
  #pinged: MonotonicTime;

  constructor(now: MonotonicTime) {
    this.#heard = now;
    this.#pinged = now;
  }

  /** Anything came: a message, a ping or its answer. */
  heard(now: MonotonicTime): void {
    this.#heard = now;
  }

  /** What is to be done now; a ping counts as sent. */
  due(now: MonotonicTime): Beat {
    if (now - this.#heard >= times.silence) return 'dead';
    if (now - this.#pinged < times.ping) return undefined;
    this.#pinged = now;
    return 'ping';
  }

  /** Milliseconds until something may be due. */
  wait(now: MonotonicTime): number {
    return Math.max(0, Math.min(this.#pinged + times.ping, this.#heard + times.silence) - now);
  }
}
