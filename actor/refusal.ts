// Why an action is not carried out: a code for programs, a sentence for people. It is an outcome of the action, and no failure
// of the request that asked for it.

export const refusalCodes = [
  /** The object is gone, or another one is of its name. */
  'gone',
  'another-uid',
  'unknown-container',
  /** What is there is not what was expected. */
  'changed',
  /** The object has it already. */
  'nothing-to-do',
  /** It can be done to no object of that kind, or this server cannot. */
  'kind',
  'unsupported',
  'values',
  /** The policy is against it. */
  'policy',
  'hours',
  /** Somebody else decides over it: GitOps, an owner, an autoscaler. */
  'managed',
  'owned',
  'autoscaled',
  /** It would not come into effect, or not in a way that can be watched. */
  'strategy',
  'paused',
  'busy',
  /** The API server is against it, in its own words. */
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
