// Commands that a gateway sends to an agent. Each is carried out once, even if it arrives repeatedly or over several connections;
// the answer is kept for repetitions.
import { LRUCache } from 'lru-cache';
import type { WallTime } from '../clock.ts';
import { Fault, fault } from '../errors.ts';
import type { Command } from '../gateway-protocol/messages.ts';

/** Returns the answer, as JSON can express it. @throws Fault, which is sent to the gateway. */
export type CommandHandler = (body: unknown) => unknown;

export interface CommandAnswer {
  readonly id: string;
  readonly ok: boolean;
  readonly result?: unknown;
  readonly error?: { readonly code: string; readonly message: string };
}

const mostRemembered = 1_024;

export class Commands {
  readonly #handlers: ReadonlyMap<string, CommandHandler>;
  readonly #answers = new LRUCache<string, Promise<CommandAnswer>>({ max: mostRemembered });

  constructor(handlers: { readonly [name: string]: CommandHandler }) {
    this.#handlers = new Map(Object.entries(handlers));
  }

  /** Never rejects. */
  carryOut(command: Command, now: WallTime): Promise<CommandAnswer> {
    const known = this.#answers.get(command.id);
    if (known !== undefined) return known;
    const answer = this.#answerOf(command, now);
    this.#answers.set(command.id, answer);
    return answer;
  }

  async #answerOf({ id, name, body, until }: Command, now: WallTime): Promise<CommandAnswer> {
    try {
      const handler = this.#handlers.get(name);
      if (handler === undefined)
        throw fault('bad_request', { reason: `there is no command ${JSON.stringify(name)} here` });
      // Not `now > moment`: an invalid date is NaN, and must count as expired.
      if (until !== undefined && !(now <= Date.parse(until)))
        throw fault('bad_request', { reason: `the command was to be carried out until ${until}` });
      return { id, ok: true, result: await handler(body) };
    } catch (error) {
      const { code, message } = error instanceof Fault ? error : fault('internal');
      return { id, ok: false, error: { code, message } };
    }
  }
}
