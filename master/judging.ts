// Opens the evaluation of the graph: findings, and alerts about them.
import type { Registry } from 'prom-client';
import type { Logger } from '../src/logger.ts';
import { repeat } from '../src/repeat.ts';
import type { Config } from '../src/settings/config.ts';
import { environment } from '../src/settings/environment.ts';
import type { AlertsReader } from './alerts/alerts-reader.ts';
import { FindingBook } from './findings/book.ts';
import { DeclaredWatch } from './findings/declared/follow.ts';
import { FindingsDesk } from './findings/desk.ts';
import { findingRules } from './findings/index.ts';
import { SettingsWatch } from './findings/settings-watch.ts';
import type { HistoryPlace, OpenedHistory } from './history/open.ts';
import { type MemoryGuard, notesFor } from './memory-guard.ts';
import type { ClusterReading } from './open-reading.ts';
import type { ServedCluster } from './served-cluster.ts';
import { turns } from './turns.ts';

/** Milliseconds between two checks of the findings' settings. */
const settingsPeriod = 5_000;
/** Milliseconds that answers with counts of findings wait for the latest changes to be judged. */
const patience = 500;

/** Searches once the graph is complete; reads the settings before. */
function openFindings({ config, reading, limit, logger }: JudgingParts, opening: AsyncDisposableStack): FindingsDesk {
  const { engine, writer } = reading.graph;
  const notes = notesFor();
  const book = new FindingBook(findingRules, reading.series, reading.pastUse);
  const told = new Set<string>();
  const desk = new FindingsDesk({
    graph: engine,
    book,
    clock: Date.now,
    run: turns.run,
    // A gateway is told all of it.
    sparesAdvice: config.gateway === undefined,
    patience,
    room: () => (limit.closed ? 0 : notes),
    onError: (error) => logger.error({ err: error }, 'findings could not be kept'),
    onProblem({ rule, id, error }) {
      if (!told.has(rule)) logger.warn({ err: error, id }, `the finding ${rule} failed`);
      told.add(rule);
    },
  });
  opening.defer(() => desk.close());
  if (config.findings.length > 0) {
    const watch = new SettingsWatch({ paths: config.findings, book, writer, clock: Date.now, logger });
    watch.look();
    opening.defer(repeat(settingsPeriod, () => watch.look(), logger));
  }
  if (config.rules.length > 0) {
    const watch = new DeclaredWatch({ paths: config.rules, book, writer, clock: Date.now, logger });
    watch.look();
    opening.defer(repeat(settingsPeriod, () => watch.look(), logger));
  }
  reading.synced.then(() => desk.start()).catch((err: unknown) => logger.debug({ err }, 'no findings are kept'));
  return desk;
}

export interface JudgingParts {
  readonly config: Config;
  readonly reading: ClusterReading;
  readonly history: OpenedHistory | undefined;
  readonly place: HistoryPlace | undefined;
  readonly served: ServedCluster;
  readonly metrics: Registry;
  readonly limit: MemoryGuard;
  readonly logger: Logger;
}

/** Findings, and alerts for their receivers. */
export async function openJudging(parts: JudgingParts, opening: AsyncDisposableStack) {
  const findings = openFindings(parts, opening);
  return { findings, alerts: await openAlerting(parts, findings, opening) };
}

/** Loads nothing without receivers. */
async function openAlerting(
  { config, reading, history, place, served, metrics, logger }: JudgingParts,
  findings: FindingsDesk,
  opening: AsyncDisposableStack,
): Promise<AlertsReader | undefined> {
  if (config.alerts === undefined) return undefined;
  const { openAlerts } = await import('./alerts/open.ts');
  const alerts = openAlerts({
    file: config.alerts,
    cluster: served.clusterName,
    graph: reading.graph.engine,
    findings: findings.findings,
    wantAdvice: () => findings.wantAdvice(),
    book: findings.book,
    whenWhole: reading.synced,
    history: history?.whole(),
    folder: place?.folder,
    keepsValues: config.keepValues,
    metrics,
    proxyEnv: environment,
    logger,
  });
  opening.defer(() => alerts.close());
  return alerts;
}
