// The state of an alert at a moment: a pure function. It also tells when to ask again if nothing happens.
import type { Alert, AlertState, Policy } from '../alert.ts';

/** Milliseconds, and numbers. */
export interface Damping {
  /** This many starts within this time are flapping, which ends after this long without a start or end. */
  readonly flap: { readonly begins: number; readonly within: number; readonly quiet: number };
  /** How long effects stay suppressed after their cause ended. */
  readonly hold: number;
}

export interface Surroundings {
  /** The alert that is reported instead, and until when: undefined while it holds. */
  readonly cause: { readonly key: string; readonly until: number | undefined } | undefined;
  /** Called only for what would fire. */
  readonly explained: () => string | undefined;
}

export interface Verdict {
  readonly state: AlertState;
  readonly isFlapping: boolean;
  readonly explanation?: string | undefined;
  /** It would be reported without its cause. */
  readonly isDue?: true;
  /** When to ask again. */
  readonly due: number | undefined;
}

/** Milliseconds between two checks whether maintenance still explains it. */
const lookAgain = 15_000;

type Facts = Pick<
  Alert,
  'isTrue' | 'since' | 'until' | 'expires' | 'begins' | 'turned' | 'flapping' | 'baseline' | 'urged' | 'firedAt'
>;

export function judge(facts: Facts, policy: Policy, damping: Damping, around: Surroundings, now: number): Verdict {
  const isFlapping = flaps(facts, damping.flap, now);
  const end = endOf(facts, now);
  if (end === undefined) return earliest(whileTrue(facts, policy, around, isFlapping, now), facts, isFlapping, damping);
  return afterEnd(facts, policy, damping, isFlapping, end, now);
}

/** When it ended, if it did. */
export function endOf({ isTrue, until, expires }: Pick<Facts, 'isTrue' | 'until' | 'expires'>, now: number) {
  if (!isTrue) return until ?? now;
  return expires !== undefined && expires <= now ? expires : undefined;
}

function flaps({ begins, turned, flapping }: Facts, flap: Damping['flap'], now: number): boolean {
  if (flapping !== undefined) return now < turned + flap.quiet;
  return begins.filter((each) => each > now - flap.within).length >= flap.begins;
}

type Judged = Omit<Verdict, 'isFlapping'>;

function whileTrue(facts: Facts, policy: Policy, around: Surroundings, isFlapping: boolean, now: number): Judged {
  if (facts.firedAt !== undefined) return { state: 'firing', due: undefined };
  if (facts.baseline && !facts.urged) return { state: 'baseline', due: undefined };
  const firesAt = isFlapping || facts.urged ? now : facts.since + policy.for;
  if (now < firesAt) return { state: 'pending', due: firesAt };
  if (around.cause) return { state: 'held', isDue: true, due: around.cause.until };
  const explanation = around.explained();
  if (explanation !== undefined) return { state: 'explained', explanation, due: now + lookAgain };
  return { state: 'firing', due: undefined };
}

/** Also due when it ends by itself and when it was stable long enough. */
function earliest(judged: Judged, facts: Facts, isFlapping: boolean, { flap }: Damping): Verdict {
  const times = [judged.due, facts.expires, isFlapping ? facts.turned + flap.quiet : undefined];
  return { ...judged, isFlapping, due: least(times) };
}

function afterEnd(
  facts: Facts,
  policy: Policy,
  damping: Damping,
  isFlapping: boolean,
  end: number,
  now: number,
): Verdict {
  const { flap, hold } = damping;
  if (facts.firedAt !== undefined) {
    const told = isFlapping ? facts.turned + flap.quiet : end + policy.end;
    if (now < told) return { state: 'firing', isFlapping, due: told };
  }
  // Kept while its effects are suppressed and its starts are counted.
  return { state: 'quiet', isFlapping: false, due: Math.max(end + hold, facts.turned + flap.within) };
}

function least(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
