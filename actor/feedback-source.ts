// Reports actions to a gateway: each new state, and after a restart or a loss all actions of the last days in the ledger again.
// The ledger outlives the process, so no separate buffer on disk is needed.
import type { Received } from '../src/gateway-protocol/messages.ts';
import type { Publisher, UplinkSource } from '../src/uplink/source.ts';
import type { Actions } from './actions.ts';
import { answerOf } from './answer.ts';
import { type Entry, isOver } from './ledger.ts';

export interface FeedbackOptions {
  readonly publisher: Publisher;
  readonly actions: Pick<Actions, 'follow' | 'all'>;
  readonly clock: () => number;
}

/** Milliseconds. An action begins seven days after its proposal at the latest, and is over soon after. */
const toldAgain = 8 * 86_400_000;
const mostToldAgain = 1_000;
/** Characters of one action. */
const longest = 64 << 10;

export class FeedbackSource implements UplinkSource {
  readonly name = 'actions';
  readonly #options: FeedbackOptions;
  readonly #unfollow: () => void;
  #toldAll = false;
  /** Records that were dropped on the way when all were told. */
  #lost = 0;
  #publishing: Promise<unknown> = Promise.resolve();

  constructor(options: FeedbackOptions) {
    this.#options = options;
    this.#unfollow = options.actions.follow((entry) => this.#tell(entry));
  }

  authorised({ actions: received }: Received): void {
    const { publisher } = this.#options;
    if (this.#toldAll && received !== undefined && publisher.lost('actions') === this.#lost) return;
    this.#toldAll = true;
    this.#lost = publisher.lost('actions');
    for (const entry of this.#remembered()) this.#tell(entry);
  }

  async close(): Promise<void> {
    this.#unfollow();
    await this.#publishing;
  }

  /** The oldest first. */
  #remembered(): Entry[] {
    const since = this.#options.clock() - toldAgain;
    const all = this.#options.actions.all();
    return all
      .filter((entry) => !isOver(entry) || Date.parse(entry.at) >= since)
      .slice(0, mostToldAgain)
      .toReversed();
  }

  #tell(entry: Entry): void {
    const { difference: _difference, original: _original, applied: _applied, ...small } = entry;
    const whole = answerOf(entry);
    const isLong = JSON.stringify(whole).length > longest;
    const note = 'the difference is too long to be told: ask the actor';
    const action = isLong ? answerOf({ ...small, note }) : whole;
    // What cannot be packed stands in the ledger.
    this.#publishing = this.#options.publisher.publish('actions', { action }).catch(() => undefined);
  }
}
