// What the operating system's error codes mean to a user.

const meanings: { readonly [code: string]: string } = {
  EACCES: 'permission denied',
  EAI_AGAIN: 'the host name cannot be looked up; is there a network?',
  ECONNREFUSED: 'connection refused; is it running, and is the port right?',
  ECONNRESET: 'the connection was closed; does it speak HTTPS?',
  EHOSTUNREACH: 'there is no route to the host',
  EISDIR: 'it is a folder',
  ENETUNREACH: 'there is no network',
  ENOENT: 'it does not exist',
  ENOTDIR: 'a part of the path is not a folder',
  ENOTFOUND: 'unknown host name',
  ETIMEDOUT: 'it does not answer',
};

interface Failed {
  readonly message: string;
  readonly code?: string;
  readonly cause?: { readonly code?: string } | undefined;
}

/** The meaning of a system error, else the first line of the error. */
export function plainReason(error: unknown): string {
  const { message, code, cause } = (error instanceof Error ? error : { message: String(error) }) as Failed;
  return meanings[code ?? ''] ?? meanings[cause?.code ?? ''] ?? message.split('\n')[0] ?? '';
}
