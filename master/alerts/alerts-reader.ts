// What may be asked of alerts: by routes and by the gauges. Types only.

import type { LineFault } from '../yaml/yaml-lines.ts';
import type { Alert } from './alert.ts';
import type { AlertCounts } from './alerting.ts';
import type { ReceiverState } from './receivers/receiver.ts';
import type { Group } from './states/alert-groups.ts';
import type { Story } from './story.ts';

export interface AlertsReader {
  /** False until everything has been looked at once: nothing is told before. */
  readonly isSettled: boolean;
  /** Whether what was told outlives the process. */
  readonly place: 'folder' | 'memory';
  alerts(): Iterable<Alert>;
  groups(): Iterable<Group>;
  receivers(): readonly ReceiverState[];
  /** What of the file is left out, and why. */
  faults(): readonly LineFault[];
  counts(): AlertCounts;
  storyOf(alert: Alert): Story;
}
