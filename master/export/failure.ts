// A failure to send: a code for programs, a sentence for the log.
export type FailureCode =
  /** Unreachable, or no answer. */
  | 'unreachable'
  /** A status other than success. */
  | 'refused'
  /** Rejected credentials. */
  | 'unauthorized'
  /** Another run is sending there. */
  | 'busy'
  /** Another cluster was sent under this name. */
  | 'identity'
  /** The run is no longer known. */
  | 'unknown_run';

export class SendFailure extends Error {
  readonly code: FailureCode;

  constructor(code: FailureCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'SendFailure';
    this.code = code;
  }
}
