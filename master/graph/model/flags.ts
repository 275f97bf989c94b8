// The booleans of a reference as bits: thousands of claims share a reason, and a thread passes a number.
import type { Dependence, Reference } from '../../relations/relation.ts';
import {
  blocksFlag,
  defaultedFlag,
  expectedFlag,
  guessFlag,
  halfFlag,
  noneDependsFlag,
  notReadyFlag,
  optionalFlag,
  pendingFlag,
  readyFlag,
  sourceDependsFlag,
  targetDependsFlag,
  templateFlag,
  wishFlag,
} from './vertex.ts';

const dependenceFlags = { source: sourceDependsFlag, target: targetDependsFlag, none: noneDependsFlag } as const;

export function flagsOf(reference: Reference): number {
  const { optional, template, ready, defaulted, guess, agreement, blocksOwnerDeletion, dependence, absence } =
    reference;
  return (
    (optional ? optionalFlag : 0) |
    (template ? templateFlag : 0) |
    (ready === undefined ? 0 : ready ? readyFlag : notReadyFlag) |
    (defaulted ? defaultedFlag : 0) |
    (guess ? guessFlag : 0) |
    (agreement === undefined ? 0 : agreement === 'half' ? halfFlag : wishFlag) |
    (blocksOwnerDeletion ? blocksFlag : 0) |
    (dependence === undefined ? 0 : dependenceFlags[dependence]) |
    (absence === undefined ? 0 : absence === 'expected' ? expectedFlag : pendingFlag)
  );
}

type Flagged = Pick<
  Reference,
  | 'optional'
  | 'template'
  | 'ready'
  | 'defaulted'
  | 'guess'
  | 'agreement'
  | 'blocksOwnerDeletion'
  | 'dependence'
  | 'absence'
>;

/** Only the flags that are set. */
export function saidByFlags(flags: number): Flagged {
  if (flags === 0) return {};
  const dependence = dependenceSaidBy(flags);
  return {
    ...(flags & optionalFlag ? { optional: true } : {}),
    ...(flags & templateFlag ? { template: true } : {}),
    ...(flags & readyFlag ? { ready: true } : flags & notReadyFlag ? { ready: false } : {}),
    ...(flags & defaultedFlag ? { defaulted: true } : {}),
    ...(flags & guessFlag ? { guess: true } : {}),
    ...(flags & halfFlag ? { agreement: 'half' } : flags & wishFlag ? { agreement: 'wish' } : {}),
    ...(flags & blocksFlag ? { blocksOwnerDeletion: true } : {}),
    ...(dependence ? { dependence } : {}),
    ...(flags & expectedFlag ? { absence: 'expected' } : flags & pendingFlag ? { absence: 'pending' } : {}),
  };
}

function dependenceSaidBy(flags: number): Dependence | undefined {
  if (flags & sourceDependsFlag) return 'source';
  if (flags & targetDependsFlag) return 'target';
  return flags & noneDependsFlag ? 'none' : undefined;
}

/** Which end depends on the other. The end that declared the reference optional does not. */
export function dependenceOf({
  rule,
  flags,
}: {
  readonly rule: { readonly dependence: Dependence };
  readonly flags: number;
}): Dependence {
  return dependenceSaidBy(flags) ?? (flags & optionalFlag ? 'none' : rule.dependence);
}
