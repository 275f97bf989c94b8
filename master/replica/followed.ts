// The clusters that a replica follows, up to a number: each costs memory and a consumer, though nothing may stand behind its name.
import { counted } from '../../src/counted.ts';
import type { Check } from '../../src/http/health.ts';
import { LogOnce } from '../../src/log-once.ts';
import type { Logger } from '../../src/logger.ts';

export interface FollowedOptions {
  readonly logger: Pick<Logger, 'warn' | 'info'>;
  /** Begins to follow a cluster. */
  readonly follow: (cluster: string) => { close(): Promise<void> };
  readonly most?: number;
}

const usualMost = 1_000;
/** Names that are remembered of those that are not followed. */
const mostRemembered = 10_000;

export class Followed {
  readonly #options: FollowedOptions;
  readonly #most: number;
  readonly #full: LogOnce;
  readonly #all = new Map<string, { close(): Promise<void> }>();
  readonly #left = new Set<string>();

  constructor(options: FollowedOptions) {
    this.#options = options;
    this.#most = options.most ?? usualMost;
    this.#full = new LogOnce(options.logger);
  }

  add(cluster: string): void {
    if (this.#all.has(cluster)) return;
    if (this.#all.size < this.#most) {
      this.#all.set(cluster, this.#options.follow(cluster));
      return;
    }
    if (this.#left.size < mostRemembered) this.#left.add(cluster);
    this.#full.warn('the others are not followed', `more than ${this.#most} clusters publish`);
  }

  /** Those that are followed are served all the same. */
  check(): Check {
    return {
      name: 'clusters',
      check: () => true,
      note: () => (this.#left.size === 0 ? undefined : this.#note()),
    };
  }

  #note(): string {
    const others = `${this.#left.size >= mostRemembered ? 'at least ' : ''}${counted(this.#left.size, 'cluster')}`;
    return `${this.#most} are followed; ${others} more publish and are left out: choose with CLUSTER_INSIGHT_CLUSTERS`;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#all.values()].map((one) => one.close()));
  }
}
