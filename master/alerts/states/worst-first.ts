// The order of alerts in messages and lists.
import { findingSeverities } from '../../findings/contract.ts';
import type { Alert } from '../alert.ts';

export function worstFirst(alerts: readonly Alert[]): readonly Alert[] {
  return [...alerts].sort(
    (a, b) =>
      findingSeverities.indexOf(a.severity) - findingSeverities.indexOf(b.severity) ||
      (a.subject.resource < b.subject.resource ? -1 : a.subject.resource > b.subject.resource ? 1 : 0),
  );
}
