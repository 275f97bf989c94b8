// One run from session to commit, and its exit status.
import { type Clock, timestampOf } from '../../src/clock.ts';
import type { Logger } from '../../src/logger.ts';
import type { Destination, Session } from './destinations/destination.ts';
import { failedTypes, isComplete, type Manifest, sentenceOf } from './manifest.ts';
import type { Outcome } from './objects-export.ts';
import { runIdAt } from './run-id.ts';
import { PageSender } from './send-pages.ts';

export const exitStatus = {
  /** Everything chosen was sent and committed. */
  all: 0,
  /** Nothing was committed. */
  failed: 1,
  /** Complete types are committed, and the manifest names the others; or another run is active. */
  partial: 3,
} as const;

export type ExitStatus = (typeof exitStatus)[keyof typeof exitStatus];

export interface RunOptions<O extends Outcome> {
  readonly destination: Destination;
  readonly cluster: Session['cluster'];
  readonly override: boolean;
  /** Commits only if everything is complete. */
  readonly onlyWhole: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Reads and sends everything. */
  readonly send: (session: Session, sender: PageSender) => Promise<O>;
}

export interface RunResult<O> {
  readonly status: ExitStatus;
  /** Set after a commit. */
  readonly outcome: O | undefined;
}

/** @throws the error of sending, after telling the destination that nothing more follows. */
export async function runOnce<
  O extends Outcome & { readonly relations?: number; readonly whole?: { readonly revision: number } },
>(options: RunOptions<O>): Promise<RunResult<O>> {
  const { destination, cluster, override, onlyWhole, clock, logger, send } = options;
  const began = clock();
  const session = { run: runIdAt(began), cluster, started: timestampOf(began), override };
  const sender = new PageSender(destination);
  await destination.open(session);
  try {
    const outcome = await send(session, sender);
    const manifest = manifestOf(session, outcome, sender.count, clock());
    const failed = failedTypes(outcome);
    if (onlyWhole && failed.length > 0) {
      await destination.abort();
      logger.error(
        toldOf(manifest),
        `nothing was committed to ${destination.name}: what could not be read would seem to be gone: ${failed.slice(0, 5).join(', ')}`,
      );
      return { status: exitStatus.failed, outcome: undefined };
    }
    await destination.commit(manifest);
    const level = manifest.complete ? 'info' : 'warn';
    logger[level](toldOf(manifest), `${destination.name}: ${sentenceOf(manifest)}`);
    return { status: manifest.complete ? exitStatus.all : exitStatus.partial, outcome };
  } catch (error) {
    await destination.abort();
    throw error;
  }
}

/** Maximum types logged with reasons; the manifest has all. */
const mostTold = 20;

function toldOf({ run, cluster, types, unknown }: Manifest) {
  const gaps = Object.entries(types).filter(([, { state }]) => state !== 'complete');
  const reasons = [...gaps.map(([name, { reason = '' }]) => [name, reason] as const), ...Object.entries(unknown)];
  return {
    run,
    cluster: cluster.id,
    ...(reasons.length > 0 ? { reasons: Object.fromEntries(reasons.slice(0, mostTold)) } : {}),
  };
}

function manifestOf(
  { run, cluster, started }: Session,
  {
    types,
    unknown,
    oversize,
    relations,
    whole,
  }: Outcome & { readonly relations?: number; readonly whole?: { readonly revision: number } },
  pages: number,
  now: number,
): Manifest {
  return {
    format: 'cluster-insight-export/1',
    run,
    cluster,
    started,
    finished: timestampOf(now),
    complete: isComplete({ types, unknown, oversize }),
    pages,
    ...(relations === undefined ? {} : { relations }),
    ...(whole === undefined ? {} : { revision: whole.revision }),
    types,
    unknown,
    oversize,
  };
}
