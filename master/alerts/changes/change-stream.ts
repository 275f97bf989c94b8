// Follows the change stream for all rules: matches become subjects, reported like findings. All changes of a batch to one
// resource are reported together.
import { type Clock, timestampOf } from '../../../src/clock.ts';
import type { Logger } from '../../../src/logger.ts';
import type { Steps } from '../../../src/steps.ts';
import type { GraphReader } from '../../graph/contract.ts';
import type { Change } from '../../graph/revisions/changes.ts';
import { changesAfter } from '../../graph/revisions/feed.ts';
import type { Subscription, Subscriptions } from '../../graph/subscription.ts';
import type { Subject } from '../alert.ts';
import type { ChangeSource, SubjectChange } from '../alerting.ts';
import type { AlertSettings, ChangeAlertRule } from '../settings/alert-settings.ts';
import { watchFields } from './field-watch.ts';
import { watchHealth } from './health-watch.ts';
import { watchPaths } from './path-watch.ts';
import { watchRelations } from './relation-watch.ts';
import { watchResources } from './resource-watch.ts';
import { subjectOf } from './subject.ts';
import type { ChangeWatch, Matched } from './watch.ts';

export interface ChangeStreamParts {
  readonly graph: GraphReader;
  readonly subscriptions: Subscriptions;
  readonly run: (steps: Steps<void>) => Promise<void>;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'warn' | 'error'>;
}

interface Watched {
  readonly rule: ChangeAlertRule;
  readonly watch: ChangeWatch;
  /** Reports nothing until the reference state is known. */
  isReady: boolean;
}

/** Maximum subjects per rule and batch; the excess is counted. */
const mostAtOnce = 1000;

export class ChangeStream implements ChangeSource {
  readonly #parts: ChangeStreamParts;
  readonly #listeners = new Set<(changes: readonly SubjectChange[]) => void>();
  #watched: Watched[] = [];
  #subscription: Subscription | undefined;
  #ready: Promise<unknown> = Promise.resolve();
  #left = 0;

  constructor(parts: ChangeStreamParts) {
    this.#parts = parts;
  }

  /** Matches dropped because a batch had too many. */
  get left(): number {
    return this.#left;
  }

  subscribe(listener: (changes: readonly SubjectChange[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  setRules(rules: AlertSettings['rules']): void {
    const { graph } = this.#parts;
    const known = new Map(this.#watched.map((each) => [each.rule.name, each]));
    this.#watched = rules.flatMap((rule) => {
      if (rule.kind !== 'change') return [];
      const before = known.get(rule.name);
      if (before?.rule.said === rule.said) return { ...before, rule };
      return { rule, watch: watchOf(graph, rule), isReady: false };
    });
    this.#follow();
    const begun = this.#watched.filter(({ isReady }) => !isReady).map((each) => this.#begin(each));
    this.#ready = Promise.all([this.#ready, ...begun]);
  }

  async ready(): Promise<void> {
    await this.#ready;
  }

  isSo({ rule, resource, affected }: Subject): boolean {
    if (rule === undefined) return true;
    return this.#watched.find((each) => each.rule.name === rule)?.watch.isSo({ resource, affected }) ?? false;
  }

  close(): void {
    this.#subscription?.close();
    this.#listeners.clear();
  }

  /** Starts following; without watches it does nothing. */
  #follow(): void {
    const { graph, subscriptions, logger } = this.#parts;
    if (this.#watched.length === 0) {
      this.#subscription?.close();
      this.#subscription = undefined;
      return;
    }
    this.#subscription ??= subscriptions.subscribe({
      from: graph.revision,
      next: (revision) => changesAfter(graph.changes, revision),
      sink: {
        write: ({ changes }) => this.#take(changes),
        resync: () => this.#restart(),
        fail: (error) => logger.error({ err: error }, 'alerts: changes are followed no longer'),
      },
    });
  }

  async #begin(watched: Watched): Promise<void> {
    const { run, logger } = this.#parts;
    try {
      await run(watched.watch.begin());
      watched.isReady = true;
      // Rules may have been replaced meanwhile.
      const now = this.#watched.find(({ watch }) => watch === watched.watch);
      if (now) now.isReady = true;
    } catch (err) {
      logger.error({ err }, `alerts: the rule ${watched.rule.name} is not watched for`);
    }
  }

  /** Missed changes cannot be reported: continues from the current state. */
  #restart(): boolean {
    this.#parts.logger.warn('alerts: changes came faster than they could be looked at, and some were missed');
    for (const each of this.#watched) {
      each.isReady = false;
      void this.#begin(each);
    }
    return true;
  }

  #take(changes: readonly Change[]): boolean {
    const found = this.#watched.flatMap(({ rule, watch, isReady }) =>
      isReady ? this.#ofRule(rule, watch, changes) : [],
    );
    const told = explained(found);
    if (told.length > 0) for (const listener of this.#listeners) listener(told);
    return true;
  }

  #ofRule(rule: ChangeAlertRule, watch: ChangeWatch, changes: readonly Change[]): readonly Found[] {
    const begun = new Map<string, Matched[]>();
    const ended = new Set<string>();
    const tell = {
      begin: (matched: Matched) => {
        ended.delete(matched.on.id);
        const known = begun.get(matched.on.id);
        if (known) known.push(matched);
        else if (begun.size < mostAtOnce) begun.set(matched.on.id, [matched]);
        else this.#left++;
      },
      end: (resource: string) => {
        begun.delete(resource);
        ended.add(resource);
      },
    };
    for (const change of changes) {
      try {
        watch.take(change, tell);
      } catch (err) {
        this.#parts.logger.error({ err }, `alerts: the rule ${rule.name} failed on a change`);
      }
    }
    const at = timestampOf(this.#parts.clock());
    return [
      ...[...ended].map((resource): Found => ({ change: { kind: 'end', id: idOf(rule.name, resource) } })),
      ...[...begun.values()].map((some): Found => {
        const subject = subjectOf(rule, some, idOf(rule.name, some[0]?.on.id ?? ''), at);
        return { change: { kind: 'begin', subject }, because: some.at(-1)?.because };
      }),
    ];
  }
}

interface Found {
  readonly change: SubjectChange;
  /** The removed resource that explains it. */
  readonly because?: string | undefined;
}

/** Removals caused by another reported removal are its effects. */
function explained(found: readonly Found[]): readonly SubjectChange[] {
  const begun = new Map<string, string>();
  for (const { change, because } of found)
    if (change.kind === 'begin' && because === undefined) begun.set(change.subject.resource, change.subject.id);
  return found.map(({ change, because }) => {
    const causedBy = begun.get(because ?? '');
    if (change.kind === 'end' || causedBy === undefined) return change;
    return { kind: 'begin', subject: { ...change.subject, causedBy } };
  });
}

function idOf(rule: string, resource: string): string {
  return `${rule}:${resource}`;
}

function watchOf(graph: GraphReader, { change, namespace }: ChangeAlertRule): ChangeWatch {
  const isIn = namespace ?? (() => true);
  switch (change.what) {
    case 'relation':
      return watchRelations(graph, change, isIn);
    case 'resource':
      return watchResources(graph, change, isIn);
    case 'health':
      return watchHealth(graph, change, isIn);
    case 'field':
      return watchFields(graph, change, isIn);
    case 'path':
      return watchPaths(graph, change, isIn);
  }
}
