// Joins the parts of alerting: findings and changes come in, receivers are notified. State machine, groups, stories and
// storage do not know each other.
import { type Clock, timestampOf } from '../../src/clock.ts';
import type { Logger } from '../../src/logger.ts';
import type { Finding, FindingChange, FindingSource } from '../findings/contract.ts';
import { findingSeverities } from '../findings/contract.ts';
import type { Alert, Subject, Transition } from './alert.ts';
import type { AlertStore } from './alert-store.ts';
import { Background } from './background.ts';
import type { Before } from './before.ts';
import type { Later } from './later.ts';
import { policyOf } from './policy.ts';
import type { Receiver, ReceiverState } from './receivers/receiver.ts';
import type { AlertSettings, ReceiverSettings } from './settings/alert-settings.ts';
import { AlertGroups, type Group, type Notice } from './states/alert-groups.ts';
import { AlertStates } from './states/alert-states.ts';
import { causesFirst } from './states/causes-first.ts';
import { worstFirst } from './states/worst-first.ts';
import { type Story, storyOf } from './story.ts';

/** Changes of the graph that match a rule. */
export interface ChangeSource {
  /** A repeated `begin` for something active means that it happened again. */
  subscribe(listener: (changes: readonly SubjectChange[]) => void): () => void;
  setRules(rules: AlertSettings['rules']): void;
  /** Resolves when the rules know the current state: later changes are reported. */
  ready(): Promise<void>;
  /** Whether something that an earlier process reported still holds. */
  isSo(subject: Subject): boolean;
}

export type SubjectChange =
  | { readonly kind: 'begin'; readonly subject: Subject }
  | { readonly kind: 'end'; readonly id: string };

export interface AlertingParts {
  readonly cluster: string;
  readonly source: FindingSource;
  readonly changes: ChangeSource | undefined;
  readonly settings: AlertSettings;
  /** The maintenance that explains a subject. */
  readonly explain: (subject: Subject, maintenance: AlertSettings['maintenance']) => string | undefined;
  /** `seen`: when it was first seen, in milliseconds since the epoch. */
  readonly before: (subject: Subject, seen: number | undefined) => Promise<Before>;
  readonly openReceiver: (settings: ReceiverSettings, firing: Iterable<Alert>) => Promise<Receiver>;
  /** Ids of alerts from an earlier process that a receiver still has. */
  readonly standing?: (settings: ReceiverSettings) => Promise<ReadonlySet<string>>;
  readonly store: AlertStore | undefined;
  readonly clock: Clock;
  readonly later: Later;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
}

export interface AlertCounts {
  readonly fired: ReadonlyMap<string, number>;
  readonly ended: number;
  readonly notices: number;
  /** Matching changes that were dropped because there are too many alerts. */
  readonly left: number;
}

/** Milliseconds: until unsettled findings are checked again, and until changes are written. */
const lookAgain = 200;
const saveAfter = 1000;
/** Alerts per turn that get a history of preceding changes. */
const mostTold = 20;

/** A loop can cause endless changes: above this number of alerts no new ones are created for changes. */
const mostAlerts = 20_000;

const none: ReadonlySet<string> = new Set();

export class Alerting {
  readonly #parts: AlertingParts;
  readonly #states: AlertStates;
  readonly #groups: AlertGroups;
  readonly #before = new Map<string, Before>();
  readonly #background: Background;
  #settings: AlertSettings;
  #receivers: Receiver[] = [];
  #receiverFaults: { readonly name: string; readonly message: string }[] = [];
  /** Transitions and notices not yet passed to receivers. */
  #telling = 0;
  #isSettled = false;
  #isClosed = false;
  #unsubscribe: (() => void)[] = [];
  #cancelPass: (() => void) | undefined;
  #cancelSave: (() => void) | undefined;
  #cancelLook: (() => void) | undefined;
  #counts = { fired: new Map<string, number>(), ended: 0, notices: 0, left: 0 };

  constructor(parts: AlertingParts) {
    const { settings, explain, logger } = parts;
    this.#parts = parts;
    this.#settings = settings;
    this.#background = new Background(logger);
    this.#states = new AlertStates({
      policyOf: policyOf(settings),
      damping: settings.damping,
      explain: (subject) => explain(subject, this.#settings.maintenance),
    });
    this.#groups = new AlertGroups(settings.grouping);
  }

  /** Starts once the findings are settled. */
  start(): void {
    const { source } = this.#parts;
    if (this.#isClosed) return;
    if (!source.settled) {
      this.#cancelLook = this.#parts.later(lookAgain, () => this.start());
      return;
    }
    this.#background.run(() => this.#begin());
  }

  /** Resolves when everything so far was passed to receivers. */
  settled(): Promise<void> {
    return this.#background.idle();
  }

  /** Applies new settings. */
  use(settings: AlertSettings): void {
    const { changes, clock } = this.#parts;
    this.#settings = settings;
    changes?.setRules(settings.rules);
    this.#groups.setGrouping(settings.grouping);
    this.#states.setPolicy(policyOf(settings), settings.damping, clock());
    if (!this.#isSettled) return;
    this.#background.run(() => this.#openReceivers());
    // The new settings may report what the old ones did not.
    for (const finding of this.#parts.source.current())
      if (!this.#states.get(finding.id)) this.#states.begin(finding, clock());
    this.#pass();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const cancel of [this.#cancelPass, this.#cancelSave, this.#cancelLook]) cancel?.();
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    await this.#background.idle();
    await this.#save();
    await this.#background.idle();
    await Promise.all(this.#receivers.map((receiver) => receiver.close()));
  }

  // --- queries ---------------------------------------------------------------------------------------------------------

  get isSettled(): boolean {
    return this.#isSettled;
  }

  alerts(): Iterable<Alert> {
    return this.#states.alerts();
  }

  groups(): Iterable<Group> {
    return this.#groups.groups();
  }

  receivers(): readonly ReceiverState[] {
    const left = this.#receiverFaults.map(({ name, message }) => faulty(this.#settings, name, message));
    return [...this.#receivers.map((receiver) => receiver.state()), ...left];
  }

  counts(): AlertCounts {
    return this.#counts;
  }

  storyOf(alert: Alert): Story {
    const { before = [], unknown } = this.#before.get(alert.key) ?? {};
    return storyOf(alert, {
      url: this.#settings.url,
      effectsOf: (key) => this.#states.effectsOf(key),
      before,
      unknown,
    });
  }

  // --- start -----------------------------------------------------------------------------------------------------------

  async #begin(): Promise<void> {
    const { source, changes, store, clock, logger } = this.#parts;
    const stored = await store?.load();
    changes?.setRules(this.#settings.rules);
    await changes?.ready();
    const standing = stored ? none : await this.#standing();
    if (this.#isClosed) return;
    const now = clock();
    if (stored) {
      const isSo = ({ subject, key }: Alert) =>
        subject.class === 'change' ? (changes?.isSo(subject) ?? true) : source.get(key) !== undefined;
      this.#states.restore(stored.alerts, isSo, now);
      this.#groups.restore(stored.groups, stored.roots, now);
    }
    for (const finding of source.current()) if (standing.has(finding.id)) this.#adopt(finding, now);
    const looked = stored?.savedAt ?? Number.POSITIVE_INFINITY;
    for (const finding of causesFirst([...source.current()], (each) => each)) this.#first(finding, looked, now);
    if (!stored) this.#tellBaseline(now);
    this.#isSettled = true;
    this.#unsubscribe = [source.subscribe((some) => this.#take(some))];
    if (changes) this.#unsubscribe.push(changes.subscribe((some) => this.#takeChanges(some)));
    await this.#openReceivers();
    logger.info(`alerts: ${this.#states.size} are followed, ${this.#receivers.length} receivers are told`);
    this.#pass();
  }

  /**
   * Findings of the first check are not reported. After a restart that means those that began before the previous process ended.
   */
  #first(finding: Finding, looked: number, now: number): void {
    const isOld = !(Date.parse(finding.since) >= looked);
    this.#states.begin(finding, now, isOld);
  }

  async #standing(): Promise<ReadonlySet<string>> {
    const { standing } = this.#parts;
    if (!standing) return none;
    const found = await Promise.all(this.#settings.receivers.map((settings) => standing(settings)));
    return new Set(found.flatMap((ids) => [...ids]));
  }

  /** An earlier process reported it, and nothing else is known: it continues. */
  #adopt(finding: Finding, now: number): void {
    this.#states.adopt(finding, now);
    const alert = this.#states.get(finding.id);
    if (alert) this.#groups.adopt(alert, now);
  }

  #tellBaseline(now: number): void {
    const all = worstFirst([...this.#states.alerts()].filter(({ baseline }) => baseline));
    if (all.length > 0) this.#states.begin(summaryOf(all, this.#parts.cluster, now), now);
  }

  async #openReceivers(): Promise<void> {
    const { openReceiver, logger } = this.#parts;
    const old = this.#receivers;
    this.#receivers = [];
    await Promise.all(old.map((receiver) => receiver.close()));
    this.#receiverFaults = [];
    const firing = [...this.#states.alerts()].filter(({ firedAt }) => firedAt !== undefined);
    for (const settings of this.#settings.receivers) {
      try {
        this.#receivers.push(await openReceiver(settings, firing));
      } catch (error) {
        const { message } = error as Error;
        this.#receiverFaults.push({ name: settings.name, message });
        logger.error({ err: error }, `alerts: the receiver ${settings.name} is left out`);
      }
    }
  }

  // --- run -------------------------------------------------------------------------------------------------------------

  #take(changes: readonly FindingChange[]): void {
    if (this.#isClosed) return;
    const now = this.#parts.clock();
    for (const { kind, finding } of causesFirst(changes, (change) => change.finding)) {
      if (kind === 'end') this.#states.end(finding.id, now);
      else if (kind === 'begin') this.#states.begin(finding, now);
      else this.#states.change(finding, now);
    }
    this.#pass();
  }

  #takeChanges(changes: readonly SubjectChange[]): void {
    if (this.#isClosed) return;
    const now = this.#parts.clock();
    for (const change of changes) {
      if (change.kind === 'end') this.#states.end(change.id, now);
      else if (this.#states.size < mostAlerts || this.#states.get(change.subject.id))
        this.#states.begin(change.subject, now);
      else this.#counts.left++;
    }
    this.#pass();
  }

  /** Advances whatever is due, notifies receivers, and sets the next timer. */
  #pass(): void {
    if (this.#isClosed) return;
    const { clock, later } = this.#parts;
    const now = clock();
    this.#states.advance(now);
    const transitions = this.#states.take();
    for (const transition of transitions) this.#groups.take(transition);
    const notices = this.#groups.advance(now);
    this.#count(transitions, notices);
    if (transitions.length + notices.length > 0) this.#tellInTurn(transitions, notices);
    this.#cancelPass?.();
    const next = Math.min(this.#states.next() ?? Infinity, this.#groups.next() ?? Infinity);
    this.#cancelPass = Number.isFinite(next) ? later(Math.max(0, next - now), () => this.#pass()) : undefined;
    this.#saveSoon();
  }

  #count(transitions: readonly Transition[], notices: readonly Notice[]): void {
    const { fired } = this.#counts;
    for (const { kind, alert } of transitions) {
      if (kind === 'fired') fired.set(alert.severity, (fired.get(alert.severity) ?? 0) + 1);
      else if (kind === 'ended') this.#counts.ended++;
    }
    this.#counts.notices += notices.length;
  }

  #tellInTurn(transitions: readonly Transition[], notices: readonly Notice[]): void {
    this.#telling++;
    this.#background.run(async () => {
      try {
        await this.#tell(transitions, notices);
      } finally {
        this.#telling--;
      }
    });
  }

  async #tell(transitions: readonly Transition[], notices: readonly Notice[]): Promise<void> {
    const fired = worstFirst(transitions.flatMap(({ kind, alert }) => (kind === 'fired' ? [alert] : [])));
    await Promise.all(
      fired.slice(0, mostTold).map(async (alert) => {
        const found = await this.#parts.before(alert.subject, alert.begins.at(-1));
        this.#before.set(alert.key, found);
        void found.late?.then((later) => this.#before.has(alert.key) && this.#before.set(alert.key, later));
      }),
    );
    if (transitions.length > 0) for (const receiver of this.#receivers) receiver.take?.(transitions);
    // On disk before the state that records it as sent.
    for (const notice of notices) await Promise.all(this.#receivers.map(async (receiver) => receiver.notify?.(notice)));
    for (const { kind, alert } of transitions) if (kind === 'ended') this.#before.delete(alert.key);
  }

  #saveSoon(): void {
    if (!this.#parts.store || this.#isClosed) return;
    this.#cancelSave ??= this.#parts.later(saveAfter, () => {
      this.#cancelSave = undefined;
      this.#background.run(() => this.#save());
    });
  }

  /** What counts as sent must be in the receivers' queues first, so writing waits for them. */
  async #save(): Promise<void> {
    const { store, clock, logger } = this.#parts;
    if (!store || !this.#isSettled) return;
    const isTold = () => this.#telling === 0;
    try {
      const [alerts, groups, roots] = [this.#states.alerts(), this.#groups.groups(), this.#groups.roots()];
      const stored = { savedAt: clock(), alerts: [...alerts], groups: [...groups], roots: [...roots] };
      if (isTold() && (await store.save(stored, isTold))) return;
      this.#background.run(() => this.#save());
    } catch (error) {
      logger.error({ err: error }, 'alerts: what was told could not be written down');
    }
  }
}

/** One alert for everything that existed already. */
function summaryOf(all: readonly Alert[], cluster: string, now: number): Subject {
  const counts = findingSeverities.flatMap((severity) => {
    const count = all.filter((alert) => alert.severity === severity).length;
    return count === 0 ? [] : [`${count} ${severity}`];
  });
  // An explained one needs no line of its own.
  const keys = new Set(all.map(({ key }) => key));
  const causes = all.filter(({ subject }) => !keys.has(subject.causedBy ?? ''));
  const worst = causes.slice(0, mostSaid).map(({ severity, subject }) => `${severity}: ${cut(subject.sentence)}`);
  const isBad = all.some(({ severity }) => severity === 'critical' || severity === 'high');
  const are = all.length === 1 ? '1 finding was' : `${all.length} findings were`;
  const more = causes.length > worst.length ? `; and ${causes.length - worst.length} more causes` : '';
  return {
    id: 'findings-at-start',
    name: 'findings-at-start',
    class: 'change',
    severity: isBad ? 'medium' : 'info',
    resource: `Cluster:${cluster}`,
    type: 'Cluster',
    sentence: `${are} there before alerts began (${counts.join(', ')}), and each is told only when it gets worse or comes back. ${worst.join('; ')}${more}.`,
    remedy: 'Look through /cluster/findings once: accept what is meant, and mend the rest.',
    path: [],
    affected: { count: all.length, first: [...new Set(all.slice(0, 10).map(({ subject }) => subject.resource))] },
    since: timestampOf(now),
  };
}

/** Maximum causes in the summary, and characters of each. */
const mostSaid = 8;
const longestSaid = 240;

function cut(sentence: string): string {
  return sentence.length > longestSaid ? `${sentence.slice(0, longestSaid)}…` : sentence.replace(/\.$/, '');
}

function faulty(settings: AlertSettings, name: string, message: string): ReceiverState {
  const kind = settings.receivers.find((each) => each.name === name)?.kind ?? 'webhook';
  const lastError = { at: '', message };
  return { name, kind, state: 'failing', sent: 0, failed: 0, lost: 0, waiting: 0, lastError };
}
