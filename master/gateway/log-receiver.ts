// Writes the log of an agent into this process's own, each line with the cluster that it is of and at the level that it had there.
import { fault } from '../../src/errors.ts';
import type { Logger } from '../../src/logger.ts';
import type { ReceivedRecord, Receiver } from './receiver.ts';

const levels: { readonly [level: number]: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' } = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
};

export class LogReceiver implements Receiver {
  readonly #logger: Logger;

  constructor(cluster: string, logger: Logger) {
    // Whatever the level here is: the agent's own decides what it sends.
    this.#logger = logger.child({ cluster }, { level: 'trace' });
  }

  take({ body }: ReceivedRecord): void {
    const { lines, lost } = (body ?? {}) as { readonly lines?: unknown; readonly lost?: unknown };
    if (!Array.isArray(lines)) throw fault('bad_request', { reason: 'a record of logs has no lines' });
    if (typeof lost === 'number' && lost > 0) this.#logger.warn({ lost }, 'lines of the agent were lost before these');
    for (const line of lines) this.#write(line);
  }

  #write(line: unknown): void {
    if (typeof line !== 'object' || line === null) return;
    const { level, time, msg, ...facts } = line as { [name: string]: unknown };
    const word = typeof level === 'number' ? levels[level] : undefined;
    this.#logger[word ?? 'info']({ ...facts, agentTime: time, agent: true }, typeof msg === 'string' ? msg : '');
  }
}
