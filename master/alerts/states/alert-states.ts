// The state machine of alerts: it receives starts, changes and ends, and emits transitions. It reads no clock and sets no
// timer: each call passes the time, and `next` tells when to call `advance`. A subject is judged as a whole after each
// change (judge.ts), so intermediate steps and their order do not matter.
import { type FindingSeverity, findingSeverities } from '../../findings/contract.ts';
import type { Alert, EndReason, Policy, PolicyOf, Subject, Transition } from '../alert.ts';
import { DueTimes } from './due-times.ts';
import { type Damping, endOf, judge, type Verdict } from './judge.ts';

export interface AlertStatesOptions {
  readonly policyOf: PolicyOf;
  readonly damping: Damping;
  /** The maintenance that explains a subject, in words; undefined if none. */
  readonly explain: (subject: Subject) => string | undefined;
}

/** Maximum length of a chain of causes. */
const longestChain = 32;

export class AlertStates {
  readonly #explain: AlertStatesOptions['explain'];
  #policyOf: PolicyOf;
  #damping: Damping;
  readonly #alerts = new Map<string, Alert>();
  /** Keys of alerts by the key of their cause. */
  readonly #effects = new Map<string, Set<string>>();
  readonly #due = new DueTimes();
  #transitions: Transition[] = [];

  constructor({ policyOf, damping, explain }: AlertStatesOptions) {
    this.#policyOf = policyOf;
    this.#damping = damping;
    this.#explain = explain;
  }

  get size(): number {
    return this.#alerts.size;
  }

  get(key: string): Alert | undefined {
    return this.#alerts.get(key);
  }

  alerts(): Iterable<Alert> {
    return this.#alerts.values();
  }

  /** When to call `advance` if nothing happens before. */
  next(): number | undefined {
    return this.#due.next();
  }

  /** Transitions since the last call, oldest first. */
  take(): readonly Transition[] {
    return this.#transitions.splice(0);
  }

  /**
   * It holds from now on. `baseline`: it existed at the first check and is not reported itself. A repeated call means
   * another occurrence.
   */
  begin(subject: Subject, now: number, baseline = false): void {
    const known = this.#alerts.get(subject.id);
    if (!this.#policyOf(subject)) return known ? this.change(subject, now) : undefined;
    if (!known) return this.#add(subject, now, baseline);
    if (known.lingers) return this.change(subject, now);
    if (endOf(known, now) === undefined) return this.#again(known, subject, now);
    this.#speak(known, subject);
    known.isTrue = true;
    known.since = sinceOf(subject, now);
    known.until = undefined;
    known.baseline = undefined;
    if (known.firedAt === undefined) known.wasTold = undefined;
    this.#turn(known, now);
    known.begins = [...known.begins.filter((each) => each > now - this.#damping.flap.within), now];
    this.#settle(known, now);
  }

  /** It holds and was reported already. */
  adopt(subject: Subject, now: number): void {
    if (!this.#policyOf(subject) || this.#alerts.has(subject.id)) return;
    const told = { firedAt: now, wasTold: true as const, state: 'firing' as const };
    this.#put({ ...newAlert(subject, this.#severityOf(subject), now), ...told }, now);
  }

  /** It still holds but changed. */
  change(subject: Subject, now: number): void {
    const alert = this.#alerts.get(subject.id);
    if (!alert) return this.#policyOf(subject) ? this.begin(subject, now) : undefined;
    const { subject: before, state } = alert;
    this.#speak(alert, subject);
    if (isWorse(subject.severity, before.severity)) alert.baseline = undefined;
    this.#settle(alert, now);
    if (state === 'firing' && alert.state === 'firing' && this.#alerts.has(alert.key))
      this.#tell({ kind: 'changed', alert, at: now });
  }

  /** It no longer holds. */
  end(key: string, now: number): void {
    const alert = this.#alerts.get(key);
    if (alert?.lingers) alert.lingers = undefined;
    else if (!alert || endOf(alert, now) !== undefined) return;
    else {
      alert.isTrue = false;
      alert.until = now;
      this.#turn(alert, now);
    }
    this.#settle(alert, now);
  }

  /** Processes whatever is due. */
  advance(now: number): void {
    for (let key = this.#due.take(now); key !== undefined; key = this.#due.take(now)) {
      const alert = this.#alerts.get(key);
      if (alert) this.#settle(alert, now);
    }
  }

  /** Applies new settings. */
  setPolicy(policyOf: PolicyOf, damping: Damping, now: number): void {
    this.#policyOf = policyOf;
    this.#damping = damping;
    for (const alert of [...this.#alerts.values()]) this.#settle(alert, now);
  }

  /** Restores the state of an earlier process. Alerts without `isSo` have ended. */
  restore(alerts: Iterable<Alert>, isSo: (alert: Alert) => boolean, now: number): void {
    const restored = [...alerts];
    for (const alert of restored) {
      this.#alerts.set(alert.key, alert);
      this.#link(alert.subject);
      if (isSo(alert) || !alert.isTrue) continue;
      alert.isTrue = false;
      alert.until = now;
      this.#turn(alert, now);
    }
    for (const alert of restored) if (this.#alerts.has(alert.key)) this.#settle(alert, now);
  }

  /** Active ones reported through this one, at any distance. */
  effectsOf(key: string): readonly Alert[] {
    const seen = new Set([key]);
    const effects: Alert[] = [];
    for (const cause of seen) {
      for (const effect of this.#effects.get(cause) ?? []) {
        const alert = this.#alerts.get(effect);
        if (seen.has(effect) || !alert?.isTrue) continue;
        seen.add(effect);
        effects.push(alert);
      }
    }
    return effects;
  }

  // --- one alert -------------------------------------------------------------------------------------------------------

  #add(subject: Subject, now: number, baseline: boolean): void {
    const alert = newAlert(subject, this.#severityOf(subject), now);
    this.#put(baseline ? { ...alert, baseline: true } : alert, now);
  }

  #put(alert: Alert, now: number): void {
    this.#alerts.set(alert.key, alert);
    this.#link(alert.subject);
    this.#settle(alert, now);
  }

  #again(alert: Alert, subject: Subject, now: number): void {
    const times = (alert.subject.times ?? 1) + 1;
    if (alert.expires !== undefined) alert.expires = now + (this.#policyOf(subject)?.lasts ?? 0);
    const { since } = alert.subject;
    this.change(subject.class === 'change' ? { ...subject, times, since } : subject, now);
  }

  #turn(alert: Alert, now: number): void {
    alert.turned = now;
    alert.expires = undefined;
    alert.lingers = undefined;
  }

  #speak(alert: Alert, subject: Subject): void {
    if (alert.subject.causedBy !== subject.causedBy) {
      this.#unlink(alert.subject);
      this.#link(subject);
    }
    alert.subject = subject;
    const severity = this.#severityOf(subject);
    alert.severity = alert.firedAt === undefined ? severity : worse(alert.severity, severity);
  }

  #severityOf(subject: Subject): FindingSeverity {
    return this.#policyOf(subject)?.severity ?? subject.severity;
  }

  /** Judges it, and its effects if they are affected. */
  #settle(alert: Alert, now: number): void {
    const policy = this.#policyOf(alert.subject);
    if (!policy) return this.#leave(alert, alert.subject.accepted ? 'accepted' : 'settings', now);
    const verdict = judge(
      alert,
      policy,
      this.#damping,
      { cause: this.#causeOf(alert, now), explained: () => this.#explain(alert.subject) },
      now,
    );
    const wasTrue = alert.isTrue;
    const end = endOf(alert, now);
    if (end !== undefined) this.#over(alert, end);
    const before = alert.state;
    this.#apply(alert, verdict, policy, now);
    if (verdict.state === 'held' && verdict.isDue) this.#urge(alert, now);
    if (before !== alert.state || wasTrue !== alert.isTrue || !this.#alerts.has(alert.key))
      this.#settleEffects(alert, now);
  }

  #over(alert: Alert, end: number): void {
    if (!alert.isTrue) return;
    alert.isTrue = false;
    alert.until = end;
    alert.turned = end;
    alert.expires = undefined;
    if (alert.subject.class !== 'change') alert.lingers = true;
  }

  #apply(alert: Alert, verdict: Verdict, policy: Policy, now: number): void {
    const before = alert.state;
    const wasFlapping = alert.flapping !== undefined;
    alert.state = verdict.state;
    alert.explanation = verdict.explanation;
    if (verdict.state !== 'held') alert.heldBy = undefined;
    if (wasFlapping && !verdict.isFlapping) alert.begins = [];
    alert.flapping = verdict.isFlapping ? (alert.flapping ?? now) : undefined;
    if (alert.state === 'quiet' && alert.firedAt !== undefined) this.#ended(alert, 'over', now);
    const isOver = alert.state === 'quiet' && !alert.lingers;
    if (isOver && (verdict.due ?? 0) <= now) return this.#forget(alert);
    this.#due.set(alert.key, alert.state === 'quiet' && alert.lingers ? undefined : verdict.due);
    if (alert.state !== 'firing') return;
    if (before !== 'firing') this.#fire(alert, policy, now);
    else if (wasFlapping !== verdict.isFlapping) this.#tell({ kind: 'changed', alert, at: now });
  }

  #fire(alert: Alert, { lasts }: Policy, now: number): void {
    alert.firedAt = now;
    if (lasts !== undefined) {
      alert.expires = now + lasts;
      this.#due.set(alert.key, Math.min(alert.expires, this.#due.timeOf(alert.key) ?? alert.expires));
    }
    alert.baseline = undefined;
    alert.wasTold = true;
    this.#tell({ kind: 'fired', alert, at: now });
  }

  #ended(alert: Alert, reason: EndReason, now: number): void {
    // The end is reported with its old state: a new start is another life.
    this.#tell({ kind: 'ended', alert: { ...alert }, at: now, reason });
    alert.firedAt = undefined;
    alert.urged = undefined;
    alert.severity = this.#severityOf(alert.subject);
  }

  /** It is no longer to be reported. */
  #leave(alert: Alert, reason: EndReason, now: number): void {
    if (alert.firedAt !== undefined) this.#ended(alert, reason, now);
    this.#forget(alert);
    this.#settleEffects(alert, now);
  }

  #forget(alert: Alert): void {
    this.#alerts.delete(alert.key);
    this.#due.set(alert.key, undefined);
    this.#unlink(alert.subject);
  }

  #tell(transition: Transition): void {
    this.#transitions.push(transition);
  }

  // --- causes ----------------------------------------------------------------------------------------------------------

  /** The nearest cause that is reported instead. */
  #causeOf(alert: Alert, now: number) {
    if (alert.subject.causedBy === undefined) return undefined;
    const chain = this.#chainOf(alert);
    const isRound = chain.at(-1)?.subject.causedBy === alert.key;
    if (isRound && chain.every(({ key }) => alert.key < key)) return undefined;
    for (const cause of chain) {
      const until = holdOf(cause, this.#damping.hold, now);
      if (until !== undefined && until <= now) continue;
      alert.heldBy = cause.key;
      return { key: cause.key, until };
    }
    return undefined;
  }

  /** Known causes, nearest first, each once. */
  #chainOf(alert: Alert): readonly Alert[] {
    const chain: Alert[] = [];
    let at = alert.subject.causedBy;
    while (at !== undefined && at !== alert.key && chain.length < longestChain) {
      const cause = this.#alerts.get(at);
      if (!cause || chain.includes(cause)) break;
      chain.push(cause);
      at = cause.subject.causedBy;
    }
    return chain;
  }

  /** An effect is due: report its cause at once, with at least that severity. */
  #urge(effect: Alert, now: number): void {
    const cause = this.#alerts.get(effect.heldBy ?? '');
    if (!cause || endOf(cause, now) !== undefined) return;
    const isAsBad = !isWorse(effect.severity, cause.severity);
    if (!isAsBad) cause.severity = effect.severity;
    if (cause.state === 'pending' || cause.state === 'baseline') {
      cause.urged = true;
      this.#settle(cause, now);
    } else if (!isAsBad && cause.state === 'firing') this.#tell({ kind: 'changed', alert: cause, at: now });
  }

  #settleEffects(cause: Alert, now: number): void {
    for (const key of [...(this.#effects.get(cause.key) ?? [])]) {
      const effect = this.#alerts.get(key);
      if (!effect || effect.state === 'firing' || effect.state === 'quiet') continue;
      this.#settle(effect, now);
    }
  }

  #link({ id, causedBy }: Subject): void {
    if (causedBy === undefined || causedBy === id) return;
    const known = this.#effects.get(causedBy);
    if (known) known.add(id);
    else this.#effects.set(causedBy, new Set([id]));
  }

  #unlink({ id, causedBy }: Subject): void {
    if (causedBy === undefined) return;
    const known = this.#effects.get(causedBy);
    known?.delete(id);
    if (known?.size === 0) this.#effects.delete(causedBy);
  }
}

function newAlert(subject: Subject, severity: FindingSeverity, now: number): Alert {
  return {
    key: subject.id,
    subject,
    state: 'pending',
    isTrue: true,
    since: sinceOf(subject, now),
    begins: [now],
    turned: now,
    severity,
  };
}

/** Until when a cause suppresses its effects; undefined while it holds. An unreported cause suppresses nothing. */
function holdOf(cause: Alert, hold: number, now: number): number | undefined {
  const end = endOf(cause, now);
  if (end === undefined) return undefined;
  return cause.wasTold ? end + hold : end;
}

/** The subject's own time, which may be from a clock that is ahead. */
function sinceOf({ since }: Subject, now: number): number {
  const told = Date.parse(since);
  return Number.isFinite(told) ? Math.min(told, now) : now;
}

export function isWorse(a: FindingSeverity, b: FindingSeverity): boolean {
  return findingSeverities.indexOf(a) < findingSeverities.indexOf(b);
}

export function worse(a: FindingSeverity, b: FindingSeverity): FindingSeverity {
  return isWorse(a, b) ? a : b;
}
