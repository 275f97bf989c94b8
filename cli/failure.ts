// The end of a command without an answer: one line of advice, and an exit status for scripts.
import { plainReason } from '../src/plain-reason.ts';

export const exitStatus = {
  answered: 0,
  /** `diff` found a difference; the resource does not exist; there is no path. */
  no: 1,
  /** Invalid command line. */
  usage: 2,
  /** Unreadable files, or an unreachable or refusing server. */
  failed: 3,
} as const;

type ExitStatus = (typeof exitStatus)[keyof typeof exitStatus];

export class Failure extends Error {
  readonly status: ExitStatus;

  constructor(status: ExitStatus, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'Failure';
    this.status = status;
  }
}

/** A master does not take the value of a parameter. */
export class RefusedParameter extends Failure {
  readonly parameter: string;
  readonly reason: string;

  constructor(message: string, { parameter, reason }: { readonly parameter: string; readonly reason: string }) {
    super(exitStatus.usage, message);
    this.parameter = parameter;
    this.reason = reason;
  }
}

export function usageFailure(message: string): Failure {
  return new Failure(exitStatus.usage, message);
}

export function failed(message: string, cause?: unknown): Failure {
  return new Failure(exitStatus.failed, message, cause);
}

export function notThere(message: string): Failure {
  return new Failure(exitStatus.no, message);
}

/** In one line. A Failure is a sentence already: its cause is not shown. */
export function reasonOf(error: unknown): string {
  return error instanceof Failure ? (error.message.split('\n')[0] ?? '') : plainReason(error);
}
