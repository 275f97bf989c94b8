// Sends the process's log to the gateway, redacted line by line.
import { redactTree } from '../redact/tree.ts';
import { redactText } from '../redact.ts';
import type { LogBatch, ShippedLog } from '../shipped-log.ts';
import type { Publisher, UplinkSource } from './source.ts';

export class LogSource implements UplinkSource {
  readonly name = 'logs';
  readonly #log: ShippedLog;
  readonly #publisher: Publisher;
  #publishing: Promise<unknown> = Promise.resolve();

  constructor(log: ShippedLog, publisher: Publisher) {
    this.#log = log;
    this.#publisher = publisher;
    log.attach((batch) => this.#publish(batch));
  }

  async close(): Promise<void> {
    this.#log.flush();
    await this.#publishing;
  }

  #publish({ lines, lost }: LogBatch): void {
    const body = { lines: lines.map(redactedLine), ...(lost > 0 ? { lost } : {}) };
    // Failed lines are lost: logging the failure would create another line to send.
    this.#publishing = this.#publisher.publish('logs', body).catch(() => undefined);
  }
}

/** The event with secrets redacted. A line that is not JSON becomes a message. */
export function redactedLine(line: string): object {
  const event = parsed(line);
  if (event === undefined) return { msg: redactText(line) };
  redactTree(event);
  return event;
}

function parsed(line: string): object | undefined {
  try {
    const event: unknown = JSON.parse(line);
    return typeof event === 'object' && event !== null && !Array.isArray(event) ? event : undefined;
  } catch {
    return undefined;
  }
}
