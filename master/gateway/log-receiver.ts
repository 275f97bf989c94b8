// Writes an agent's log into this process's log, each line with its cluster and original level. Content is redacted again,
// stays on one line, and cannot pass for another cluster's.
import { fault } from '../../src/errors.ts';
import { isRecord } from '../../src/fields.ts';
import type { Logger } from '../../src/logger.ts';
import { redactTree } from '../../src/redact/tree.ts';
import type { ReceivedRecord, Receiver } from './receiver.ts';

const levels: { readonly [level: number]: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' } = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
};

/** Fields set by this process: a duplicate from the agent would win. */
const ownFacts: ReadonlySet<string> = new Set(['cluster', 'agent', 'agentTime', 'pid', 'hostname', 'name']);
/** Maximum characters of a line; URLs and stacks are much shorter. */
const longestLine = 16_384;
/** Maximum lines per record, which has about a second of log. */
const mostLines = 10_000;

export class LogReceiver implements Receiver {
  readonly #logger: Logger;

  constructor(cluster: string, logger: Logger) {
    // Independent of the level here: the agent's own decides.
    this.#logger = logger.child({ cluster }, { level: 'trace' });
  }

  take({ body }: ReceivedRecord): void {
    const { lines, lost } = (body ?? {}) as { readonly lines?: unknown; readonly lost?: unknown };
    if (!Array.isArray(lines)) throw fault('bad_request', { reason: 'a record of logs has no lines' });
    const left = Math.max(0, lines.length - mostLines) + (typeof lost === 'number' && lost > 0 ? lost : 0);
    if (left > 0) this.#logger.warn({ lost: left }, 'lines of the agent were lost before these');
    for (const line of lines.slice(-mostLines)) if (isRecord(line)) this.#write(line);
  }

  #write(line: { readonly [name: string]: unknown }): void {
    const { level, time, msg, ...rest } = cut(line);
    const word = typeof level === 'number' ? levels[level] : undefined;
    const said = { ...rest, msg };
    redactTree(said);
    const others = Object.entries(said).filter(([name]) => name !== 'msg' && !ownFacts.has(name));
    const facts = Object.fromEntries(others.map(([name, value]) => [name, oneLine(value, name)]));
    const text = typeof said.msg === 'string' ? said.msg : '';
    this.#logger[word ?? 'info']({ ...facts, agentTime: time, agent: true }, text);
  }
}

function cut(line: { readonly [name: string]: unknown }): { readonly [name: string]: unknown } {
  const { length } = JSON.stringify(line);
  if (length <= longestLine) return line;
  const { level, time, msg } = line;
  const text = typeof msg === 'string' ? msg.slice(0, 1_000) : '';
  return { level, time, msg: `${text} (cut: the line has ${length} characters)` };
}

/** Stacks have several lines: those of another process must not start lines here. */
function oneLine(value: unknown, key = ''): unknown {
  if (typeof value === 'string') return key === 'stack' ? value.split(/\r?\n/) : value;
  if (Array.isArray(value)) return value.map((one) => oneLine(one));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, oneLine(one, name)]));
}
