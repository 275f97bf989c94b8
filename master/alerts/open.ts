// Opens alerting: the settings file, followers of the graph, and storage. Loaded only if there is a file.
import { join } from 'node:path';
import type { Registry } from 'prom-client';
import type { Logger } from '../../src/logger.ts';
import { repeat } from '../../src/repeat.ts';
import type { FindingBook } from '../findings/book.ts';
import type { FindingSource } from '../findings/contract.ts';
import { findingRuleOf } from '../findings/declared/compile.ts';
import type { GraphReader } from '../graph/contract.ts';
import { Subscriptions } from '../graph/subscription.ts';
import type { History } from '../history/history.ts';
import { whyNotWritable } from '../history/identity.ts';
import { turns } from '../turns.ts';
import type { Alert } from './alert.ts';
import { addAlertMetrics } from './alert-metrics.ts';
import { AlertFile } from './alert-store.ts';
import { Alerting } from './alerting.ts';
import type { AlertsReader } from './alerts-reader.ts';
import { changesBefore } from './before.ts';
import { ChangeStream } from './changes/change-stream.ts';
import { timers } from './later.ts';
import { explanationOf } from './maintenance.ts';
import { tellsOf } from './policy.ts';
import { ReceiverFactory } from './receivers/open-receivers.ts';
import type { AlertSettings } from './settings/alert-settings.ts';
import { FollowedSettings } from './settings/follow-settings.ts';

export interface OpenAlertsParts {
  readonly file: string;
  readonly cluster: string;
  readonly graph: GraphReader;
  readonly findings: FindingSource;
  /** Has advice looked for until the function returned is called. */
  readonly wantAdvice: () => () => void;
  /** Where findings are declared that the file makes. */
  readonly book: FindingBook;
  /** Resolves when the graph is complete. */
  readonly whenWhole: Promise<void>;
  readonly history: Pick<History, 'life'> | undefined;
  /** The graph has unredacted values: none is sent. */
  readonly keepsValues: boolean;
  /** The history's folder, if any; undefined keeps state in memory. */
  readonly folder: string | undefined;
  readonly metrics: Registry;
  readonly proxyEnv: NodeJS.ProcessEnv;
  readonly logger: Logger;
}

/** Milliseconds: between two checks of the file, and timeout for preceding changes. */
const filePeriod = 5_000;
const patience = 1_000;

export interface OpenedAlerts extends AlertsReader {
  close(): Promise<void>;
}

export function openAlerts(parts: OpenAlertsParts): OpenedAlerts {
  const { file, cluster, graph, findings, whenWhole, history, metrics, logger } = parts;
  const followed = new FollowedSettings({ file, logger });
  followed.look();
  declare(parts.book, followed.settings);
  const advice = new WantedAdvice(parts);
  advice.use(followed.settings);
  const folder = folderOf(parts);
  const closing = new AbortController();
  const subscriptions = new Subscriptions(graph);
  const changes = new ChangeStream({
    graph,
    subscriptions,
    run: (steps) => turns.run(steps, closing.signal),
    clock: Date.now,
    logger,
  });
  const about = { cluster, folder, clock: Date.now, later: timers, logger, proxyEnv: parts.proxyEnv };
  const receivers = new ReceiverFactory({ ...about, storyOf: (alert: Alert) => alerting.storyOf(alert) });
  const alerting: Alerting = new Alerting({
    cluster,
    source: findings,
    changes,
    settings: followed.settings,
    explain: (subject, maintenance) => explanationOf(graph, subject, maintenance),
    before: (subject, seen) => changesBefore(history, subject, { patience, values: !parts.keepsValues, seen }),
    openReceiver: (settings, firing) => receivers.open(settings, firing),
    standing: (settings) => receivers.standing(settings),
    store: folder === undefined ? undefined : new AlertFile(folder),
    clock: Date.now,
    later: timers,
    logger,
  });
  const reader: AlertsReader = {
    get isSettled() {
      return alerting.isSettled;
    },
    place: folder === undefined ? 'memory' : 'folder',
    alerts: () => alerting.alerts(),
    groups: () => alerting.groups(),
    receivers: () => alerting.receivers(),
    faults: () => followed.faults,
    counts() {
      const counts = alerting.counts();
      return { ...counts, left: counts.left + changes.left };
    },
    storyOf: (alert) => alerting.storyOf(alert),
  };
  addAlertMetrics(metrics, () => reader);
  const look = () => {
    if (!followed.look()) return;
    declare(parts.book, followed.settings);
    advice.use(followed.settings);
    alerting.use(followed.settings);
  };
  const unlook = repeat(filePeriod, look, logger);
  whenWhole.then(
    () => alerting.start(),
    (err: unknown) => logger.debug({ err }, 'no alerts are sent'),
  );
  return Object.assign(reader, {
    async close() {
      unlook();
      advice.close();
      closing.abort(new Error('the process ends'));
      changes.close();
      await alerting.close();
      subscriptions.close();
    },
  });
}

/** Advice is looked for as long as a rule of the file tells some of it. */
class WantedAdvice {
  readonly #parts: Pick<OpenAlertsParts, 'book' | 'wantAdvice'>;
  #release: (() => void) | undefined;

  constructor(parts: Pick<OpenAlertsParts, 'book' | 'wantAdvice'>) {
    this.#parts = parts;
  }

  use(settings: AlertSettings): void {
    const { book, wantAdvice } = this.#parts;
    const advice = book.rules.filter((rule) => rule.class === 'advice');
    const isTold = advice.some(({ name }) => tellsOf(settings, name));
    if (isTold) this.#release ??= wantAdvice();
    else this.close();
  }

  close(): void {
    this.#release?.();
    this.#release = undefined;
  }
}

function declare(book: FindingBook, { rules }: AlertSettings): void {
  const declared = rules.flatMap((rule) => (rule.kind === 'finding' && rule.declared ? [rule.declared] : []));
  if (declared.length + book.own.length > 0) book.declare(declared.map(findingRuleOf), 'alerts');
}

function folderOf({ folder, logger }: OpenAlertsParts): string | undefined {
  if (folder === undefined) {
    logger.info('alerts: what was told is kept in memory: with CLUSTER_INSIGHT_HISTORY_DIR it outlives a restart');
    return undefined;
  }
  const own = join(folder, 'alerts');
  const why = whyNotWritable(own);
  if (why === undefined) return own;
  logger.warn(`alerts: what was told is kept in memory, and ends with the process: ${why}`);
  return undefined;
}
