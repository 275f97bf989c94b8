// The log: one line an event, as text for people or as JSON for collectors.
import { pino, type DestinationStream, type Logger, stdTimeFunctions } from 'pino';
import { PinoPretty } from 'pino-pretty';

export type { Logger };

export interface LoggerOptions {
  readonly level: string;
  readonly format: 'text' | 'json';
  /** Where the lines go; standard output when not given. */
  readonly destination?: DestinationStream;
}

export function createLogger({ level, format, destination }: LoggerOptions): Logger {
  const sink = destination ?? pino.destination({ dest: 1, sync: true });
  return pino({ level, base: null, timestamp: stdTimeFunctions.isoTime }, format === 'json' ? sink : text(sink));
}

/** A logger that says nothing, for tests. */
export const silentLogger: Logger = pino({ level: 'silent' });

function text(destination: DestinationStream): DestinationStream {
  return PinoPretty({
    destination,
    colorize: false,
    singleLine: true,
    levelFirst: false,
    translateTime: 'SYS:HH:MM:ss.l',
    sync: true,
  });
}
