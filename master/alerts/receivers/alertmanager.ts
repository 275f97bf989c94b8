// Alertmanager: each instance receives all active alerts periodically, as from Prometheus. An instance that was down needs
// no queue: it gets the active ones on return, and others expire there.
import type { Clock } from '../../../src/clock.ts';
import { redactText } from '../../../src/redact.ts';
import type { Alert, Transition } from '../alert.ts';
import type { Later } from '../later.ts';
import { matches } from '../policy.ts';
import type { AlertmanagerSettings, Match } from '../settings/alert-settings.ts';
import { annotationsOf, labelsOf, type PostedAlert, postedOf } from './alertmanager-alert.ts';
import { AlertmanagerTarget, type Send } from './alertmanager-target.ts';
import type { Receiver, ReceiverState, StoryOf } from './receiver.ts';

export interface AlertmanagerParts {
  readonly name: string;
  readonly match: Match;
  readonly settings: AlertmanagerSettings;
  readonly cluster: string;
  readonly storyOf: StoryOf;
  readonly clock: Clock;
  readonly later: Later;
  /** A sender to the API at a URL, bound to an address if given. */
  readonly senderOf: (url: string, address: string | undefined) => Send;
  /** Addresses of a host name with several. */
  readonly resolve: (hostname: string) => Promise<readonly string[]>;
  readonly random?: () => number;
}

/** What one label set stands for. */
interface Posted {
  readonly alert: Alert;
  readonly texts: Pick<PostedAlert, 'labels' | 'annotations'>;
  readonly page: string | undefined;
  readonly ended?: number | undefined;
}

/** Ended alerts are sent for this long, for instances that were down: as Prometheus does. */
const toldEnded = 15 * 60_000;
/** Alerts whose description is updated per round. */
const mostToldAnew = 200;
/** Milliseconds: alerts of this time are sent together. */
const together = 100;

export class Alertmanager implements Receiver {
  readonly name: string;
  readonly #parts: AlertmanagerParts;
  /** By label set. */
  readonly #posted = new Map<string, Posted>();
  /** Current label set by alert. */
  readonly #labelSets = new Map<string, string>();
  #targets = new Map<string, AlertmanagerTarget>();
  #cancelResend: (() => void) | undefined;
  #cancelSend: (() => void) | undefined;
  readonly #fresh = new Set<string>();
  #isClosed = false;

  constructor(parts: AlertmanagerParts) {
    this.name = parts.name;
    this.#parts = parts;
  }

  /** Starts with alerts that already fire. */
  async open(firing: Iterable<Alert>): Promise<void> {
    for (const alert of firing) if (matches(this.#parts.match, alert)) this.#set(alert);
    await this.#find();
    this.#sendAll();
  }

  take(transitions: readonly Transition[]): void {
    for (const transition of transitions) {
      const { alert, kind } = transition;
      const isOwn = matches(this.#parts.match, alert);
      if (kind === 'ended') this.#end(alert.key, transition.at);
      else if (isOwn) this.#set(alert);
      else this.#end(alert.key, transition.at);
    }
    if (this.#fresh.size === 0 || this.#isClosed) return;
    this.#cancelSend ??= this.#parts.later(together, () => this.#sendFresh());
  }

  state(): ReceiverState {
    const targets = [...this.#targets.values()];
    const total = (of: (target: AlertmanagerTarget) => number) => targets.reduce((sum, each) => sum + of(each), 0);
    const failing = targets.filter(({ error }) => error !== undefined);
    const last = failing.map(({ error }) => error).at(-1);
    return {
      name: this.name,
      kind: 'alertmanager',
      state: failing.length === 0 ? 'ok' : failing.length === targets.length ? 'failing' : 'waiting',
      sent: total(({ sent }) => sent),
      failed: total(({ failed }) => failed),
      lost: total(({ refused }) => refused),
      waiting: total(({ waiting }) => waiting),
      lastSent: targets
        .flatMap(({ lastSent }) => lastSent ?? [])
        .toSorted()
        .at(-1),
      lastError: last,
      targets: targets.map(({ url, error }) => ({ url: redactText(url), ...(error ? { error: error.message } : {}) })),
    };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelResend?.();
    this.#cancelSend?.();
    await Promise.all([...this.#targets.values()].map((target) => target.close()));
  }

  // --- active alerts ---------------------------------------------------------------------------------------------------

  #set(alert: Alert): void {
    const { settings, cluster, storyOf } = this.#parts;
    const story = storyOf(alert);
    const labels = labelsOf(alert, cluster, settings.labels);
    const key = JSON.stringify(labels);
    const before = this.#labelSets.get(alert.key);
    // A changed severity is another alert there: the old one ends.
    if (before !== undefined && before !== key) this.#end(alert.key, this.#parts.clock());
    this.#labelSets.set(alert.key, key);
    this.#posted.set(key, { alert, texts: { labels, annotations: annotationsOf(alert, story) }, page: story.page });
    this.#fresh.add(key);
  }

  #end(alertKey: string, at: number): void {
    const key = this.#labelSets.get(alertKey);
    const posted = this.#posted.get(key ?? '');
    this.#labelSets.delete(alertKey);
    if (!posted || key === undefined) return;
    this.#posted.set(key, { ...posted, ended: at });
    this.#fresh.add(key);
  }

  // --- sending ---------------------------------------------------------------------------------------------------------

  #sendFresh(): void {
    this.#cancelSend = undefined;
    if (this.#isClosed) return;
    const keys = [...this.#fresh];
    this.#fresh.clear();
    const all = () => this.#postedNow(this.#posted.keys());
    for (const target of this.#targets.values()) target.post(this.#postedNow(keys), all);
  }

  /** Sends everything, and again after a while. */
  #sendAll(): void {
    if (this.#isClosed) return;
    this.#forgetEnded();
    this.#tellAnew();
    const all = () => this.#postedNow(this.#posted.keys());
    this.#fresh.clear();
    for (const target of this.#targets.values()) target.post(all(), all);
    this.#cancelResend = this.#parts.later(this.#parts.settings.resend, () => {
      void this.#find().finally(() => this.#sendAll());
    });
  }

  /** An active alert may explain more and more. */
  #tellAnew(): void {
    const standing = [...this.#posted].filter(([, { ended }]) => ended === undefined);
    for (const [key, posted] of standing.slice(0, mostToldAnew)) {
      const annotations = annotationsOf(posted.alert, this.#parts.storyOf(posted.alert));
      this.#posted.set(key, { ...posted, texts: { ...posted.texts, annotations } });
    }
  }

  #forgetEnded(): void {
    const now = this.#parts.clock();
    for (const [key, { ended }] of this.#posted)
      if (ended !== undefined && ended + toldEnded <= now) this.#posted.delete(key);
  }

  #postedNow(keys: Iterable<string>): readonly PostedAlert[] {
    const { clock, settings } = this.#parts;
    const until = clock() + 4 * settings.resend;
    return [...keys].flatMap((key) => {
      const posted = this.#posted.get(key);
      return posted ? [postedOf(posted.alert, posted.texts, posted.ended ?? until, posted.page)] : [];
    });
  }

  /** Resolves the instances again. If that fails the known ones stay. */
  async #find(): Promise<void> {
    const { settings, resolve } = this.#parts;
    const found = await Promise.all(
      settings.urls.map(async (url) => {
        const addresses = settings.resolve ? await resolve(new URL(url).hostname).catch(() => []) : [];
        return addresses.length === 0 ? [{ url }] : addresses.map((address) => ({ url, address }));
      }),
    );
    if (this.#isClosed) return;
    const before = this.#targets;
    const named = found.flat().map((each) => [nameOf(each), each] as const);
    this.#targets = new Map(named.map(([name, each]) => [name, before.get(name) ?? this.#target(name, each)]));
    for (const [name, target] of before) if (!this.#targets.has(name)) await target.close();
  }

  #target(name: string, { url, address }: Place): AlertmanagerTarget {
    const { senderOf, clock, later, settings, random } = this.#parts;
    return new AlertmanagerTarget({
      url: name,
      send: senderOf(url, address),
      clock,
      later,
      longestWait: settings.resend,
      ...(random ? { random } : {}),
    });
  }
}

interface Place {
  readonly url: string;
  readonly address?: string;
}

function nameOf({ url, address }: Place): string {
  return address === undefined ? url : `${url} at ${address}`;
}
