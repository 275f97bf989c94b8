// Why an action is not executed: a code for programs, a sentence for people. It is an outcome of the action, not a failure
// of the request.

export const refusalCodes = [
  /** The object is gone, or another one has its name. */
  'gone',
  'another-uid',
  'unknown-container',
  /** The current state is not the expected one. */
  'changed',
  /** The object has these values already. */
  'nothing-to-do',
  /** Not possible for this kind, or on this server. */
  'kind',
  'unsupported',
  'values',
  /** Forbidden by the policy. */
  'policy',
  'hours',
  /** Controlled by GitOps, an owner or an autoscaler. */
  'managed',
  'owned',
  'autoscaled',
  /** It would have no effect, or one that cannot be watched. */
  'strategy',
  'paused',
  'busy',
  /** Rejected by the API server, in its own words. */
  'forbidden',
  'server',
  'unreachable',
  'withdrawn',
] as const;
export type RefusalCode = (typeof refusalCodes)[number];

export class Refusal extends Error {
  readonly code: RefusalCode;

  constructor(code: RefusalCode, message: string) {
    super(message);
    this.name = 'Refusal';
    this.code = code;
  }
}
