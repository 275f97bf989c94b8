// The log: one line per event, as text for people or JSON for collectors.
import { createRequire } from 'node:module';
import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';
import type * as PinoPretty from 'pino-pretty';
import { printable } from './printable.ts';

export type { Logger };

export interface LoggerOptions {
  readonly level: string;
  readonly format: 'text' | 'json';
  /** Where lines go; default: standard output. */
  readonly destination?: DestinationStream;
  /** Where they also go, as JSON. */
  readonly copy?: DestinationStream | undefined;
}

export function createLogger({ level, format, destination, copy }: LoggerOptions): Logger {
  const output = destination ?? pino.destination({ dest: 1, sync: true });
  const sink = format === 'json' ? output : text(output);
  return pino({ level, base: null, timestamp: stdTimeFunctions.isoTime }, copy === undefined ? sink : both(sink, copy));
}

function both(sink: DestinationStream, copy: DestinationStream): DestinationStream {
  return {
    write(line) {
      sink.write(line);
      copy.write(line);
    },
  };
}

/** For programs whose standard output is their result. */
export function errorOutput(): DestinationStream {
  return pino.destination({ dest: 2, sync: true });
}

/** A logger without output, for tests. */
export const silentLogger: Logger = pino({ level: 'silent' });

const require = createRequire(import.meta.url);

function text(destination: DestinationStream): DestinationStream {
  // In a cluster the log is JSON, which needs none of this.
  const { prettyFactory } = require('pino-pretty') as typeof PinoPretty;
  const pretty = prettyFactory({
    colorize: false,
    singleLine: true,
    translateTime: 'SYS:HH:MM:ss.l',
    ignore: 'reqId,request',
    messageFormat: sentence,
    customPrettifiers: { level: (_level, _key, _log, { labelColorized }) => labelColorized.padEnd(5) },
  });
  return { write: (line) => destination.write(pretty(showable(JSON.parse(line)))) };
}

/**
 * Neutralizes line breaks and terminal control in all texts of an event, because they contain names from callers and
 * answers from others. Line breaks of an error's stack stay, except those of its message.
 */
function showable(value: unknown, key = ''): unknown {
  if (typeof value === 'string')
    return key === 'stack' ? value.split('\n').map(printable).join('\n') : printable(value);
  if (Array.isArray(value)) return value.map((item) => showable(item));
  if (typeof value !== 'object' || value === null) return value;
  const { message, stack } = value as { message?: unknown; stack?: unknown };
  const told = typeof message === 'string' && typeof stack === 'string';
  const fields = told ? { ...value, stack: stack.replaceAll(message, () => printable(message)) } : value;
  return Object.fromEntries(Object.entries(fields).map(([name, one]) => [printable(name), showable(one, name)]));
}

interface RequestFacts {
  readonly who?: string;
  /** What it calls, if the path does not tell. */
  readonly call?: string;
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly ms: number;
  /** The caller's address. */
  readonly from?: string;
  /** Its reader left, or it was cut off, before its end. */
  readonly brokenOff?: boolean;
}

/** Requests from this machine say nothing by their address. */
function isOther(address: string | undefined): address is string {
  return address !== undefined && !/^(?:::ffff:)?127\.|^::1$/.test(address);
}

/** A request as one aligned line; other events by their message. */
function sentence(log: Record<string, unknown>, messageKey: string): string {
  const request = log['request'] as RequestFacts | undefined;
  if (request === undefined) return String(log[messageKey]);
  const { status, ms, method, url, call, who, from, brokenOff } = request;
  const what = call === undefined ? '' : `  ${call}`;
  const caller = `${who === undefined ? '' : `  by ${who}`}${isOther(from) ? `  from ${from}` : ''}`;
  return `${status} ${String(ms).padStart(5)} ms  ${method} ${url}${what}${caller}${brokenOff === true ? '  ended early' : ''}`;
}
