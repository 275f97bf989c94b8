// The log as receiver: one line per alert in the structured form of Kubernetes components: a quoted message and
// key="value".
import type { Logger } from '../../../src/logger.ts';
import type { Alert, Transition } from '../alert.ts';
import { matches } from '../policy.ts';
import type { Match } from '../settings/alert-settings.ts';
import type { Receiver, ReceiverState, StoryOf } from './receiver.ts';

export interface AlertLogParts {
  readonly name: string;
  readonly match: Match;
  readonly storyOf: StoryOf;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
}

/** Maximum lines per turn; further ones are counted. */
const mostLines = 50;

export class AlertLog implements Receiver {
  readonly name: string;
  readonly #parts: AlertLogParts;
  #sent = 0;

  constructor(parts: AlertLogParts) {
    this.name = parts.name;
    this.#parts = parts;
  }

  take(transitions: readonly Transition[]): void {
    const { match, logger } = this.#parts;
    const own = transitions.filter(({ kind, alert }) => kind !== 'changed' && matches(match, alert));
    for (const transition of own.slice(0, mostLines)) this.#write(transition);
    const left = own.length - mostLines;
    if (left > 0) logger.warn(`"More alerts at once than are logged" count=${left}`);
    this.#sent += Math.min(own.length, mostLines);
  }

  state(): ReceiverState {
    return { name: this.name, kind: 'log', state: 'ok', sent: this.#sent, failed: 0, lost: 0, waiting: 0 };
  }

  async close(): Promise<void> {}

  #write(transition: Transition): void {
    const { logger, storyOf } = this.#parts;
    const { alert, kind } = transition;
    if (kind === 'ended') return logger.info(lineOf('Alert ended', { ...keysOf(alert), reason: transition.reason }));
    const { page, effects, before } = storyOf(alert);
    const { subject } = alert;
    const proof = subject.path.map(({ from, type, to }) => `${from} ${type} ${to}`).join(', ');
    const line = lineOf('Alert fires', {
      ...keysOf(alert),
      sentence: subject.sentence,
      field: subject.field,
      proof: proof || undefined,
      affected: subject.affected.count,
      explains: effects.count,
      before: before[0] && `${before[0].at} ${before[0].resource} ${before[0].what}`,
      remedy: subject.remedy,
      url: page,
    });
    if (alert.severity === 'critical' || alert.severity === 'high') logger.error(line);
    else logger.warn(line);
  }
}

function keysOf({ subject, severity }: Alert) {
  return { alert: subject.name, severity, class: subject.class, resource: subject.resource, since: subject.since };
}

function lineOf(message: string, values: { readonly [key: string]: string | number | undefined }): string {
  const said = Object.entries(values).filter(([, value]) => value !== undefined);
  return [JSON.stringify(message), ...said.map(([key, value]) => `${key}=${JSON.stringify(value)}`)].join(' ');
}
