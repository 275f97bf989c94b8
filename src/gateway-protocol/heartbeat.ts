// When to ping, and when to give up a silent connection: the only way to notice a half-open link.
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

  /** Something arrived: a message, a ping or a pong. */
  heard(now: MonotonicTime): void {
    this.#heard = now;
  }

  /** What to do now; a returned ping counts as sent. */
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
