// How a command ends when it has no answer: one line that says what to do, and an exit status that scripts can tell apart.

export const exitStatus = {
  answered: 0,
  /** `diff` found a difference; what was asked for does not exist; nothing connects the two. */
  no: 1,
  /** Invalid command line. */
  usage: 2,
  /** Files that cannot be read, a server that cannot be reached or refuses. */
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

/** The first line of what went wrong. */
export function reasonOf(error: unknown): string {
  const { message } = error instanceof Error ? error : { message: String(error) };
  return message.split('\n')[0] ?? '';
}
