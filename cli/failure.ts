// The end of a command without an answer: one line of advice, and an exit status for scripts.

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

export function usageFailure(message: string): Failure {
  return new Failure(exitStatus.usage, message);
}

export function failed(message: string, cause?: unknown): Failure {
  return new Failure(exitStatus.failed, message, cause);
}

export function notThere(message: string): Failure {
  return new Failure(exitStatus.no, message);
}

/** What the operating system's codes mean to a user. */
const codes: { readonly [code: string]: string } = {
  EACCES: 'permission denied',
  ECONNREFUSED: 'connection refused; is it running, and is the port right?',
  ECONNRESET: 'the connection was closed; does it speak HTTPS?',
  EHOSTUNREACH: 'there is no route to the host',
  EISDIR: 'it is a folder',
  ENETUNREACH: 'there is no network',
  ENOENT: 'it does not exist',
  ENOTDIR: 'a part of the path is not a folder',
  ENOTFOUND: 'unknown host name',
  EAI_AGAIN: 'the host name cannot be looked up; is there a network?',
  ETIMEDOUT: 'it does not answer',
};

/** The meaning of a system error, else the first line of the error. */
export function reasonOf(error: unknown): string {
  const { message, code, cause } = (error instanceof Error ? error : { message: String(error) }) as Failed;
  // A Failure is a sentence already, whatever caused it.
  const known = error instanceof Failure ? undefined : (codes[code ?? ''] ?? codes[cause?.code ?? '']);
  return known ?? message.split('\n')[0] ?? '';
}

interface Failed {
  readonly message: string;
  readonly code?: string;
  readonly cause?: { readonly code?: string } | undefined;
}
