// How sending fails: a code for programs, a sentence for the log.
export type FailureCode =
  /** It cannot be reached, or did not answer. */
  | 'unreachable'
  /** It answered with another status than the one that means success. */
  | 'refused'
  /** It refuses the credentials. */
  | 'unauthorized'
  /** Another run sends there already. */
  | 'busy'
  /** Another cluster was sent under this name. */
  | 'identity'
  /** It knows nothing of this run any more. */
  | 'unknown_run';

export class SendFailure extends Error {
  readonly code: FailureCode;

  constructor(code: FailureCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'SendFailure';
    this.code = code;
  }
}
