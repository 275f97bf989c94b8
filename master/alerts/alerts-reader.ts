// Queries on alerts for routes and gauges. Types only.

import type { LineFault } from '../yaml/yaml-lines.ts';
import type { Alert } from './alert.ts';
import type { AlertCounts } from './alerting.ts';
import type { ReceiverState } from './receivers/receiver.ts';
import type { Group } from './states/alert-groups.ts';
import type { Story } from './story.ts';

export interface AlertsReader {
  /** False until everything was checked once: nothing is sent before. */
  readonly isSettled: boolean;
  /** Whether sent alerts survive a restart. */
  readonly place: 'folder' | 'memory';
  alerts(): Iterable<Alert>;
  groups(): Iterable<Group>;
  receivers(): readonly ReceiverState[];
  /** Parts of the file that are ignored, and why. */
  faults(): readonly LineFault[];
  counts(): AlertCounts;
  storyOf(alert: Alert): Story;
}
